# SPDX-License-Identifier: GPL-2.0-or-later
"""The program under test, capturing, and the state of the machine around it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "vsdump"
PATIENCE = int(os.environ.get("VSDUMP_PATIENCE", "60"))  # seconds for what takes none on an idle machine
HERE = Path(__file__).resolve().parent

Counters = namedtuple("Counters", "captured received dropped")


def eventually(condition, seconds=PATIENCE, pause=0.02):
    """Whether the condition becomes true; there is a pause between two looks."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def run(*command, check=True, **options):
    """Runs a program to its end and returns what it has printed and said."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": PATIENCE, **options}
    return subprocess.run([str(word) for word in command], check=check, **options).stdout


def devices():
    """The network devices of this namespace."""
    return set(os.listdir("/sys/class/net"))


def taps():
    """How many vsockmon devices are up, in all namespaces."""
    path = Path("/sys/module/vsockmon/refcnt")
    return int(path.read_text()) if path.exists() else 0


def settled(name):
    """How many packets a device in the open has shown, once no more come."""
    path = Path(f"/sys/class/net/{name}/statistics/rx_packets")
    before = -1
    while before != (now := int(path.read_text())):
        before = now
        time.sleep(0.5)
    return now


@contextmanager
def device(name="vsockmon0", up=True):
    """A vsockmon device in the open."""
    run("ip", "link", "add", name, "type", "vsockmon")
    if up:
        run("ip", "link", "set", name, "up")
    try:
        yield name
    finally:
        run("ip", "link", "del", name, check=False)


class Vsdump:
    """vsdump at work. It captures when the constructor returns, unless it has ended with an error.

    `before` are words before the program's name, such as setpriv's; `stdout` is where its packets go instead
    of `lines`. The block's end ends the program."""

    def __init__(self, *arguments, before=(), stdout=subprocess.PIPE, program=PROGRAM, ready="listening on"):
        command = [*before, program, *arguments]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.status = None
        self.lines, self._words = [], []
        self._readers = [self._collect(self.process.stderr, self._words)]
        if self.process.stdout:
            self._readers.append(self._collect(self.process.stdout, self.lines))
        if not eventually(lambda: self.said(ready) or self.process.poll() is not None):
            self.process.kill()
            raise RuntimeError(f"{command} never said that it listens: {self.stderr}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.end(signal.SIGKILL)

    @staticmethod
    def _collect(stream, into):
        """Reads a stream to its end in the background."""

        def read():
            with stream:
                for line in stream:
                    into.append(line.decode(errors="surrogateescape"))

        thread = threading.Thread(target=read)
        thread.start()
        return thread

    @property
    def stderr(self):
        """What it has said."""
        return "".join(self._words)

    @property
    def stdout(self):
        """What it has printed."""
        return "".join(self.lines)

    def said(self, words):
        """Whether it has said that."""
        return words in self.stderr

    def send(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end."""
        self.status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        return self

    def end(self, number=signal.SIGINT):
        """Stops it and waits for its end."""
        self.send(number)
        return self.wait()

    def packets(self):
        """With --json: what it has printed."""
        return [json.loads(line) for line in self.lines]

    def count(self, what):
        """The last number said about packets "captured", "received by filter" or "dropped by kernel"."""
        found = re.findall(rf"(\d+) packets? {what}", self.stderr)
        return int(found[-1]) if found else None

    def counters(self):
        """Its last counters."""
        return Counters(self.count("captured"), self.count("received by filter"), self.count("dropped by kernel"))

    def told(self):
        """The counters as it tells them on SIGUSR1."""
        before = self.stderr.count("dropped by kernel")
        self.send(signal.SIGUSR1)
        if not eventually(lambda: self.stderr.count("dropped by kernel") > before):
            raise RuntimeError("it does not answer SIGUSR1")
        return self.counters()

    def procStatus(self):
        """/proc/PID/status as a dictionary."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}

    def writes(self):
        """How many write() calls it has made so far."""
        return int(re.search(r"syscw: (\d+)", Path(f"/proc/{self.pid}/io").read_text()).group(1))


def ops(packets, op):
    """How many packets of a virtio op there are among those of --json."""
    return sum(packet.get("virtio", {}).get("op") == op for packet in packets)


@contextmanager
def flood(**values):
    """Traffic over loopback, from another process, that goes on until the end of the block."""
    command = [sys.executable, HERE / "traffic.py", "flood", *(f"{key}={value}" for key, value in values.items())]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()  # it is connected
            yield process
        finally:
            process.terminate()
            process.communicate()
