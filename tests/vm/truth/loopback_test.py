# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs on one kernel log what they do, and vsdump says the same of their packets."""

import signal
import socket
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import traffic
from lab.analysis import followed, nanoseconds, told
from lab.log import Log, digest, pattern
from lab.pcap import readPcap, writePcap
from lab.tap import load
from lab.vsdump import Vsdump, device, settled

PATH, CLOCK, TAPPED = (Path(f"/tmp/{name}.pcap") for name in ("truth", "clock", "tapped"))
SIZES = "1,100,65536,70000,200000"
UPLOAD = 1_000_000
LEAKED = 25
SCENARIOS = {  # by the port that they use
    7101: (traffic.transfer, {"size": UPLOAD}),
    7102: (traffic.messages, {"sizes": SIZES}),
    7103: (traffic.refused, {}),
    7104: (traffic.wrongType, {}),
    7105: (traffic.backlogFull, {}),
    7106: (traffic.halfClose, {}),
    7107: (traffic.many, {"connections": 30}),
    7108: (traffic.burst, {"count": 1200, "size": 20}),
    7109: (traffic.hello, {"cid": traffic.HOST}),
    7110: (traffic.stalls, {}),
}
UNREAD, LEAKING = 7120, 7121


def leak(log, port):
    """Connections that are opened and left alone until the end."""
    with traffic.listener(port, backlog=LEAKED) as listening:
        ends = []
        for _ in range(LEAKED):
            client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
            client.connect((traffic.LOCAL, port))
            log("connect", side="client")
            ends += [client, listening.accept()[0]]
        time.sleep(21)  # a connection counts after ten seconds, and is looked at every ten
        for end in ends:
            end.close()


def setUpModule():
    """Records everything once; the tests look at it."""
    load("vsock_loopback")
    logs = {port: Log() for port in (*SCENARIOS, UNREAD, LEAKING)}
    with device(), Vsdump("-i", "vsockmon0", "-B", "65536", "-w", PATH) as capture, ThreadPoolExecutor(2) as pool:
        slow = [
            pool.submit(traffic.unread, logs[UNREAD], port=UNREAD),
            pool.submit(leak, logs[LEAKING], LEAKING),
        ]
        for port, (scenario, values) in SCENARIOS.items():
            scenario(logs[port], port=port, **values)
        for future in slow:
            future.result()
        traffic.hello(Log(), port=7199)  # a packet after the time that shows the leak
        settled("vsockmon0")
        capture.end()
    Truth.counters = capture.counters()
    Truth.logs = logs
    Truth.rows = told("connections", PATH)
    Truth.findings = [record for record in told("report", PATH) if record["record"] == "finding"]


class Truth(unittest.TestCase):
    logs = rows = findings = counters = None

    def of(self, port):
        """The connections to a port."""
        return [row for row in self.rows if row["server"]["port"] == port]

    def codes(self, port):
        """What was found on them."""
        return sorted(code for row in self.of(port) for code in row["findings"])

    def testLosesNothing(self):
        self.assertEqual(self.counters.dropped, 0)

    def testCountsTheConnectionsThatWereMadeAndRefused(self):
        for port, log in self.logs.items():
            with self.subTest(port=port):
                refused = len(log.all("refused"))
                states = [row["state"] for row in self.of(port)]
                self.assertEqual((len(states), states.count("refused")), (len(log.all("connect")) + refused, refused))
                self.assertEqual(states.count("closed"), len(states) - refused)

    def testCountsTheBytesThatWereSentEachWay(self):
        for port, log in self.logs.items():
            with self.subTest(port=port):
                sums = [sum(row[way]["bytes"] for row in self.of(port)) for way in ("to_server", "to_client")]
                self.assertEqual(sums, [log.total("send", side=side) for side in ("client", "server")])

    def testFollowsExactlyWhatWasSent(self):
        for port in (7101, 7102, 7106, 7109):
            log = self.logs[port]
            (row,) = self.of(port)
            for way, side in (("to-server", "client"), ("to-client", "server")):
                pieces = [event["digest"] for event in log.all("send", side=side)]
                data = followed(PATH, row["id"], way)
                if port == 7102:
                    data = data[: int(SIZES.split(",")[0])]
                with self.subTest(port=port, way=way):
                    self.assertEqual([digest(data)] if data else [], pieces[:1])
        self.assertEqual(followed(PATH, self.of(7101)[0]["id"], "to-server"), pattern(UPLOAD))

    def testFindsTheBoundariesOfMessages(self):
        (row,) = self.of(7102)
        sent = [(event["bytes"], event["eor"]) for event in self.logs[7102].all("send", side="client")]
        self.assertEqual(row["to_server"]["messages"], len(sent))
        found, size = [], 0
        for packet in told("", PATH, "port", "7102", "and", "op", "rw"):
            size += packet["payload_length"]
            if "eom" in packet["virtio"]["flag_names"]:
                found.append((size, "eor" in packet["virtio"]["flag_names"]))
                size = 0
        self.assertEqual(found, sent)

    def testTellsStallsInTheirOrderBetweenTheLogsEvents(self):
        (row,) = self.of(7110)
        log = self.logs[7110]
        stalls = [stall for stall in row["stalls"] if stall["kind"] == "credit-stall"]
        ways = {"client": "to_server", "server": "to_client"}
        blocked = log.all("fill")
        self.assertEqual([stall["direction"] for stall in stalls], [ways[event["side"]] for event in blocked])
        sent = {"to_server": 0, "to_client": 0}
        for number, stall in enumerate(stalls):
            with self.subTest(stall=number):
                begin, read, went = (log.all(what)[number]["timeNs"] for what in ("fill", "read", "resumed"))
                self.assertLess(begin, nanoseconds(stall["start_time"]))
                self.assertLess(nanoseconds(stall["start_time"]), read)
                self.assertLess(read, nanoseconds(stall["end_time"]))
                self.assertLess(nanoseconds(stall["end_time"]), went)
                sent[stall["direction"]] += blocked[number]["bytes"]
                self.assertEqual(stall["bytes_before"], sent[stall["direction"]])
        self.assertEqual(set(self.codes(7110)), {"credit-stall", "slow-reader"})

    def testNamesWhatWentWrong(self):
        self.assertEqual(self.codes(7103), ["connect-refused"])
        self.assertEqual(self.codes(7104), ["connect-refused"])
        self.assertEqual(self.codes(7105), ["connect-refused"] * 2)
        self.assertEqual(self.codes(7108), ["tiny-packets"])
        self.assertEqual(self.codes(UNREAD), ["close-left-data-unread"])
        self.assertEqual(set(self.codes(LEAKING)), {"leaked-connections"})
        (full, *_) = [finding for finding in self.findings if finding["connection"] == self.of(7105)[-1]["id"]]
        self.assertIn("queue was full", full["message"])

    def testFindsNothingWhereNothingIsWrong(self):
        for port in (7102, 7106, 7107, 7109):
            with self.subTest(port=port):
                self.assertEqual(self.codes(port), [])
        self.assertLessEqual(set(self.codes(7101)), {"credit-stall", "window-too-small", "credit-exhausted", "slow-reader"})
        self.assertEqual([finding["code"] for finding in self.findings if finding["connection"] is None], [])


class Taps(unittest.TestCase):
    """What a capture lacks, and what two of them have twice."""

    def testShowThatRecordsAreMissing(self):
        with device(), Vsdump("-i", "vsockmon0", "-B", "512", "-w", TAPPED) as capture:
            with traffic.connection(Log(), traffic.LOCAL, 7140) as (client, server):
                client.send(bytes(100))
                server.receive(100)
                settled("vsockmon0")
                capture.send(signal.SIGSTOP)  # nobody empties the kernel's buffer
                for _ in range(100):
                    client.send(bytes(65536))
                    server.receive(65536)
                capture.send(signal.SIGCONT)
                settled("vsockmon0")
                for _ in range(2):
                    server.send(bytes(100))
                    client.receive(100)
                    time.sleep(0.1)
                capture.end()
        self.assertGreater(capture.counters().dropped, 0)
        (row,) = told("connections", TAPPED)
        self.assertEqual(row["findings"], ["capture-loss"])
        sent = 100 + 100 * 65536
        self.assertEqual(row["to_server"]["bytes"] + row["to_server"]["lost_bytes"], sent)

    def testShowPacketsTwiceInOneFile(self):
        paths = [Path(f"/tmp/tap{number}.pcap") for number in range(2)]
        with device(), device("vsockmon1"), Vsdump("-i", "vsockmon0", "-w", paths[0]) as one, Vsdump("-i", "vsockmon1", "-w", paths[1]) as other:
            traffic.hello(Log(), port=7141)
            settled("vsockmon1")
            one.end()
            other.end()
        records = sorted((record for path in paths for record in readPcap(path)), key=lambda record: record.timeNs)
        writePcap(TAPPED, records)
        self.assertEqual([finding["code"] for finding in told("report", TAPPED)], ["duplicate-packets"])
        (once,), (twice,) = told("connections", paths[0]), told("connections", TAPPED)
        for way in ("to_server", "to_client"):
            self.assertEqual([once[way][key] for key in ("packets", "bytes")], [twice[way][key] for key in ("packets", "bytes")])


class Clock(unittest.TestCase):
    """Setting the clock makes a minute pass at once."""

    def testShowsAnIdleProbeAndThatTimeWentBack(self):
        with device(), Vsdump("-i", "vsockmon0", "-w", CLOCK) as capture:
            with traffic.connection(Log(), traffic.LOCAL, 7130):
                time.clock_settime(time.CLOCK_REALTIME, time.time() + 80)
                traffic.hello(Log(), port=7131)
                time.clock_settime(time.CLOCK_REALTIME, time.time() - 80)
                traffic.hello(Log(), port=7132)
            settled("vsockmon0")
            capture.end()
        codes = [finding["code"] for finding in told("report", CLOCK)]
        self.assertEqual(sorted(codes), ["idle-connection", "time-stepped-back"])
        self.assertEqual([row["state"] for row in told("connections", CLOCK)], ["closed"] * 3)
