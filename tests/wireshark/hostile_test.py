#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That no packet, cut short or changed at random, makes tshark with the plugin stop or report a bug: hostile_test.py PLUGIN VSDUMP."""

import random
import struct
import unittest

import shark

SNAPLEN = 262144


def packetsOf(path):
    """Time, wire length and bytes of each packet of a little-endian pcap file with microseconds."""
    data = path.read_bytes()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        return
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        yield seconds, fraction, length, data[at + 16 : at + 16 + captured]
        at += 16 + captured


def write(path, packets):
    """A pcap file of link type VSOCK."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, 271))
        for seconds, fraction, length, data in packets:
            file.write(struct.pack("<IIII", seconds, fraction, len(data), length) + data)


def changed(source, data):
    """The bytes with a few of them changed, most of them in the headers."""
    result = bytearray(data)
    for _ in range(source.randint(1, 4)):
        if result:
            result[source.randrange(min(len(result), source.choice((76, 100, 4000))))] = source.choice((0, 1, 2, 255, source.randrange(256)))
    return bytes(result)


class Hostile(unittest.TestCase):
    """What comes from machines that lie."""

    @classmethod
    def setUpClass(cls):
        cls.shark = shark.Shark()
        cls.packets = [packet for path in shark.SAMPLES for packet in list(packetsOf(path))[:150]]

    @classmethod
    def tearDownClass(cls):
        cls.shark.close()

    def look(self, name, packets):
        """Has tshark show everything, twice over."""
        path = self.shark.folder / name
        write(path, packets)
        path.chmod(0o644)
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

    def testFilesThatOnceBrokeAReader(self):
        for path in (shark.ROOT / "tests/fuzz/regressions").rglob("*"):
            if path.is_file() and path.stat().st_size > 24:
                self.shark.tshark(path, "-V", status=2)


if __name__ == "__main__":
    unittest.main()
