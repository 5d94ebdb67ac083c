#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands connections, report, follow and stats on the sample captures: what they say is what the traffic was."""

import json
import subprocess
import sys
import unittest
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


def records(command, sample, *more):
    """The objects that a command prints of a sample."""
    return [json.loads(line) for line in run(command, "--json", "-r", ROOT / "samples" / sample, *more).splitlines()]


def codes(sample):
    """The findings of a sample."""
    return [record["code"] for record in records("report", sample)]


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
        self.assertEqual(rows[0]["to_server"], rows[1]["to_server"])

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

    def testKeepsTheTableWithinEightyColumns(self):
        for sample in (ROOT / "samples").glob("*.pcap*"):
            done = subprocess.run([PROGRAM, "connections", "-r", sample], capture_output=True, text=True, check=False)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80, sample)

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
        found = records("report", "vsock-test.pcap")
        self.assertEqual({f["code"] for f in found if f["severity"] == "error"}, {"connect-refused"})

    def testCountsEachPacketOnce(self):
        told = records("stats", "nbd.pcap")
        intervals = [record for record in told if record["record"] == "interval"]
        ports = [record for record in told if record["record"] == "port"]
        self.assertEqual([(port["port"], port["packets"], port["opened"]) for port in ports], [(10809, 203, 4)])
        self.assertLessEqual(ports[0]["handshake_p50_ns"], ports[0]["handshake_p99_ns"])
        self.assertEqual(sum(interval["packets"] for interval in intervals), 203)
        self.assertEqual(sum(interval["opened"] for interval in intervals), 4)

    def testSaysThatThereIsNoSuchConnection(self):
        self.assertEqual(run("follow", "9", "-r", ROOT / "samples/http.pcap", status=1), b"")


if __name__ == "__main__":
    unittest.main()
