#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands connections, report, follow and stats on the sample captures: what they say is what the traffic was."""

import fcntl
import json
import os
import struct
import subprocess
import sys
import termios
import unittest
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/vm"))
from lab.log import digest, pattern  # noqa: E402

PROGRAM = sys.argv.pop(1)


def run(*arguments, status=0):
    """Standard output of the program."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout


def onTerminal(columns, *arguments):
    """What the program prints on a terminal of so many columns."""
    outer, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    with subprocess.Popen([PROGRAM, *arguments], stdout=inner, stderr=subprocess.DEVNULL) as process:
        os.close(inner)
        text = b""
        with suppress(OSError):  # how a terminal ends that nobody has open any more
            while piece := os.read(outer, 65536):
                text += piece
        process.wait(timeout=120)
    os.close(outer)
    return text.decode().replace("\r\n", "\n")


def records(command, sample, *more):
    """The objects that a command prints of a sample."""
    return [json.loads(line) for line in run(command, "--json", "-r", ROOT / "samples" / sample, *more).splitlines()]


def findings(sample):
    """What report finds in a sample."""
    return [record for record in records("report", sample) if record["record"] == "finding"]


def codes(sample):
    """The findings of a sample."""
    return [record["code"] for record in findings(sample)]


class Commands(unittest.TestCase):
    def testFollowsSplitPacketsByteForByte(self):
        for kernel in ("6.1", "6.12"):
            for connection, size in ((0, 10000), (1, 8000)):
                path = ROOT / f"samples/split-{kernel}.pcap"
                payload = run("follow", str(connection), "--raw", "--to-server", "-r", path)
                self.assertEqual(digest(payload), digest(pattern(size)), (kernel, connection))

    def testFoldsLoopbackToTheHostsCid(self):
        rows = records("connections", "host-cid.pcap")
        self.assertEqual([(row["state"], row["partial"]) for row in rows], [("closed", False)])

    def testKeepsTwoDevicesApart(self):
        rows = records("connections", "two-devices.pcapng")
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[0]["to_server"]["bytes"], rows[1]["to_server"]["bytes"])

    def testNamesTheServiceThatThePayloadIsOf(self):
        for sample, name in (("http", "http"), ("nbd", "nbd"), ("ssh", "ssh"), ("tls", "tls")):
            rows = records("connections", f"{sample}.pcap")
            self.assertEqual({(row["service"], row["service_is_guess"]) for row in rows}, {(name, False)}, sample)

    def testTellsTheTimesOfEachWay(self):
        row = records("connections", "python-hello.pcap")[0]
        packets = [json.loads(line) for line in run("--json", "-r", ROOT / "samples/python-hello.pcap").splitlines()]
        nanoseconds = lambda time: int(time.replace(".", ""))  # noqa: E731
        for way in ("to_server", "to_client"):
            times = [packet["time"] for packet in packets if packet["direction"] == way]
            gap = max(nanoseconds(b) - nanoseconds(a) for a, b in zip(times, times[1:]))
            self.assertEqual((row[way]["first_time"], row[way]["last_time"], row[way]["largest_gap_ns"]), (times[0], times[-1], gap))
        self.assertEqual(row["first_byte_time"], next(packet["time"] for packet in packets if packet["payload_length"]))

    def testReportsHowCallsFared(self):
        calls = [r for r in records("report", "http.pcap") if r["record"] == "calls"]
        self.assertEqual([(c["call"], c["count"], c["failed"], c["unanswered"]) for c in calls], [("GET", 2, 1, 0), ("HEAD", 1, 0, 0)])
        messages = records("messages", "http.pcap")
        slowest = max((m for m in messages if m["call"] == "GET"), key=lambda m: m["latency_ns"])
        self.assertEqual(calls[0]["slowest"], {"latency_ns": slowest["latency_ns"], "connection": 0, "packet": slowest["packet"]})
        self.assertEqual(calls[0]["latency_p99_ns"], slowest["latency_ns"])
        text = run("report", "-r", ROOT / "samples/http.pcap").decode()
        self.assertIn("http GET                       2       1          0    7.8 ms   49.4 ms   49.4 ms  49.4 ms, #0 packet 3", text)
        slow, failed = text.partition("\nslowest calls\n")[2].split("\nfailed calls\n")
        self.assertTrue(slow.startswith(f"packet {slowest['packet']}  #0 "))
        self.assertRegex(failed, r"packet \d+  #0 .* http GET target=/missing.txt .*: error File not found status=404 .*\n$")

    def testReportsCallsOfTheConnectionsThatTheFilterSelects(self):
        port = records("connections", "http.pcap")[1]["client"]["port"]
        calls = [r for r in records("report", "http.pcap", "port", str(port)) if r["record"] == "calls"]
        self.assertEqual([c["call"] for c in calls], ["HEAD"])

    def testNumbersDoNotDependOnTheFilter(self):
        whole = records("connections", "nbd.pcap")
        port = whole[2]["client"]["port"]
        self.assertEqual(records("connections", "nbd.pcap", "port", str(port)), [whole[2]])

    def testOrdersRowsByAColumn(self):
        sizes = [row["to_server"]["bytes"] for row in records("connections", "nbd.pcap", "--sort", "to-server")]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        done = subprocess.run([PROGRAM, "connections", "--sort", "size", "-r", "x"], capture_output=True, text=True, check=False)
        self.assertIn('"size" is none of id, client, server,', done.stderr)

    def testKeepsTheNewestRowsAndCountsThemAll(self):
        text = run("connections", "--keep", "2", "-r", ROOT / "samples/nbd.pcap").decode()
        self.assertEqual([line.split()[0] for line in text.splitlines()[1:3]], ["2", "3"])
        self.assertIn("4 connections, 0 refused, 0 stalled; 16.6 KiB to servers", text)
        self.assertIn("The rows of 2 connections more are not kept", text)

    def testFitsTheTableToTheTerminal(self):
        for sample in (ROOT / "samples").glob("*.pcap*"):
            for columns in (80, 200):
                text = onTerminal(columns, "connections", "-r", sample)
                *table, _ = text.splitlines()
                self.assertLessEqual(max(map(len, table)), columns, sample)

    def testLeavesNothingOutOfTheTableInFilesAndPipes(self):
        for sample in (ROOT / "samples").glob("*.pcap*"):
            done = subprocess.run([PROGRAM, "connections", "-r", sample], capture_output=True, text=True, check=False)
            head, *rows, _ = done.stdout.splitlines()
            for name in ("client", "server", "state", "handshake", "duration", "to server", "to client", "notes"):
                self.assertIn(f"  {name}", head, sample)
            self.assertEqual(len(rows), len(records("connections", sample.name)), sample)

    def testGroupsWhatSeveralConnectionsToAServerHaveInCommon(self):
        text = run("report", "-r", ROOT / "samples/backlog-full.pcap").decode()
        self.assertEqual(text.count("connect-refused"), 1)
        self.assertIn("The same of 1 more connection: #3 (packets 7, 8).", text)
        self.assertIn("2 errors", text)

    def testFindsNothingInCleanTraffic(self):
        for sample in ("python-hello", "ncat", "socat", "ssh", "http", "tls", "nbd", "seqpacket", "half-close", "parallel", "guest"):
            self.assertEqual(codes(f"{sample}.pcap"), [], sample)

    def testNamesWhatWentWrong(self):
        self.assertEqual(codes("refused.pcap"), ["connect-refused"])
        self.assertEqual(codes("wrong-type.pcap"), ["connect-refused"])
        self.assertEqual(codes("backlog-full.pcap"), ["connect-refused"] * 2)
        self.assertEqual(codes("unread-close.pcap"), ["close-left-data-unread"])
        self.assertEqual(codes("credit-stall.pcap"), ["credit-stall"])
        self.assertEqual(codes("switched-off.pcap"), ["reused-without-close"])
        self.assertEqual(codes("sibling.pcap"), ["connect-unanswered", "connect-unanswered", "connect-refused"])
        self.assertEqual(codes("overrun.pcap"), ["credit-violation", "reset-mid-stream"])

    def testFindsNoFalseErrorInTheKernelsOwnTest(self):
        found = findings("vsock-test.pcap")
        self.assertEqual({f["code"] for f in found if f["severity"] == "error"}, {"connect-refused"})

    def testCountsEachPacketOnce(self):
        told = records("stats", "nbd.pcap")
        intervals = [record for record in told if record["record"] == "interval"]
        ports = [record for record in told if record["record"] == "port"]
        self.assertEqual([(port["port"], port["packets"], port["opened"]) for port in ports], [(10809, 203, 4)])
        self.assertLessEqual(ports[0]["handshake_p50_ns"], ports[0]["handshake_p99_ns"])
        self.assertEqual(sum(interval["packets"] for interval in intervals), 203)
        self.assertEqual(sum(interval["opened"] for interval in intervals), 4)

    def testFollowsThePacketsOfAFilter(self):
        path = ROOT / "samples/http.pcap"
        both = run("follow", "0", "--raw", "-r", path)
        toServer = run("follow", "0", "--raw", "--to-server", "-r", path)
        port = next(record["server"]["port"] for record in records("connections", "http.pcap"))
        self.assertLess(len(toServer), len(both))
        self.assertEqual(run("follow", "0", "--raw", "-r", path, "dst", "port", str(port)), toServer)
        self.assertEqual(run("follow", "0", "--raw", "-r", path, "op", "rst"), b"")
        run("follow", "0", "--messages", "-r", path, "op", "rw", status=2)

    def testSaysThatThereIsNoSuchConnection(self):
        self.assertEqual(run("follow", "9", "-r", ROOT / "samples/http.pcap", status=1), b"")


if __name__ == "__main__":
    unittest.main()
