# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is lost: bursts, the end of a capture, drops that are counted, several captures at once."""

import signal
import subprocess
import time
import unittest

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import Counters, Vsdump, device, eventually, flood, ops, taps

BURST = 10_000


def setUpModule():
    load("vsock_loopback")


class Case(unittest.TestCase):
    def assertNothingIsMissing(self, capture):
        """Everything that the kernel counted is there or was said to be dropped; returns the counters."""
        counted = capture.counters()
        self.assertEqual(capture.status, 0, capture.stderr)
        self.assertEqual(counted.captured, counted.received - counted.dropped, capture.stderr)
        self.assertNotIn("than it has handed over", capture.stderr)
        if capture.lines:
            self.assertEqual(counted.captured, len(capture.lines))
        return counted


class Burst(Case):
    def testOfTenThousandPacketsIsSeenWhole(self):
        for arguments in ([], ["--immediate-mode"], ["-s", "76"]):
            with self.subTest(arguments=arguments), Vsdump("--json", *arguments) as capture:
                traffic.burst(Log(), count=BURST)
                counted = self.assertNothingIsMissing(capture.end())
                self.assertEqual(counted.dropped, 0)
                self.assertEqual(sum('"op":"rw"' in line for line in capture.lines), BURST)

    def testOfLargePacketsIsSeenWhole(self):
        with Vsdump("--json") as capture:
            traffic.burst(Log(), count=300, size=65536)
            self.assertEqual(self.assertNothingIsMissing(capture.end()).dropped, 0)
            large = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
            self.assertEqual({packet["captured_length"] for packet in large}, {76 + 65536})
            self.assertEqual(len(large), 300)

    def testIsSeenByTwoCapturesAtOnce(self):
        with device("vsockmon0"), Vsdump("--json", "-i", "vsockmon0") as first, Vsdump("--json", "-i", "vsockmon1") as second:
            self.assertEqual(taps(), 2)
            traffic.burst(Log(), count=2000)
            said = []
            for capture in (first, second):
                capture.end()
                self.assertNothingIsMissing(capture)
                payload = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
                said.append([(packet["src"], packet["dst"], packet["virtio"], packet["length"]) for packet in payload])
            self.assertEqual(len(said[0]), 2000)
            self.assertEqual(said[0], said[1])
        self.assertTrue(eventually(lambda: taps() == 0))


class Stop(Case):
    def testInTheMidstOfABurstLosesNothing(self):
        with flood():
            for arguments in [[]] * 5 + [["--immediate-mode"], ["-s", "76"], ["greater", "80"]]:
                with self.subTest(arguments=arguments), Vsdump(*arguments) as capture:
                    self.assertTrue(eventually(lambda: len(capture.lines) > 500))
                    self.assertGreater(self.assertNothingIsMissing(capture.end()).captured, 500)

    def testRightAfterABurstLosesNothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name), Vsdump("--json") as capture:
                traffic.burst(Log(), count=2000)
                self.assertNothingIsMissing(capture.end(number))
                self.assertEqual(ops(capture.packets(), "rw"), 2000)

    def testAfterASlowReaderHasCaughtUpLosesNothing(self):
        """The packets wait in the kernel's buffer when the signal comes."""
        with Vsdump("--json") as capture:
            capture.send(signal.SIGSTOP)
            traffic.burst(Log(), count=2000)
            capture.send(signal.SIGINT)
            capture.send(signal.SIGCONT)
            capture.wait()
            self.assertEqual(self.assertNothingIsMissing(capture).dropped, 0)
            self.assertEqual(ops(capture.packets(), "rw"), 2000)

    def testAfterDropsSaysHowManyThereWere(self):
        for stop in (False, True):  # with packets in the buffer that has overflowed, and without
            with self.subTest(stop=stop), Vsdump("-B", "1024", "--json") as capture:
                capture.send(signal.SIGSTOP)
                traffic.burst(Log(), count=200, size=60000)
                if stop:
                    capture.send(signal.SIGINT)
                capture.send(signal.SIGCONT)
                if not stop:
                    self.assertTrue(eventually(lambda: capture.told().dropped > 0))
                    traffic.burst(Log(), count=10)
                    capture.send(signal.SIGINT)
                counted = self.assertNothingIsMissing(capture.wait())
                self.assertGreater(counted.dropped, 100)
                self.assertGreater(counted.received, 200)

    def testUnderLoadWithASmallBufferAddsUp(self):
        with flood(size=60000):
            for _ in range(3):
                with Vsdump("-B", "512", stdout=subprocess.DEVNULL) as capture:
                    for _ in range(2):
                        capture.send(signal.SIGSTOP)
                        time.sleep(0.3)
                        capture.send(signal.SIGCONT)
                        capture.told()
                    self.assertGreater(self.assertNothingIsMissing(capture.end()).received, 0)

    def testWithoutTrafficIsTheEndAtOnce(self):
        with Vsdump() as capture:
            start = time.monotonic()
            self.assertEqual(self.assertNothingIsMissing(capture.end()), Counters(0, 0, 0))
            self.assertLess(time.monotonic() - start, 10)

    def testCountsOnlyWhatTheFilterLetsPass(self):
        with Vsdump("--json", "greater", "100") as capture:
            traffic.burst(Log(), count=10, size=100)
            self.assertEqual(self.assertNothingIsMissing(capture.end()), Counters(10, 10, 0))
            self.assertEqual(ops(capture.packets(), "rw"), 10)
