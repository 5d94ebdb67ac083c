#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump messages on the sample captures: what it says is what the programs said to each other."""

import json
import struct
import subprocess
import sys
import tempfile
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


def capture(path, packets, port=1024):
    """Writes a capture of one client, CID 2, and a server, CID 42; a packet a millisecond. Each packet is the client's port,
    whether it goes to the server, the op and the payload."""
    records = [struct.pack("<IHHQII", 0xA1B2C3D4, 2, 4, 0, 262144, 271)]
    for number, (client, isToServer, op, payload) in enumerate(packets):
        cids, ports = (2, 42), (client, port)
        if not isToServer:
            cids, ports = cids[::-1], ports[::-1]
        monitorOp = {1: 1, 2: 1, 3: 2, 5: 4}[op]
        record = struct.pack("<QQIIHHI", *cids, *ports, monitorOp, 2, 44)
        record += struct.pack("<QQIIIHHIII", *cids, *ports, len(payload), 1, op, 0, 65536, 0) + payload
        records.append(struct.pack("<IIII", 1_700_000_000, number * 1000, len(record), len(record)) + record)
    Path(path).write_bytes(b"".join(records))


REQUEST, RESPONSE, RST, RW = 1, 2, 3, 5


class BuiltCaptures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/built.pcap"

    def testTellsOfRetriesInOneMessage(self):
        port = 1 << 30
        packets = [p for i in range(5) for p in ((port + i, True, REQUEST, b""), (port + i, False, RST, b""))]
        capture(self.path, [*packets, (port + 5, True, REQUEST, b""), (port + 5, False, RESPONSE, b"")])
        printed = run("-t", "-r", self.path)[0]
        self.assertEqual(printed, "#5 host:1073741829 -> 42:1024 vsock connect firecracker_family=1: ok refused=5, 11.0 ms\n")
        capture(self.path, packets)
        self.assertIn("error refused each time refused=5", run("-t", "-r", self.path)[0])
        capture(self.path, packets[:2] + [(9, True, REQUEST, b""), (9, False, RESPONSE, b"")])
        self.assertEqual(run("-t", "-r", self.path)[0], "")

    def testTellsOfRetriesUnderAFilterHoweverLongAgoTheyEnded(self):
        port = 1 << 30
        refused = [p for i in range(5) for p in ((port + i, True, REQUEST, b""), (port + i, False, RST, b""))]
        later = [p for i in range(1000) for p in ((i + 7, True, REQUEST, b""), (i + 7, False, RESPONSE, b""), (i + 7, True, RST, b""))]
        capture(self.path, refused)
        capture(self.path + ".later", later, port=80)
        data = Path(self.path).read_bytes()
        day = bytearray(Path(self.path + ".later").read_bytes()[24:])
        at = 0
        while at < len(day):  # a packet a second from the next day on
            struct.pack_into("<I", day, at, 1_700_086_400 + at // 92)
            at += 16 + struct.unpack_from("<I", day, at + 8)[0]
        Path(self.path).write_bytes(data + day)
        for words in ([], ["port", "1024"], ["op", "rst", "and", "port", "1024"], ["port", str(port)], ["state", "refused"]):
            with self.subTest(filter=words):
                self.assertIn("error refused each time refused=5", run("-t", "-r", self.path, *words)[0])
        self.assertEqual(run("-t", "-r", self.path, "port", "80")[0], "")

    def testNamesAllThatAConnectionTurnsInto(self):
        asks = struct.pack(">IQII", 3, 0x49484156454F5054, 5, 0)
        hello = b"\x16\x03\x01\x00\x30\x01\x00\x00\x2c\x03\x03" + bytes(42)
        packets = [
            (7, True, REQUEST, b""),
            (7, False, RESPONSE, b""),
            (7, False, RW, b"NBDMAGICIHAVEOPT\x00\x03"),
            (7, True, RW, asks),
            (7, False, RW, struct.pack(">QIII", 0x0003E889045565A9, 5, 1, 0)),
            (7, True, RW, hello),
        ]
        capture(self.path, packets, port=10809)
        listed = subprocess.run([PROGRAM, "connections", "--json", "-r", self.path], capture_output=True, check=True).stdout
        self.assertEqual(json.loads(listed.splitlines()[0])["service"], "nbd, tls")


class Messages(unittest.TestCase):
    def testTellsTheRequestsThatCurlMade(self):
        found = [(m["call"], m["detail"]["target"], m["reply"]["status"], m["outcome"]) for m in messages("http.pcap")]
        expected = [("GET", "/page.txt", 200, "ok"), ("GET", "/missing.txt", 404, "error"), ("HEAD", "/page.txt", 200, "ok")]
        self.assertEqual(found, expected)

    def testTellsWhatKatasMethodsAnswered(self):
        found = messages("ttrpc.pcap")
        errors = {m["call"]: m["error"].partition(":")[0] for m in found if m["outcome"] == "error"}
        self.assertEqual(errors, {"SignalProcess": "NOT_FOUND", "PauseContainer": "DEADLINE_EXCEEDED", "GetMetrics": "UNIMPLEMENTED"})
        self.assertEqual([m["call"] for m in found if m["long_poll"]], ["WriteStdin", "WaitProcess"])

    def testTellsSecretsOnDemandOnly(self):
        self.assertNotIn("hunter2", run("-r", SAMPLES / "ttrpc.pcap")[0])
        self.assertIn("env=PASSWORD=hunter2", run("--payload", "-r", SAMPLES / "ttrpc.pcap")[0])

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
        for sample in ("http.pcap", "http2.pcap", "nbd.pcap", "ssh.pcap", "tls.pcap", "ttrpc.pcap"):
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
        for command in ([], ["report"], ["follow", "1", "--messages"], ["connections"]):
            with self.subTest(command=command):
                words = [PROGRAM, *command, "-r", SAMPLES / "http.pcap"]
                said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
                self.assertRegex(said, r"\bhttp ")
                said = subprocess.run([*words, "--decode-as", "80=nbd"], capture_output=True, text=True, check=True).stdout
                self.assertNotRegex(said, r"\bhttp ")  # with a question mark, the port may well be named

    def testRefusesWhatItDoesNotKnow(self):
        for words in (("--protocol", "gopher"), ("--slow", "soon"), ("--decode-as", "80=gopher"), ("--decode-as", "http")):
            said = run("-r", SAMPLES / "http.pcap", *words, status=2)[1]
            self.assertIn(words[0], said)


if __name__ == "__main__":
    unittest.main()
