# SPDX-License-Identifier: GPL-2.0-or-later
"""-w while capturing: whole, whose it is, when it is there."""

import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.pcap import readPcap
from lab.tap import load
from lab.vsdump import Vsdump, eventually, flood, run, taps

BURST = 10_000


def setUpModule():
    load("vsock_loopback")


class Written(unittest.TestCase):
    PATH = Path("/tmp/written.pcap")

    def setUp(self):
        self.PATH.unlink(missing_ok=True)

    def testIsABurstOfTenThousandPacketsWhole(self):
        with Vsdump("-w", self.PATH) as capture:
            traffic.burst(Log(), count=BURST)
            self.assertEqual(capture.end().status, 0)
        counted = capture.counters()
        records = readPcap(self.PATH)
        self.assertEqual(counted, (len(records), len(records), 0))
        self.assertEqual(sum(record.op() == 5 for record in records), BURST)
        times = [record.timeNs for record in records]
        self.assertEqual(times, sorted(times))
        self.assertLess(abs(times[-1] / 1e9 - time.time()), 600)

    def testIsWholeWhenItStopsInTheMidstOfABurst(self):
        with flood(), Vsdump("-w", self.PATH, "--print") as capture:
            self.assertTrue(eventually(lambda: len(capture.lines) > 500))
            capture.end()
        counted = capture.counters()
        self.assertEqual(counted.captured, counted.received - counted.dropped)
        self.assertEqual(len(readPcap(self.PATH)), counted.captured)
        self.assertEqual(len(capture.lines), counted.captured)

    def testAloneInAFloodIsWholeToo(self):
        """Packets are passed on for some time at once then: what stops the capture comes in the midst of that."""
        for size in (64, 60_000):
            with self.subTest(size=size), flood(size=size), Vsdump("-w", self.PATH) as capture:
                self.assertTrue(eventually(lambda: capture.told().captured > 500))
                self.assertEqual(capture.end().status, 0)
                counted = capture.counters()
                self.assertEqual(counted.captured, counted.received - counted.dropped)
                self.assertEqual(len(readPcap(self.PATH)), counted.captured)

    def testInAFloodHasNoMoreThanIsCounted(self):
        with flood(), Vsdump("-c", "700", "-w", self.PATH) as capture:
            self.assertEqual(capture.wait().status, 0)
        self.assertEqual(len(readPcap(self.PATH)), 700)
        self.assertTrue(capture.said("700 packets captured"))

    def testIsThereAfterSigusr2(self):
        with Vsdump("-w", self.PATH) as capture:
            traffic.hello(Log())
            self.assertTrue(eventually(lambda: capture.told().captured >= 8))
            capture.send(signal.SIGUSR2)
            self.assertTrue(eventually(lambda: len(readPcap(self.PATH)) >= 8))
            capture.end()

    def testIsThereAtOnceWithU(self):
        with Vsdump("-U", "-w", self.PATH) as capture:
            traffic.hello(Log())
            self.assertTrue(eventually(lambda: len(readPcap(self.PATH)) >= 8))
            capture.end()

    def testGoesToStandardOutput(self):
        with open(self.PATH, "wb") as file, Vsdump("-w", "-", stdout=file) as capture:
            traffic.hello(Log())
            self.assertEqual(capture.end().status, 0)
        self.assertEqual(len(readPcap(self.PATH)), capture.counters().captured)
        self.assertGreaterEqual(len(readPcap(self.PATH)), 8)

    def testGoesThroughAPipeToTcpdump(self):
        with subprocess.Popen(["tcpdump", "-nr", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as reader:
            with reader.stdin, Vsdump("-U", "-w", "-", stdout=reader.stdin) as capture:
                traffic.hello(Log())
                self.assertEqual(capture.end().status, 0)
            lines = reader.stdout.read().splitlines()
        self.assertEqual(len(lines), capture.counters().captured)
        self.assertGreaterEqual(len(lines), 8)

    def testIsCutAtTheSnapshotLength(self):
        for arguments, length in ((["--headers-only"], 76), (["-s", "100"], 100)):
            with self.subTest(arguments=arguments), Vsdump("-w", self.PATH, *arguments) as capture:
                traffic.burst(Log(), count=10, size=1000)
                capture.end()
                payload = [record for record in readPcap(self.PATH) if record.op() == 5]
                self.assertEqual({(len(record.data), record.wireLength) for record in payload}, {(length, 1076)})
                self.assertIn(f"snapshot length {length} bytes\n", capture.stderr)
                self.assertIn(f"snapshot length {length}\n", run("tcpdump", "-nr", self.PATH))


class File(unittest.TestCase):
    PATH = Path("/tmp/owned.pcap")

    def setUp(self):
        self.PATH.unlink(missing_ok=True)

    def capture(self, *arguments, before=()):
        with Vsdump("-w", self.PATH, *arguments, before=before) as capture:
            traffic.hello(Log())
            return capture.end()

    def testBelongsToTheUserDroppedTo(self):
        for before, arguments, uid in (([], [], 65534), (["env", "SUDO_UID=1"], [], 1), ([], ["-Z", "bin"], 2), ([], ["-Z", "root"], 0)):
            with self.subTest(uid=uid):
                self.assertEqual(self.capture(*arguments, before=before).status, 0)
                self.assertEqual((self.PATH.stat().st_uid, self.PATH.stat().st_mode & 0o777), (uid, 0o644))
                self.PATH.unlink()

    def testThatWasThereStaysWhoseItWas(self):
        for uid, arguments in ((0, []), (3, ["-Z", "sys"])):
            with self.subTest(uid=uid):
                self.PATH.write_text("before")
                os.chown(self.PATH, uid, uid)
                self.assertEqual(self.capture(*arguments).status, 0)
                self.assertEqual(self.PATH.stat().st_uid, uid)
                self.assertEqual(self.PATH.read_bytes()[:4].hex() in ("4d3cb2a1", "d4c3b2a1"), True)

    def testOfAnotherUserIsNotWritten(self):
        """Who owns a file can change it, and everybody may make one in /tmp."""
        def asAFile():
            self.PATH.write_text("before")

        for make in (asAFile, lambda: os.mkfifo(self.PATH)):
            for arguments in ([], ["-C", "1"], ["-Z", "root"]):
                with self.subTest(make=make, arguments=arguments):
                    make()
                    os.chown(self.PATH, 3, 3)
                    reader = os.open(self.PATH, os.O_RDONLY | os.O_NONBLOCK)
                    refused = Vsdump("-w", self.PATH, *arguments).wait()
                    self.assertEqual(refused.status, 2)
                    self.assertRegex(refused.stderr, f"cannot write to {self.PATH}: it (belongs to another user|is no regular)")
                    self.assertIn(os.read(reader, 100), (b"before", b""))
                    os.close(reader)
                    self.PATH.unlink()

    def testInAFolderOfRootIsWritten(self):
        self.PATH = Path("/root/owned.pcap")
        try:
            self.assertEqual(self.capture().status, 0)
            self.assertGreater(self.PATH.stat().st_size, 24)
        finally:
            self.PATH.unlink()

    def testThatCannotBeMadeEndsItWithoutACapture(self):
        refused = Vsdump("-w", "/tmp/there/is/none.pcap").wait()
        self.assertEqual(refused.status, 2)
        self.assertIn("cannot write to /tmp/there/is/none.pcap: No such file or directory", refused.stderr)
        self.assertTrue(eventually(lambda: taps() == 0))
