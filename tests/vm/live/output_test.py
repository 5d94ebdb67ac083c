# SPDX-License-Identifier: GPL-2.0-or-later
"""What a capture prints and says, when, and what signals and closed pipes do to it."""

import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import PATIENCE, PROGRAM, Vsdump, device, eventually, flood, ops, run, settled, taps


def setUpModule():
    load("vsock_loopback")


@contextmanager
def conversation(port=5100):
    """A connection whose client sends a packet for each call."""
    with traffic.connection(Log(), traffic.LOCAL, port) as (client, server):
        yield lambda: client.sock.send(b"x")
        client.close()
        server.toTheEnd()


class Terminal:
    """The other side of a terminal that a program prints on."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.master)
        os.close(self.slave)

    def shows(self, words, times):
        """Whether these words appear on the terminal so often within reasonable time."""
        end = time.monotonic() + PATIENCE
        while self.text.count(words) < times:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                return False
            self.text += os.read(self.master, 65536).decode()
        return True


class Lines(unittest.TestCase):
    def testComeOneByOneOnATerminal(self):
        with Terminal() as terminal, Vsdump(stdout=terminal.slave) as capture, conversation() as send:
            for number in range(1, 21):
                send()
                self.assertTrue(terminal.shows(" RW 1", number), terminal.text)
            capture.end()

    def testComeOneByOneThroughAPipeToo(self):
        for arguments in ([], ["-l"], ["--json"]):
            with self.subTest(arguments=arguments), Vsdump(*arguments) as capture, conversation() as send:
                for number in range(3, 23):
                    send()
                    self.assertTrue(eventually(lambda: len(capture.lines) >= number))
                capture.end()

    def testAreWrittenInLargePiecesIntoAFile(self):
        with open("/tmp/lines", "wb") as file, Vsdump(stdout=file) as capture:
            capture.send(signal.SIGSTOP)
            traffic.burst(Log(), count=5000)
            capture.send(signal.SIGCONT)
            self.assertTrue(eventually(lambda: capture.told().captured >= 5000))
            self.assertLess(capture.writes(), 500)
            capture.end()
        with open("/tmp/lines", encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), capture.counters().captured)

    def testAreWrittenOneByOneWithU(self):
        with open("/tmp/lines", "wb") as file, Vsdump("-U", stdout=file) as capture:
            traffic.burst(Log(), count=200)
            self.assertTrue(eventually(lambda: capture.told().captured >= 200))
            self.assertGreater(capture.writes(), 200)
            capture.end()

    def testAreThoseOfTcpdumpWithQ(self):
        # Both look at the same device, so that a packet has one time for both.
        for arguments in (["-tt"], ["-tt", "-vv", "-X"], ["-#", "-ttt", "-A"]):
            with self.subTest(arguments=arguments), device(), Vsdump("-q", "-i", "vsockmon0", *arguments) as ours:
                with Vsdump("-l", "-i", "vsockmon0", "-Z", "root", *arguments, program="tcpdump") as theirs:
                    traffic.hello(Log())
                    traffic.refused(Log())
                    # tcpdump throws away at its end what it has not looked at.
                    passed = settled("vsockmon0")
                    self.assertTrue(eventually(lambda: theirs.told().captured == passed))
                    ours.end()
                    theirs.end()
                when = re.compile(r"^( *\d+  )?[\d.:]+ ", re.MULTILINE)
                # A newline at the end is where tcpdump was interrupted.
                self.assertEqual(when.sub(r"\1", ours.stdout), when.sub(r"\1", theirs.stdout)[:-1])

    def testAreOfPacketsAsTheyPassed(self):
        with Vsdump("-t") as capture:
            traffic.refused(Log(), port=5002)
            capture.end()
        request, reset = capture.lines
        self.assertRegex(request, r"^VIRTIO 1\.\d+ > 1\.5002 CONNECT, length 76: #0 local -> local REQUEST buf_alloc 262144\n$")
        self.assertRegex(reset, r"^VIRTIO 1\.5002 > 1\.\d+ DISCONNECT, length 76: #0 <- RST after [\d.]+ [um]s ! connect-refused\n$")

    def testOfMessagesNameTheirEnds(self):
        with Vsdump("--json") as capture:
            traffic.messages(Log(), sizes="1,70000,9")
            capture.end()
        payload = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
        self.assertEqual({packet["virtio"]["type"] for packet in payload}, {"seqpacket"})
        self.assertEqual([packet["payload_length"] for packet in payload], [1, 65536, 4464, 9])
        self.assertEqual([packet["virtio"]["flag_names"] for packet in payload], [["eom"], [], ["eom"], ["eom", "eor"]])

    def testAreCutAtTheSnapshotLength(self):
        for arguments, length in ((["--headers-only"], 76), (["-s", "100"], 100)):
            with self.subTest(arguments=arguments), Vsdump("--json", *arguments) as capture:
                traffic.burst(Log(), count=10, size=1000)
                capture.end()
                payload = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
                self.assertEqual({(p["captured_length"], p["length"], p["payload_length"]) for p in payload}, {(length, 1076, 1000)})
                self.assertEqual(len(payload), 10)
                self.assertIn(f"snapshot length {length} bytes\n", capture.stderr)


class Count(unittest.TestCase):
    def testEndsTheCapture(self):
        with flood():
            for count in (1, 3, 100):
                with self.subTest(count=count), Vsdump("-c", count) as capture:
                    capture.wait()
                    self.assertEqual(capture.status, 0)
                    self.assertEqual(len(capture.lines), count)
                    self.assertIn(f"\n{count} packet{'s' if count > 1 else ''} captured\n", capture.stderr)
                    self.assertGreaterEqual(capture.counters().received, count)
                    self.assertTrue(eventually(lambda: taps() == 0))

    def testIsOfWantedPackets(self):
        with Vsdump("--json", "-c", "3", "greater", "100") as capture:
            traffic.burst(Log(), count=10, size=100)
            capture.wait()
            self.assertEqual(ops(capture.packets(), "rw"), 3)


class Said(unittest.TestCase):
    """On standard error, beside tcpdump at the same device."""

    def said(self, program, *arguments):
        """What a program says about a capture of one refused connection."""
        with device(), Vsdump("-i", "vsockmon0", *arguments, program=program) as capture:
            traffic.refused(Log())
            if "-c" in arguments:
                capture.wait()
            else:
                self.assertTrue(eventually(lambda: capture.told().captured == 2))
                capture.end()
        # What SIGUSR1 has made it say stands between tcpdump's own newlines.
        said = [line for line in capture.stderr.splitlines() if line and " captured, " not in line]
        return [re.sub("^(tcpdump|vsdump):", "PROGRAM:", line) for line in said]

    def testIsWhatTcpdumpSays(self):
        for arguments in ([], ["-v"], ["-s", "100"], ["-c", "2"]):
            with self.subTest(arguments=arguments):
                theirs = self.said("tcpdump", "-Z", "root", *arguments)
                self.assertTrue(theirs[0].startswith("PROGRAM: "))
                self.assertEqual(theirs[-3:], ["2 packets captured", "2 packets received by filter", "0 packets dropped by kernel"])
                self.assertEqual(self.said(PROGRAM, *arguments), theirs)

    def testOnSigusr1IsWhatTcpdumpSays(self):
        for program in ("tcpdump", PROGRAM):
            with device(), Vsdump("-i", "vsockmon0", program=program) as capture:
                traffic.refused(Log())
                self.assertTrue(eventually(lambda: capture.told().captured == 2))
                self.assertIn(f"\n{program}: 2 packets captured, 2 packets received by filter, 0 packets dropped by kernel\n", capture.stderr)
                traffic.refused(Log())
                self.assertTrue(eventually(lambda: capture.told().captured == 4))
                capture.end()

    def testOfAFilterThatIsNoneIsOneSentenceAndADrawing(self):
        refused = Vsdump("link[").wait()
        self.assertEqual(refused.status, 2)
        said, filterText, caret = refused.stderr.splitlines()
        self.assertTrue(said.startswith("vsdump: cannot read the filter: "), said)
        self.assertEqual(filterText.strip(), "link[")
        self.assertEqual(caret.strip().strip("~"), "^")
        self.assertTrue(eventually(lambda: taps() == 0))


class DirectionOption(unittest.TestCase):
    def testIsRefusedWhereThereIsOnlyLoopback(self):
        self.assertFalse(Path("/sys/module/vhost_vsock").exists())
        for direction in ("in", "out"):
            refused = Vsdump("-Q", direction).wait()
            self.assertEqual(refused.status, 2)
            self.assertIn("this machine has no CID of its own", refused.stderr)
            self.assertIn("Leave -Q out.", refused.stderr)

    def testOfBothWaysMeansNothingAndIsFine(self):
        with Vsdump("-Q", "inout", "--json") as capture:
            traffic.hello(Log())
            capture.end()
            self.assertEqual(ops(capture.packets(), "rw"), 2)


class ClosedPipe(unittest.TestCase):
    def testIsNoError(self):
        with flood():
            for arguments in ("-l", "--json", "-q"):
                with self.subTest(arguments=arguments):
                    words = f"{PROGRAM} {arguments} | head -n 3; echo status ${{PIPESTATUS[0]}}"
                    said = run("bash", "-c", words, stderr=subprocess.DEVNULL).splitlines()
                    self.assertEqual(len(said), 4, said)
                    self.assertEqual(said[-1], "status 0")

    def testEndsTheCaptureWithStatusZero(self):
        with flood():
            reading, writing = os.pipe()
            with Vsdump(stdout=writing) as capture:
                os.close(writing)
                os.read(reading, 100)
                os.close(reading)
                capture.wait()
                self.assertEqual(capture.status, 0)
                self.assertIn("packets captured\n", capture.stderr)
                self.assertNotIn("Broken pipe", capture.stderr)


class StalledReader(unittest.TestCase):
    def testEndsTheCaptureOnTheFirstSignal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            reading, writing = os.pipe()
            with self.subTest(signal=number.name), Vsdump(stdout=writing) as capture:
                traffic.burst(Log(), count=2000)  # more text than a pipe holds, and nobody reads
                self.assertTrue(eventually(lambda: not select.select([], [writing], [], 0)[1]))
                capture.send(number)
                self.assertEqual(capture.wait().status, 2)
                self.assertIn("a signal has asked to end, and nothing was read from it for a second", capture.stderr)
                self.assertTrue(eventually(lambda: taps() == 0))
            os.close(writing)
            os.close(reading)
