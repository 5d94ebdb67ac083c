# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters in the kernel: which packets pass, and who has decided it."""

import os
import subprocess
import unittest
from contextlib import ExitStack
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import Vsdump, device, settled


def setUpModule():
    load("vsock_loopback")


def hasPort(packet, port):
    """Whether a packet comes from or goes to a port."""
    return port in (packet["src"]["port"], packet["dst"]["port"])


def key(packet):
    """What tells a packet from all others; both captures see one device, so the times are the same."""
    return packet["time"], packet["virtio"]["op"], packet["src"]["port"], packet["length"]


class Filter(unittest.TestCase):
    def capturedBoth(self, filterWords, act):
        """The packets of all traffic, those that a filter has let pass, and the filtering capture."""
        with device(), Vsdump("--json", "-i", "vsockmon0") as everything:
            with Vsdump("--json", "-i", "vsockmon0", *filterWords) as filtered:
                act()
                settled("vsockmon0")
                filtered.end()
            everything.end()
        return everything.packets(), filtered.packets(), filtered

    def testLetsExactlyTheMatchingPacketsPassUnderABurst(self):
        def act():
            traffic.burst(Log(), port=1024, count=500)
            traffic.burst(Log(), port=5001, count=3000)
            traffic.refused(Log(), port=1025)

        everything, filtered, capture = self.capturedBoth(["-v", "port", "1024"], act)
        wanted = [key(packet) for packet in everything if hasPort(packet, 1024)]
        self.assertGreater(len(everything), 3500)
        self.assertGreater(len(wanted), 500)
        self.assertEqual([key(packet) for packet in filtered], wanted)
        # The kernel has decided all of it.
        self.assertNotIn("part of the filter", capture.stderr)
        self.assertEqual(capture.counters().received, len(wanted))
        self.assertEqual(capture.counters().captured, len(wanted))

    def testDecidesByEachKindOfCondition(self):
        def act():
            traffic.refused(Log(), port=5002)
            traffic.messages(Log(), sizes="1,70000,9")
            traffic.burst(Log(), count=5, size=1000)

        conditions = {
            "op rst": lambda p: p["virtio"]["op"] == "rst",
            "type seqpacket and payload_len > 4464": lambda p: p["virtio"]["type"] == "seqpacket" and p["virtio"]["len"] > 4464,
            "eom and not eor": lambda p: p["virtio"].get("flag_names") == ["eom"],
            "connect": lambda p: p["op"] == "connect",
            "not (payload or cid 2)": lambda p: p["op"] != "payload",
            "less 77": lambda p: p["length"] <= 77,
        }
        # All at once, as each costs an emulated machine a second to begin.
        with device(), Vsdump("--json", "-i", "vsockmon0") as everything, ExitStack() as stack:
            start = lambda *arguments: stack.enter_context(Vsdump(*arguments, "-i", "vsockmon0"))
            filtered = {words: start("--json", *words.split()) for words in conditions}
            quiet = {words: start("-q", *words.split()) for words in conditions}
            act()
            settled("vsockmon0")
            for capture in (*filtered.values(), *quiet.values(), everything):
                capture.end()
        packets = everything.packets()
        for words, wanted in conditions.items():
            with self.subTest(filter=words):
                expected = [key(packet) for packet in packets if wanted(packet)]
                self.assertGreater(len(expected), 0)
                self.assertLess(len(expected), len(packets))
                self.assertEqual([key(packet) for packet in filtered[words].packets()], expected)
                # Nothing follows connections for tcpdump's lines, so the kernel decides all of it.
                self.assertEqual(quiet[words].counters().received, len(expected))

    def testLeavesToVsdumpWhatTheKernelCannotDecide(self):
        def act():
            traffic.burst(Log(), port=1024, count=20)
            traffic.halfClose(Log())

        words = ["-v", "not", "port", "1024", "and", "payload contains question"]
        everything, filtered, capture = self.capturedBoth(words, act)
        self.assertEqual([packet["virtio"]["len"] for packet in filtered], [len("the question\n")])
        self.assertIn("the kernel lets pass `not port 1024`, and vsdump selects among these\n", capture.stderr)
        # The kernel has thrown away what has the port.
        self.assertEqual(capture.counters().received, 1)
        self.assertEqual(capture.count("passed the kernel's part of the filter alone"), sum(not hasPort(packet, 1024) for packet in everything) - 1)

    def testKnowsWhoseReplyAPacketOverLoopbackIs(self):
        def act():
            traffic.hello(Log(), cid=2, port=5003)
            traffic.hello(Log(), port=5004)

        for words, port in (("cid 2", 5003), ("not cid 2", 5004)):
            everything, filtered, _ = self.capturedBoth(words.split(), act)
            self.assertEqual([key(packet) for packet in filtered], [key(packet) for packet in everything if hasPort(packet, port)], words)

    def testFollowsConnectionsForWhatAsksForThem(self):
        def act():
            traffic.burst(Log(), port=1024, count=20)
            traffic.refused(Log(), port=1025)
            traffic.refused(Log(), port=1026)

        words = ["-v", "portrange", "1024-1025", "and", "finding connect-refused"]
        everything, filtered, capture = self.capturedBoth(words, act)
        # The REQUEST came before anybody could know.
        self.assertEqual([(packet["virtio"]["op"], packet["src"]["port"]) for packet in filtered], [("rst", 1025)])
        self.assertIn("`finding connect-refused` is answered by what is known when a packet comes; ", capture.stderr)
        self.assertIn("the kernel lets pass `portrange 1024-1025`, and vsdump selects among these\n", capture.stderr)
        kept = sum(hasPort(packet, 1024) or hasPort(packet, 1025) for packet in everything)
        self.assertEqual(capture.counters().received, 1)
        self.assertEqual(capture.count("passed the kernel's part of the filter alone"), kept - 1)

    def testIsTakenByThisKernelAndDecidesAsItsMeaningDoes(self):
        program = Path(os.environ["VSDUMP_BUILD"]) / "tests/capture/vsdump_capture_tests"
        with device():
            environment = dict(os.environ, VSDUMP_TEST_DEVICE="vsockmon0")
            result = subprocess.run([program, "--gtest_filter=KernelFilter.*:InAMachine.KernelFilter*"], text=True, capture_output=True, check=False, env=environment)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("[  PASSED  ] 4 tests", result.stdout)


if __name__ == "__main__":
    unittest.main()
