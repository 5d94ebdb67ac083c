#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump messages on the sample captures: what it says is what the programs said to each other."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
PROGRAM = sys.argv.pop(1)


def run(*arguments, status=0):
    """What the program prints, and what it says."""
    done = subprocess.run([PROGRAM, "messages", *arguments], capture_output=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def messages(sample, *more):
    """The objects of a sample."""
    return [json.loads(line) for line in run("--json", "-r", SAMPLES / sample, *more)[0].splitlines()]


class Messages(unittest.TestCase):
    def testTellsTheRequestsThatCurlMade(self):
        found = [(m["call"], m["detail"]["target"], m["reply"]["status"], m["outcome"]) for m in messages("http.pcap")]
        expected = [("GET", "/page.txt", 200, "ok"), ("GET", "/missing.txt", 404, "error"), ("HEAD", "/page.txt", 200, "ok")]
        self.assertEqual(found, expected)

    def testTellsWhatNbdcopyWroteAndRead(self):
        """nbdcopy wrote the disk of 16 KiB, and read it in pieces of 4 KiB."""
        transfers = [m for m in messages("nbd.pcap") if m["call"] in ("READ", "WRITE")]
        self.assertTrue(all(m["outcome"] == "ok" and m["latency_ns"] > 0 for m in transfers))
        written = sum(m["detail"]["length"] for m in transfers if m["call"] == "WRITE")
        read = [m["detail"] for m in transfers if m["call"] == "READ"]
        self.assertEqual(written, 16384)
        self.assertEqual(sorted(d["offset"] for d in read if d["length"] == 4096), [0, 4096, 8192, 12288])

    def testNamesTheServerThatTheClientHelloNames(self):
        self.assertEqual([m["detail"]["server_name"] for m in messages("tls.pcap")], ["tls.example"])

    def testHasTheDocumentedKeys(self):
        keys = {"record", "connection", "client", "server", "direction", "protocol", "call", "time", "reply_time", "latency_ns",
                "packet", "reply_packet", "outcome", "error", "long_poll", "cut", "detail", "reply"}
        document = (SAMPLES.parent / "docs/json.md").read_text(encoding="utf-8")
        section = document.partition('`"record":"message"`')[2].partition("\n## ")[0]
        for key in keys:
            self.assertIn(f"`{key}`", section + "`record`")
        for sample in ("http.pcap", "nbd.pcap", "ssh.pcap", "tls.pcap"):
            for message in messages(sample):
                self.assertEqual(set(message), keys)

    def testSelectsByProtocolTimeAndFilter(self):
        everything = messages("nbd.pcap")
        slow = messages("nbd.pcap", "--slow", "300us")
        self.assertEqual(slow, [m for m in everything if (m["latency_ns"] or 0) >= 300_000])
        self.assertTrue(0 < len(slow) < len(everything))
        self.assertEqual(messages("nbd.pcap", "--protocol", "http"), [])
        port = everything[0]["client"]["port"]
        ofOne = messages("nbd.pcap", "port", str(port))
        self.assertEqual(ofOne, [m for m in everything if m["client"]["port"] == port])
        # A filter that selects only the last packets of connections selects all of their messages.
        self.assertCountEqual(messages("nbd.pcap", "op", "rst"), everything)

    def testFollowsTheMessagesOfOneConnection(self):
        lines = run("-r", SAMPLES / "http.pcap")[0].splitlines()
        follow = [PROGRAM, "follow", "1", "--messages", "-r", SAMPLES / "http.pcap"]
        followed = subprocess.run(follow, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(followed, [line for line in lines if " #1 " in line])
        follow[2] = "9"
        self.assertEqual(subprocess.run(follow, capture_output=True, check=False).returncode, 1)

    def testTakesTheUsersWordForAProtocol(self):
        self.assertEqual(messages("http.pcap", "--decode-as", "80=nbd"), [])

    def testRefusesWhatItDoesNotKnow(self):
        for words in (("--protocol", "gopher"), ("--slow", "soon"), ("--decode-as", "80=gopher"), ("--decode-as", "http")):
            said = run("-r", SAMPLES / "http.pcap", *words, status=2)[1]
            self.assertIn(words[0], said)


if __name__ == "__main__":
    unittest.main()
