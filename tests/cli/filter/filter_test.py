#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters that ask for connections, on the sample captures: in each command, read once or twice."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
PROGRAM = sys.argv.pop(1)


def run(*arguments, status=0, given=None):
    """Standard output and standard error of the program."""
    done = subprocess.run([PROGRAM, *arguments], input=given, capture_output=True, check=False, timeout=60)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout, done.stderr.decode()


def numbers(sample, *words):
    """The numbers of the packets that a filter selects."""
    lines = run("--json", "-r", SAMPLES / sample, *words)[0].splitlines()
    return [json.loads(line)["number"] for line in lines]


def records(command, sample, *words):
    """What an analysing command prints."""
    return [json.loads(line) for line in run(command, "--json", "-r", SAMPLES / sample, *words)[0].splitlines()]


class Filter(unittest.TestCase):
    def test_a_finding_keeps_whole_connections_and_its_packets_prove_it(self):
        (finding,) = records("report", "credit-stall.pcap")
        self.assertEqual(numbers("credit-stall.pcap", "finding", finding["code"]), list(range(1, 16)))
        self.assertEqual(numbers("credit-stall.pcap", "finding-packet", finding["code"]), finding["packets"])
        self.assertEqual(numbers("credit-stall.pcap", "not", "finding", finding["code"]), [])
        self.assertEqual(numbers("credit-stall.pcap", "finding", "slow-reader"), [])

    def test_agrees_with_the_report(self):
        for path in (SAMPLES / f"{name}.pcap" for name in ("sibling", "switched-off", "overrun", "unread-close")):
            for finding in records("report", path.name):
                kept = numbers(path.name, "finding-packet", finding["code"])
                self.assertLessEqual(set(finding["packets"]), set(kept), (path.name, finding["code"]))
                whole = numbers(path.name, "finding", finding["code"])
                # An end that was never seen is proven by a packet of the next connection.
                if finding["connection"] is not None:
                    self.assertTrue(set(finding["packets"]) & set(whole), (path.name, finding["code"]))

    def test_each_connection_goes_by_its_number_state_and_service(self):
        for path in (SAMPLES / f"{name}.pcap" for name in ("sibling", "switched-off", "nbd")):
            for row in records("connections", path.name):
                packets = row["to_server"]["packets"] + row["to_client"]["packets"]
                if "duplicate-packets" not in row["findings"]:
                    self.assertEqual(len(numbers(path.name, "connection", str(row["id"]))), packets, path.name)
                self.assertIn(row, records("connections", path.name, "state", row["state"]), path.name)
                if row["service"] is not None:
                    self.assertIn(row, records("connections", path.name, "service", row["service"]), path.name)

    def test_writes_counts_and_prints_the_same_packets(self):
        words = ("state", "refused")
        sample = SAMPLES / "vsock-test.pcap"
        kept = numbers(sample.name, *words)
        self.assertGreater(len(kept), 2)
        self.assertEqual(run("--count", "-r", sample, *words)[0], f"{len(kept)} packets\n".encode())
        self.assertEqual(len(run("-q", "-r", sample, *words)[0].splitlines()), len(kept))
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "kept.pcap"
            run("-r", sample, "-w", written, *words)
            self.assertEqual(run("-q", "-r", written)[0], run("-q", "-r", sample, *words)[0])

    def test_says_when_it_reads_twice_and_reads_twice_what_can_be(self):
        sample = SAMPLES / "refused.pcap"
        self.assertIn("reading the packets twice: `state refused` is known only at the end\n", run("-v", "-r", sample, "state", "refused")[1])
        self.assertNotIn("twice", run("-v", "-r", sample, "connection", "0")[1])
        self.assertNotIn("twice", run("-r", sample, "state", "refused")[1])
        with sample.open("rb") as file:
            done = subprocess.run([PROGRAM, "--count", "-r", "-", "state", "refused"], stdin=file, capture_output=True, check=True)
        self.assertEqual(done.stdout, b"2 packets\n")
        for words in (("state", "refused"), ("port", "4321", "and", "finding-packet", "connect-refused")):
            error = run("-r", "-", *words, status=2, given=sample.read_bytes())[1]
            self.assertIn(f"cannot select by `{' '.join(words[-2:])}` from standard input: that is known only at the end", error)
        self.assertEqual(run("--count", "-r", "-", "connection", "0", given=sample.read_bytes())[0], b"2 packets\n")

    def test_reads_several_files_as_one_capture(self):
        with tempfile.TemporaryDirectory() as folder:
            names = Path(folder) / "names"
            names.write_text(f"{SAMPLES / 'refused.pcap'}\n{SAMPLES / 'credit-stall.pcap'}\n", encoding="utf-8")
            for words, count in ((("state", "refused"), 2), (("finding-packet", "credit-stall"), 2), (("connection", "1"), 15)):
                self.assertEqual(run("--count", "-V", names, *words)[0], f"{count} packets\n".encode(), words)

    def test_reads_a_compressed_file_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            packed = Path(folder) / "packed.pcap.gz"
            run("-r", SAMPLES / "refused.pcap", "-w", packed)
            self.assertEqual(run("--count", "-r", packed, "state", "refused")[0], b"2 packets\n")

    def test_folds_loopback_to_the_hosts_cid(self):
        client, server = "1.3857418604", "2.5000"
        everything = numbers("host-cid.pcap")
        for words in (("cid", "2"), ("host", "host"), ("conn", client, server), ("conn", server, client), ("not", "conn", client, "1.5000")):
            self.assertEqual(numbers("host-cid.pcap", *words), everything, words)
        for words in (("not", "cid", "2"), ("not", "conn", client, server), ("conn", client, "1.5000"), ("cid", "3")):
            self.assertEqual(numbers("host-cid.pcap", *words), [], words)
        # The last RST comes from 2.5000, as nobody has a socket there any more.
        self.assertEqual(numbers("host-cid.pcap", "src", "cid", "2"), [everything[-1]])
        self.assertEqual(numbers("python-hello.pcap", "cid", "2"), [])

    def test_the_kernel_gets_what_keeps_or_drops_whole_connections(self):
        for words, part in (
            ("port 1024 and finding credit-stall", "port 1024"),
            ("type stream and op rst and connection 3", "type stream"),
            ("service ssh or cid 3", "1 = 1"),
            ("cid 3 and payload contains x", "cid 3"),
        ):
            self.assertIn(f"this is the code for `{part}`", run("-d", words)[1], words)


if __name__ == "__main__":
    unittest.main()
