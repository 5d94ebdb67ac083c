#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That a packet shows the same in the first pass, in the second and when it is asked for at random, but for what came to
light only later, which LATE lists: any_order_test.py PLUGIN VSDUMP."""

import random
import unittest

import shark

# What is known only behind the packet that it belongs to.
LATE_FIELDS = ("vsockmon.response_in", "vsockmon.end_in", "vsockmon.joined.in", "vsockmon.ttrpc.response_in",
               "vsockmon.message.reply_in")
# Of the trees below the frame's, those that are ours: others may show what they have seen last, as HTTP's does.
OURS = ("AF_VSOCK connections", "ttRPC")
LATE_FINDINGS = ("connect-unanswered", "connect-pending", "credit-stuck", "credit-stall", "credit-exhausted", "credit-request-unanswered",
                 "possibly-blocked", "slow-reader", "window-too-small", "tiny-packets", "idle-connection", "capture-loss",
                 "leaked-connections")


class AnyOrder(unittest.TestCase):
    """The same facts whenever they are asked for."""

    @classmethod
    def setUpClass(cls):
        cls.shark = shark.Shark()

    @classmethod
    def tearDownClass(cls):
        cls.shark.close()

    def testFirstAndSecondPass(self):
        listed = self.shark.run("tshark", "-G", "fields")
        fields = [line.split("\t")[2] for line in listed.splitlines() if "\tvsockmon." in line]
        self.assertGreater(len(fields), 80)
        early = [name for name in fields if not name.startswith("vsockmon.finding") and name not in LATE_FIELDS]
        # What is told of a message at the end of its connection.
        growing = {line.split("\t")[2] for line in listed.splitlines() if "\tvsockmon.message" in line or "The call of a message" in line}
        for sample in [shark.ROOT / f"samples/{name}.pcap" for name in ("sibling", "hostile", "credit-stall", "split-6.12", "ttrpc",
                                                                     "http", "seqpacket")]:
            once = self.shark.fields(sample, [*early, "vsockmon.finding"])
            twice = self.shark.fields(sample, [*early, "vsockmon.finding"], "-2")
            for number, (first, second) in enumerate(zip(once, twice, strict=True), 1):
                with self.subTest(sample=sample.name, packet=number):
                    for name, one, other in zip(early, first, second):
                        if name in growing:
                            self.assertLessEqual(set(one.split(",")) - {""}, set(other.split(",")), name)
                        else:
                            self.assertEqual(one, other, name)
                    added = second[-1].split(",")
                    for code in first[-1].split(","):
                        added.remove(code) if code else None
                    self.assertEqual([code for code in added if code and code not in LATE_FINDINGS], [])

    def testRandomOrder(self):
        order = random.Random(271)
        samples = [path for path in shark.SAMPLES if path.stat().st_size < 300_000]
        counts = [len(shark.records("-r", sample)) for sample in samples]
        straight = self.shark.sharkd([(sample, range(1, count + 1)) for sample, count in zip(samples, counts)])
        mixed = [order.choices(range(1, count + 1), k=min(2 * count, 60)) for count in counts]
        for sample, frames, trees in zip(samples, mixed, self.shark.sharkd(list(zip(samples, mixed)))):
            inOrder = straight[samples.index(sample)]
            for frame, tree in zip(frames, trees, strict=True):
                with self.subTest(sample=sample.name, packet=frame):
                    self.assertTrue(any(node["l"].startswith("AF_VSOCK connections") for node in tree))
                    expected, found = ([node for node in nodes if node["l"].startswith(OURS)] for nodes in (inOrder[frame - 1], tree))
                    self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
