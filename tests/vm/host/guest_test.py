# SPDX-License-Identifier: GPL-2.0-or-later
"""A host and its guest: packets split over the guest's buffers, their direction, and a guest that means harm."""

import os
import platform
import random
import socket
import subprocess
import unittest
from pathlib import Path

from lab import traffic
from lab.guest import CREDIT_REQUEST, CREDIT_UPDATE, HOST_CID, INVALID, REQUEST, RESPONSE, RST, RW, SHUTDOWN, Guest
from lab.log import Log, pattern
from lab.pcap import MONITOR, VIRTIO, readPcap, streams
from lab.tap import load
from lab.vsdump import Vsdump, device, eventually, ops, run, settled

PATH = Path("/tmp/host.pcap")
CID = 42
GUEST_BUFFER = 3732  # payload bytes of a Linux guest's receive buffer
PORT = 9000
# Debian's 6.1 taps all that is left of a packet that it splits; 6.12 has the fix.
TAP_EXCEEDS = platform.release().startswith("6.1.")


def setUpModule():
    load("vhost_vsock")


def sendToGuest(guest, data, port=PORT):
    """A connection of the host to its guest; returns what has arrived there."""
    guest.listen(port)

    def talk():
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
            client.settimeout(60)
            client.connect((CID, port))
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass

    def answer():
        opened = guest.accept(port, timeout=60)
        received = opened.receiveAll(timeout=60)
        opened.shutdown()
        guest.pump(lambda: opened.isReset, timeout=60)
        return received

    return traffic.together(talk, answer)[1]


class SplitPackets(unittest.TestCase):
    """One send of the host is several packets when a guest's buffers are small."""

    SIZE = 20_000

    @classmethod
    def setUpClass(cls):
        cls.data = pattern(cls.SIZE)
        with Guest(cid=CID) as guest, Vsdump("--json", "-w", PATH, "--print") as capture:
            cls.received = sendToGuest(guest, cls.data)
            capture.end()
        cls.packets = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
        cls.records = [record for record in readPcap(PATH) if record.op() == RW]

    def testCarryEveryByteOnce(self):
        self.assertEqual(self.received, self.data)
        self.assertEqual([data for (_, port), data in streams(self.records).items() if port == PORT], [self.data])
        lengths = [GUEST_BUFFER] * (self.SIZE // GUEST_BUFFER) + [self.SIZE % GUEST_BUFFER]
        self.assertEqual([packet["payload_length"] for packet in self.packets], lengths)

    def testAreRecordedByTheKernelWithMoreThanTheyCarryBeforeItsFix(self):
        left = list(range(self.SIZE, 0, -GUEST_BUFFER))
        carried = [min(GUEST_BUFFER, size) for size in left]
        recorded = left if TAP_EXCEEDS else carried
        self.assertEqual([packet["length"] - 76 for packet in self.packets], recorded)
        self.assertEqual([record.wireLength - 76 for record in self.records], recorded)
        excess = [["tap-excess"] if tapped > size else [] for tapped, size in zip(recorded, carried)]
        self.assertEqual([packet["anomalies"] for packet in self.packets], excess)

    def testKeepTheirLengthUnderASmallSnapshotLength(self):
        with Guest(cid=CID) as guest, Vsdump("--json", "--headers-only") as capture:
            self.assertEqual(sendToGuest(guest, self.data), self.data)
            capture.end()
        payload = [packet for packet in capture.packets() if packet["virtio"]["op"] == "rw"]
        self.assertEqual(sum(packet["payload_length"] for packet in payload), self.SIZE)
        self.assertEqual({packet["captured_length"] for packet in payload}, {76})


class DirectionOption(unittest.TestCase):
    def testTellsPacketsToTheHostFromThoseToTheGuest(self):
        with Guest(cid=CID) as guest, Vsdump("-Q", "in", "--json") as inward, Vsdump("-Q", "out", "--json") as outward:
            with Vsdump("--json") as both:
                sendToGuest(guest, b"x" * 100)
                for capture in (inward, outward, both):
                    capture.end()
                    self.assertEqual(capture.status, 0)
        self.assertEqual({packet["src"]["cid"] for packet in inward.packets()}, {CID})
        self.assertEqual({packet["src"]["cid"] for packet in outward.packets()}, {HOST_CID})
        self.assertEqual(ops(outward.packets(), "rw"), 1)
        self.assertEqual(ops(inward.packets(), "rw"), 0)
        self.assertEqual(inward.counters().captured + outward.counters().captured, both.counters().captured)

    def testLeavesLoopbackOut(self):
        load("vsock_loopback")
        for direction in ("in", "out"):
            with Vsdump("-Q", direction, "--json") as capture:
                traffic.hello(Log())
                capture.end()
                self.assertEqual(capture.counters(), (0, 0, 0))


class HostileGuest(unittest.TestCase):
    """Packets that no well-behaved kernel sends, straight from a guest's ring."""

    TERMINAL = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae\xff\xfe\x00\x9b31m\r\n\t\x7f%n"
    BEYOND_JSON = (1 << 53) + 1

    def kinds(self):
        """What is sent: (payload, header fields)."""
        for op in (INVALID, 8, 9, 10, 11, 12, 99, 0x7FFF, 0xFFFF):
            yield b"", {"op": op}
        for kind in (0, 3, 77, 0xFFFF):
            yield b"", {"op": REQUEST, "type": kind}
            yield b"data", {"op": RW, "type": kind}
        for cid in (0, 1, 2, 3, 43, (1 << 32) | CID, self.BEYOND_JSON, (1 << 64) - 1):
            yield b"", {"op": REQUEST, "srcCid": cid}
            yield b"", {"op": REQUEST, "dstCid": cid}
        for port in (0, 1, 1023, 0x7FFFFFFF, 0xFFFFFFFF):
            yield b"", {"op": REQUEST, "srcPort": port, "dstPort": port}
        for op in (REQUEST, RESPONSE, RST, SHUTDOWN, CREDIT_UPDATE, CREDIT_REQUEST):
            yield self.TERMINAL, {"op": op}
            yield b"", {"op": op, "flags": 0xFFFFFFFF, "bufAlloc": 0xFFFFFFFF, "fwdCnt": 0xFFFFFFFF}
            yield b"", {"op": op, "bufAlloc": 0, "fwdCnt": 0}
        yield self.TERMINAL, {"op": RW}
        yield b"", {"op": RW}
        yield bytes(65536), {"op": RW}
        yield bytes(range(256)) * 16, {"op": RW, "flags": 0xFFFFFFFF}

    def randomKinds(self, count):
        """The same without a plan, but always the same."""
        dice = random.Random(40)

        def number(bits):
            return dice.choice((dice.getrandbits(bits), dice.getrandbits(4), (1 << bits) - 1))

        for _ in range(count):
            yield dice.randbytes(dice.choice((0, 0, 1, 44, 3000))), {
                "srcCid": dice.choice((CID, number(64))),
                "dstCid": dice.choice((HOST_CID, number(64))),
                "srcPort": number(32),
                "dstPort": number(32),
                "type": number(16),
                "op": dice.choice((dice.randrange(8), number(16))),
                "flags": number(32),
                "bufAlloc": number(32),
                "fwdCnt": number(32),
            }

    def send(self, guest, kinds):
        """Sends them and returns what must be in the capture."""
        sent = []
        for payload, fields in kinds:
            header = guest.send(payload, **{"srcPort": 1234, "dstPort": 4321, **fields})
            sent.append(header.pack() + payload)
            while guest.receive(0):
                pass
        return sent

    def sendMalformed(self, guest):
        """Buffers that are no packet at all; the kernel drops most of them before its tap."""
        for data in (b"\x00", b"\xff" * 43, bytes(44)):
            guest.sendRaw(data)
        for length in (1, 65537, 0x7FFFFFFF, 0xFFFFFFFF):
            guest.sendRaw(VIRTIO.pack(CID, HOST_CID, 1, 2, length, 1, RW, 0, 0, 0) + b"short")
        guest.sendRaw(VIRTIO.pack(CID, HOST_CID, 1, 2, 66000, 1, RW, 0, 0, 0) + bytes(66000))
        guest.sendRaw(VIRTIO.pack(CID, HOST_CID, 1, 2, 0, 1, RW, 0, 0, 0) + b"more than announced")

    def testIsRecordedAsItIsAndHarmsNobody(self):
        tap = ("-i", "vsockmon0")
        with device(), Guest(cid=CID) as guest, Vsdump(*tap, "-w", PATH) as file, Vsdump(*tap, "--json") as lines:
            with Vsdump(*tap, "-vv", "-XX") as text, Vsdump(*tap, "-q", "-vvv") as quiet, Vsdump(*tap, "-s", "60", "-vv") as cut:
                sent = self.send(guest, self.kinds())
                self.sendMalformed(guest)
                sent += self.send(guest, self.randomKinds(600))
                passed = settled("vsockmon0")
                for capture in (file, lines, text, quiet, cut):
                    self.assertTrue(eventually(lambda: capture.told().captured >= passed))
                    self.assertEqual(capture.end().status, 0, capture.stderr)
                    self.assertEqual(capture.counters().dropped, 0)

        bodies = iter(record.data[MONITOR.size :] for record in readPcap(PATH))
        for number, packet in enumerate(sent):
            self.assertTrue(any(packet == body for body in bodies), f"packet {number}: {packet[:44].hex()}")

        packets = lines.packets()  # each line is JSON, or this throws
        self.assertEqual(len(packets), lines.counters().captured)
        seen = {code for packet in packets for code in packet["anomalies"]}
        self.assertLessEqual({"unknown-op", "unknown-type", "cid-beyond-32-bits", "payload-unexpected"}, seen)
        self.assertIn(str(self.BEYOND_JSON), [packet["src"]["cid"] for packet in packets])
        for capture in (text, quiet, cut, lines):
            self.assertTrue(capture.stdout.isascii())
            self.assertEqual({c for c in capture.stdout if not c.isprintable()} - {"\n", "\t"}, set())

    def testLooksInQuietTextAsTcpdumpShowsIt(self):
        with Guest(cid=CID) as guest, Vsdump("-w", PATH) as capture:
            self.send(guest, self.kinds())
            self.assertEqual(capture.end().status, 0)
        environment = {**os.environ, "TZ": "UTC"}
        ours, theirs = (
            run(*program, "-nXX", "-r", PATH, stderr=subprocess.DEVNULL, env=environment) for program in (("vsdump", "-q"), ("tcpdump",))
        )
        self.assertEqual(ours, theirs)

    def testThatIsSwitchedOffEndsNothing(self):
        with Vsdump("--json") as capture:
            for _ in range(3):
                with Guest(cid=CID) as guest:
                    self.send(guest, self.randomKinds(5))
            with Guest(cid=CID) as guest:
                self.assertEqual(sendToGuest(guest, b"still here"), b"still here")
            self.assertEqual(capture.end().status, 0)
            self.assertEqual(ops([p for p in capture.packets() if p["dst"] == {"cid": CID, "port": PORT}], "rw"), 1)
