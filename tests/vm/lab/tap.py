# SPDX-License-Identifier: GPL-2.0-or-later
"""vsockmon devices and tcpdump as the reference recorder."""

import re
import signal
import subprocess
import threading
import time


def load(*modules):
    """Loads kernel modules; which ones are there decides the way of a packet."""
    for module in modules:
        subprocess.run(["modprobe", module], check=True)


class Tap:
    """A vsockmon device that is up; gone at the end of the block."""

    def __init__(self, name="vsockmon0"):
        self.name = name

    def __enter__(self):
        subprocess.run(["ip", "link", "add", self.name, "type", "vsockmon"], check=True)
        subprocess.run(["ip", "link", "set", self.name, "up"], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "link", "del", self.name], check=True)

    def packets(self):
        """How many packets the kernel has given to this device."""
        with open(f"/sys/class/net/{self.name}/statistics/rx_packets") as file:
            return int(file.read())


class Recorder:
    """A capture program that writes a file; at the end of the block all that passed is in it.

    `command` is any program that says on standard error that it captures, and stops on SIGINT."""

    STARTED = re.compile(r"listening on|^Capturing on|^File: ", re.MULTILINE)

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.stderr = ""
        self._listening = threading.Event()

    def __enter__(self):
        self._process = subprocess.Popen(self.command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._listening.wait(30) or self._process.poll() is not None:
            self._process.kill()
            raise RuntimeError(f"{self.command[0]} does not capture: {self.stderr}")
        return self

    def _read(self):
        for line in self._process.stderr:
            self.stderr += line
            if self.STARTED.search(line):
                self._listening.set()
        self._listening.set()

    def settle(self):
        """Waits until the program has taken all packets out of the kernel's ring."""
        time.sleep(1.5)  # libpcap hands a block over after a second at the latest

    def __exit__(self, *_):
        self.settle()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        self._reader.join(30)

    def count(self, what="captured"):
        """The last number said about packets "captured", "received by filter" or "dropped by kernel"."""
        found = re.findall(rf"(\d+) packets? {what}", self.stderr)
        return int(found[-1]) if found else None


class Tcpdump(Recorder):
    """tcpdump writing a file: the reference. Not in immediate mode, where libpcap's ring has one place of
    snapshot length for each packet, so that few fit."""

    def __init__(self, path, *options, tap="vsockmon0"):
        super().__init__(["tcpdump", "-i", tap, "-B", "32768", "-U", "-Z", "root", "-w", path, *options])

    def settle(self):
        """tcpdump throws away what is in its ring when it is stopped, so ask it until all is taken."""
        for _ in range(60):
            before = len(self.stderr)
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(0.25)
            said = self.stderr[before:]
            if "captured" in said and self.count() == self.count("received by filter") - self.count("dropped by kernel"):
                return
