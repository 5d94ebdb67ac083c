# SPDX-License-Identifier: GPL-2.0-or-later
"""A host and its guest: every byte of what vhost splits, and the pains of people who debug that path."""

import platform
import random
import socket
import time
import unittest
from contextlib import contextmanager, suppress
from pathlib import Path

from lab import guests, traffic
from lab.analysis import followed, told
from lab.guest import CREDIT_REQUEST, CREDIT_UPDATE, HOST_CID, REQUEST, RESPONSE, RST, RW, SHUTDOWN_SEND, Guest
from lab.log import Log, digest
from lab.tap import load
from lab.vsdump import Vsdump, device, settled

BULK, PAINS = Path("/tmp/bulk.pcap"), Path("/tmp/pains.pcap")
CID = 42
SIZE = 10_500_000
# Debian's 6.1 taps all that is left of a packet that it splits; 6.12 has the fix.
TAP_EXCEEDS = platform.release().startswith("6.1.")


def setUpModule():
    load("vhost_vsock")


class Bulk(unittest.TestCase):
    """More than ten megabytes each way; on the way to the guest vhost splits every packet."""

    def testIsFollowedByteForByte(self):
        data = [random.Random(seed).randbytes(SIZE) for seed in (1, 2)]
        with device(), Guest(cid=CID) as guest, Vsdump("-i", "vsockmon0", "-B", "262144", "-w", BULK) as capture:
            guest.log = lambda *_, **__: None  # thousands of packets
            guest.listen(8000, bufferSize=1 << 20)

            def host():
                with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
                    for option in (traffic.BUFFER_MAX, traffic.BUFFER_SIZE):
                        client.setsockopt(socket.AF_VSOCK, option, 1 << 20)
                    client.settimeout(120)
                    client.connect((CID, 8000))
                    client.sendall(data[0])
                    got = bytearray()
                    while len(got) < SIZE:
                        got += client.recv(1 << 18)
                    return digest(bytes(got))

            def played():
                service = guest.accept(8000, timeout=60)
                got = bytearray()
                while len(got) < SIZE:
                    got += service.receive(timeout=60)
                service.send(data[1], timeout=60)
                guest.pump(lambda: service.peerShutdown, 60)
                service.close()
                return digest(bytes(got))

            arrived = traffic.together(played, host)
            settled("vsockmon0")
            capture.end()
        self.assertEqual(arrived, [digest(piece) for piece in data])
        self.assertEqual(capture.counters().dropped, 0)
        (row,) = told("connections", BULK)
        self.assertEqual((row["to_server"]["bytes"], row["to_client"]["bytes"]), (SIZE, SIZE))
        self.assertEqual("tap-excess" in row["findings"], TAP_EXCEEDS)
        for way, piece in (("to-server", data[0]), ("to-client", data[1])):
            self.assertEqual(digest(followed(BULK, row["id"], way)), digest(piece), way)
        BULK.unlink()


class Pains(unittest.TestCase):
    """What people report as bugs, each on a port of its own, in one capture."""

    rows = findings = None

    @classmethod
    def setUpClass(cls):
        with device(), Vsdump("-i", "vsockmon0", "-w", PAINS) as capture:
            with Guest(cid=CID) as guest:
                for port, pain in cls.PLAYED.items():
                    pain(cls(), guest, port)
            cls().snapshot(8120)
            guests.overrun(Log(), port=8121)
            guests.switchedOff(Log(), port=8122)
            with Guest(cid=CID), cls().asking(8123):
                settled("vsockmon0")
                capture.end()
        cls.rows = told("connections", PAINS)
        cls.findings = [record for record in told("report", PAINS) if record["record"] == "finding"]

    def connect(self, guest, port, **options):
        """A host's socket connected to a service of the guest, and the guest's end."""
        guest.listen(port, **options)
        client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        client.settimeout(30)
        service, _ = traffic.together(lambda: guest.accept(port, 30), lambda: client.connect((CID, port)))
        return client, service

    def knock(self, port):
        """A connect() that fails, after two seconds at the latest."""
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
            with suppress(OSError):
                client.connect((CID, port))

    def silent(self, guest, port):
        """1: connect() just times out."""
        self.knock(port)
        guest.handle(0.3)

    def slowBoot(self, guest, port):
        """2: REQUESTs before the guest's service is there."""
        self.knock(port)
        guest.handle(0.3)
        traffic.together(lambda: self.knock(port), lambda: self.refuse(guest, port))
        client, service = self.connect(guest, port)
        traffic.together(client.close, lambda: guest.pump(lambda: service.peerShutdown, 10))
        service.close()

    def refuse(self, guest, port):
        """RST for the next REQUEST, as of a kernel where nobody listens."""
        guest.unclaimed.clear()
        guest.pump(lambda: guest.unclaimed, 10)
        header, _ = guest.unclaimed.popleft()
        guest.send(op=RST, srcPort=port, dstPort=header.srcPort, bufAlloc=0)

    def deadlock(self, guest, port):
        """3: stuck after N kB, since the guest never gives credit again."""
        client, service = self.connect(guest, port, bufferSize=16384)
        client.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                client.send(b"x" * 4096)
        guest.handle(1.2)
        service.reset()
        guest.handle(0.2)
        client.close()

    def ownCap(self, guest, port):
        """4: a newer kernel sends no more than its own buffer holds, though the guest has room."""
        guest.listen(port)
        client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        for option in (traffic.BUFFER_MIN, traffic.BUFFER_MAX, traffic.BUFFER_SIZE):
            client.setsockopt(socket.AF_VSOCK, option, 8192)
        service, _ = traffic.together(lambda: guest.accept(port, 30), lambda: client.connect((CID, port)))

        def answer():
            guest.handle(0.5)
            received = 0
            while received < 20000:
                received += len(service.receive())
                service.transmit(CREDIT_UPDATE)
            guest.handle(0.2)

        traffic.together(answer, lambda: client.sendall(b"x" * 20000))
        traffic.together(client.close, lambda: guest.pump(lambda: service.peerShutdown, 10))
        service.close()

    def creditUnanswered(self, guest, port):
        """5: CREDIT_REQUEST and no answer: the host drops what comes from an address that is not the guest's."""
        guest.send(op=CREDIT_REQUEST, srcCid=CID + 1, srcPort=9600, dstPort=port)
        guest.handle(1.3)

    def halfClose(self, guest, port):
        """7: a device that takes the end of one direction for the end of both."""
        client, service = self.connect(guest, port)
        client.sendall(b"the question")
        client.shutdown(socket.SHUT_WR)
        guest.pump(lambda: service.peerShutdown, 10)
        service.reset()
        guest.handle(0.2)
        client.close()

    def late(self, guest, port):
        """7: payload after the guest's own SHUTDOWN of sending."""
        with traffic.listener(port) as listening:
            client = guest.connect(port, localPort=6700)
            served, _ = listening.accept()
            client.shutdown(SHUTDOWN_SEND)
            client.transmit(RW, b"one word more")
            guest.handle(0.2)
            served.close()
            guest.handle(0.2)
            client.transmit(RST)  # or the kernel waits for eight seconds, longer than a quick machine captures

    def sibling(self, guest, port):
        """9: another guest, which vhost does not pass anything to."""
        guest.send(op=REQUEST, dstCid=43, srcPort=6800, dstPort=port)
        guest.handle(2.2)

    def wrongCids(self, guest, port):
        """10: an address that is its own peer, and a CID of more than 32 bits."""
        guest.send(op=REQUEST, srcCid=HOST_CID, srcPort=6900, dstPort=port)
        guest.send(op=REQUEST, dstCid=CID | 1 << 32, srcPort=6901, dstPort=port)
        guest.handle(0.1)

    def twoOfOneCid(self, guest, port):
        """10: two machines that have one CID: both answer, and count for themselves."""
        client, service = self.connect(guest, port)
        client.sendall(b"x" * 100)
        service.receive()
        guest.handle(0.1)
        service.transmit(RESPONSE, bufAlloc=65536, fwdCnt=0)
        guest.handle(0.1)
        service.transmit(CREDIT_UPDATE)
        traffic.together(client.close, lambda: guest.pump(lambda: service.peerShutdown, 10))
        service.close()

    def givesUp(self, guest, port):
        """8: a device that resets a connection on which nothing was on its way."""
        client, service = self.connect(guest, port)
        guest.handle(0.1)
        service.reset()
        guest.handle(0.1)
        client.close()

    def smallWindow(self, guest, port):
        """4: a small receive buffer and a long round trip, and no more than a buffer for each passes."""
        guest.listen(port, bufferSize=4096)
        client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        client.settimeout(60)

        def answer():
            time.sleep(0.1)
            service = guest.accept(port, 30)
            while service.fwdCnt < 10 * 4096:
                guest.handle(0.1)
                service.fwdCnt += sum(len(payload) for payload, _ in service.incoming)
                service.incoming.clear()
                service.transmit(CREDIT_UPDATE)
            return service

        def ask():
            client.connect((CID, port))
            client.sendall(b"x" * 10 * 4096)

        service, _ = traffic.together(answer, ask)
        traffic.together(client.close, lambda: guest.pump(lambda: service.peerShutdown, 10))
        service.close()

    @contextmanager
    def asking(self, port):
        """1: a REQUEST under way when the capture ends."""
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect((CID, port))
            yield

    def snapshot(self, port):
        """6: a guest that comes back from a snapshot goes on with what the host has forgotten."""
        with traffic.listener(port) as listening:
            with Guest(cid=CID) as guest:
                client = guest.connect(port, localPort=7700)
                served, _ = listening.accept()
            time.sleep(0.3)
            with Guest(cid=CID) as guest:
                guest.send(b"still here", op=RW, srcPort=7700, dstPort=port, fwdCnt=client.fwdCnt)
                guest.handle(0.3)
            served.close()

    PLAYED = {
        8101: silent,
        8102: slowBoot,
        8103: deadlock,
        8104: ownCap,
        8105: creditUnanswered,
        8107: halfClose,
        8108: late,
        8109: sibling,
        8110: wrongCids,
        8111: twoOfOneCid,
        8112: givesUp,
        8113: smallWindow,
    }
    NAMED = {
        8101: {"connect-unanswered"},
        8102: {"connect-unanswered", "connect-refused", "late-start"},
        8103: {"credit-stuck", "reset-mid-stream"},
        8104: {"possibly-blocked"},
        8105: {"credit-request-unanswered"},
        8107: {"half-close-turned-full"},
        8108: {"data-after-shutdown"},
        8109: {"connect-unanswered"},
        8110: {"wrong-direction-cid", "cid-beyond-32-bits", "connect-unanswered"},
        8111: {"cid-collision"},
        8112: {"reset-without-shutdown"},
        8113: {"credit-stall", "window-too-small"},
        8120: {"stale-peer", "reset-mid-stream"},
        8121: {"credit-violation", "reset-mid-stream"},
        8122: {"reused-without-close"},
        8123: {"connect-pending"},
    }

    def testAreNamed(self):
        for port, codes in self.NAMED.items():
            found = {code for row in self.rows if row["server"]["port"] == port for code in row["findings"]}
            with self.subTest(port=port):
                self.assertEqual(found - {"credit-exhausted", "tap-excess"}, codes)

    def testShowThatCreditWasUsedUp(self):
        (row,) = [row for row in self.rows if row["server"]["port"] == 8113]
        self.assertIn("credit-exhausted", row["findings"])

    def testAreCountedAsTheyEnded(self):
        states = {port: [row["state"] for row in self.rows if row["server"]["port"] == port] for port in self.NAMED}
        self.assertEqual(states[8101], ["unanswered"])
        self.assertEqual(states[8102], ["unanswered", "refused", "closed"])
        for port in (8103, 8107, 8112, 8120, 8121):
            self.assertEqual(states[port], ["reset"], port)
        self.assertEqual(states[8104], ["closed"])
        self.assertEqual(states[8122], ["lost", "closed"])

    def testSayHowLongTheBootTook(self):
        (late,) = [finding for finding in self.findings if finding["code"] == "late-start"]
        self.assertIn("2 failed attempts (1 refused)", late["message"])

    def testSayThatSiblingsCannotTalk(self):
        (row,) = [row for row in self.rows if row["server"]["port"] == 8109]
        (finding,) = [finding for finding in self.findings if finding["connection"] == row["id"]]
        self.assertIn("Both ends are guests", finding["message"])
