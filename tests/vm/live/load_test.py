# SPDX-License-Identifier: GPL-2.0-or-later
"""Load: 200 MB at once, a capture that stands still for seconds, and signals in the midst of it."""

import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log, pattern
from lab.pcap import readPcap
from lab.tap import load
from lab.vsdump import Vsdump, eventually, flood

PATH = Path("/tmp/load.pcap")
PACKETS, SIZE = 3200, 65536


def setUpModule():
    load("vsock_loopback")


def pour():
    """200 MB of full packets through one connection."""
    with traffic.connection(Log(), traffic.LOCAL, 5200) as (client, server):

        def push():
            data = pattern(SIZE)
            for _ in range(PACKETS):
                client.sock.sendall(data)
            client.shutdown(socket.SHUT_WR)

        def drain():
            while server.sock.recv(1 << 18):
                pass

        traffic.together(push, drain)


class Burst(unittest.TestCase):
    def tearDown(self):
        PATH.unlink(missing_ok=True)

    def testOf200MegabytesIsWrittenWholeWhereTheBufferHoldsIt(self):
        """However slow the machine is: a block of the buffer, 256 KiB, holds three such packets."""
        with Vsdump("-w", PATH, "-B", 300_000) as capture:
            pour()
            self.assertEqual(capture.end().status, 0)
        records = readPcap(PATH)
        self.assertEqual(capture.counters(), (len(records), len(records), 0))
        payload = [record for record in records if record.op() == 5]
        self.assertEqual(sum(len(record.payload()) for record in payload), PACKETS * SIZE)
        self.assertEqual({len(record.data) for record in payload}, {SIZE + 76})

    def testOf200MegabytesFitsIntoTheDefaultBufferByItsHeaders(self):
        with Vsdump("--headers-only", "-w", PATH) as capture:
            pour()
            self.assertEqual(capture.end().status, 0)
        records = readPcap(PATH)
        self.assertEqual(capture.counters(), (len(records), len(records), 0))
        self.assertEqual(sum(record.virtio()[4] for record in records if record.op() == 5), PACKETS * SIZE)


class Standstill(unittest.TestCase):
    def testOfFiveSecondsCostsPacketsThatAreCountedAndSaid(self):
        with flood(size=60_000), Vsdump("-B", "2048", "-w", PATH) as capture:
            self.assertTrue(eventually(lambda: capture.told().captured > 0))
            capture.send(signal.SIGSTOP)
            time.sleep(5)
            capture.send(signal.SIGCONT)
            after = capture.told()
            self.assertGreater(after.dropped, 0)
            self.assertTrue(eventually(lambda: capture.told().captured > after.captured))
            self.assertEqual(capture.end().status, 0)
        counted = capture.counters()
        self.assertEqual(counted.captured, counted.received - counted.dropped)
        self.assertEqual(len(readPcap(PATH)), counted.captured)
        self.assertRegex(capture.stderr, r"\n[1-9]\d* packets dropped by kernel\n$")

    def testUnderManySignalsLosesNothing(self):
        with flood(), Vsdump(stdout=subprocess.DEVNULL) as capture:
            for _ in range(50):
                capture.send(signal.SIGUSR2)
                capture.told()
            self.assertEqual(capture.end().status, 0)
        counted = capture.counters()
        self.assertEqual(counted.captured, counted.received - counted.dropped)
