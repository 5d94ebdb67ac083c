# SPDX-License-Identifier: GPL-2.0-or-later
"""A signal ends vsdump while the reader of its output stalls, and a slow one gets everything.

    stalled_reader_test.py VSDUMP
"""
import fcntl
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

VSDUMP = os.path.realpath(sys.argv.pop())
SAMPLE = pathlib.Path(__file__).parents[3] / "samples/socat.pcap"
PATIENCE = 120  # seconds; a busy machine is slow
USER = ["-Z", "root"] if os.geteuid() == 0 else []
SAYS = b"a signal has asked to end, and nothing was read from it for a second"


class StalledReader(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        sample = SAMPLE.read_bytes()
        cls.large = cls.folder / "large"  # of many reads, for two threads
        cls.large.write_bytes(sample[:24] + sample[24:] * (8_000_000 // len(sample)))

    def start(self, *words, out, errors=subprocess.PIPE):
        """vsdump, whose reader has not read until its output is full."""
        program = subprocess.Popen([VSDUMP, *USER, *map(str, words), "-r", self.large], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=errors)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        if program.stderr:
            self.addCleanup(program.stderr.close)
        return program

    def await_full(self, descriptor):
        """Returns once what is written to has had no room for a while."""
        deadline, full_since = time.monotonic() + PATIENCE, None
        while full_since is None or time.monotonic() - full_since < 0.3:
            self.assertLess(time.monotonic(), deadline)
            has_room = select.select([], [descriptor], [], 0)[1]
            full_since = None if has_room else full_since or time.monotonic()
            time.sleep(0.02)

    def end(self, program, number):
        program.send_signal(number)
        self.assertEqual(program.wait(PATIENCE), 2)  # of the signal itself it would be negative
        return program.stderr.read()

    def pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        return reader, writer

    def test_that_does_not_read_a_pipe(self):
        for words in (["-q"], ["--json"], ["-l"], ["-w", "-"], ["--pcapng", "-w", "-"],
                      ["-U", "-w", "-"], ["--print", "-w", "/dev/null"]):
            with self.subTest(words=words):
                _, writer = self.pipe()
                program = self.start(*words, out=writer)
                self.await_full(writer)
                # What others have is not made non-blocking.
                self.assertFalse(fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK)
                said = self.end(program, signal.SIGINT)
                self.assertIn(b"cannot write to standard output: " + SAYS, said)
                wanted = b" whole packets had been written to it." if "-" in words else b" bytes had been written to it."
                self.assertIn(wanted, said)

    def test_that_does_not_read_a_fifo(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        watched = os.open(fifo, os.O_WRONLY)
        self.addCleanup(os.close, watched)
        program = self.start("-w", fifo, out=subprocess.DEVNULL)
        self.await_full(watched)
        self.assertIn(b" whole packets had been written to it.", self.end(program, signal.SIGTERM))

    def test_that_does_not_read_a_socket_or_a_terminal(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        for out in (theirs.fileno(), slave):
            program = self.start("-q", out=out)
            self.await_full(out)
            self.assertIn(SAYS, self.end(program, signal.SIGTERM))

    def test_that_does_not_read_standard_error_either(self):
        _, writer = self.pipe()
        program = self.start("-q", out=writer, errors=writer)
        self.await_full(writer)
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(PATIENCE), 2)

    def test_that_reads_slowly_gets_everything(self):
        for words, ends in ((["-q"], b"\n"), (["-w", "-"], None)):
            reader, writer = self.pipe()
            # Which leaves no room for long: vsdump sees only that there is less to be read.
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
            program = self.start(*words, out=writer)
            self.await_full(writer)
            program.send_signal(signal.SIGINT)
            got = b""
            until = time.monotonic() + 3
            while time.monotonic() < until:
                got += os.read(reader, 100)
                time.sleep(0.25)
            self.assertIsNone(program.poll())
            os.set_blocking(reader, False)
            while program.poll() is None or select.select([reader], [], [], 0)[0]:
                if select.select([reader], [], [], 0.05)[0]:
                    got += os.read(reader, 65536)
            self.assertEqual(program.returncode, 0)
            self.assertGreater(len(got), 4096)
            if ends:
                self.assertTrue(got.endswith(ends))
            else:
                self.assertTrue(self.large.read_bytes().startswith(got))


if __name__ == "__main__":
    unittest.main()
