#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That no packet, cut short or changed at random, makes tshark with the plugin stop or report a bug: hostile_test.py PLUGIN VSDUMP."""

import random
import unittest

import shark
from mutations import changed, packetsOf, write


class Hostile(unittest.TestCase):
    """What comes from machines that lie."""

    @classmethod
    def setUpClass(cls):
        cls.shark = shark.Shark()
        cls.packets = [packet for path in shark.SAMPLES for packet in list(packetsOf(path))[:80]]

    @classmethod
    def tearDownClass(cls):
        cls.shark.close()

    def look(self, name, packets):
        """Has tshark show everything, twice over."""
        path = self.shark.folder / name
        write(path, packets)
        text = self.shark.tshark(path, "-2", "-V", "-z", "expert", "-z", "conv,vsockmon", "-z", "vsockmon,tree", "-z", "follow,vsockmon,hex,3")
        self.assertIn("AF_VSOCK connections", text)
        self.assertNotIn("Dissector bug", text)

    def testPacketsCutAtAnyPlace(self):
        source = random.Random(271)
        cut = [(*packet[:3], packet[3][: source.randint(0, min(len(packet[3]), 160))]) for packet in self.packets]
        self.look("cut.pcap", cut)

    def testRecordsThatWereShort(self):
        short = [(*packet[:2], length, packet[3][:length]) for length in range(120) for packet in self.packets[:: len(self.packets) // 8]]
        self.look("short.pcap", short)

    def testPacketsChangedAtRandom(self):
        source = random.Random(826)
        self.look("changed.pcap", [(*packet[:3], changed(source, packet[3][:4000])) for packet in self.packets])

    def testFilesThatBreakOffAndThoseThatOnceBrokeAReader(self):
        source = random.Random(271)
        files = []
        for sample in shark.SAMPLES:
            path = self.shark.folder / f"broken-{sample.name}"
            # Within the last packet, whatever its length.
            path.write_bytes(sample.read_bytes()[: -source.randint(1, 40)])
            path.chmod(0o644)
            files.append(path)
        files += [self.shark.readable(path) for path in (shark.ROOT / "tests/fuzz/regressions").rglob("*") if path.is_file()]
        requests = []
        for path in files:
            requests.append({"method": "load", "params": {"file": str(path)}})
            requests.append({"method": "frame", "params": {"frame": 1, "proto": True}})
        shown = {answer["id"] for answer in self.shark.answers(requests) if "AF_VSOCK connections" in str(answer)}
        self.assertGreaterEqual(shown, set(range(2, 2 * len(shark.SAMPLES) + 1, 2)))


if __name__ == "__main__":
    unittest.main()
