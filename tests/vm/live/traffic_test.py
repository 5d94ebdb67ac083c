# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs talk to each other; vsdump, its window and tcpdump record it side by side, and agree packet by packet."""

import itertools
import os
import socket
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import traffic
from lab.log import Log, pattern
from lab.pcap import readPcap, streams
from lab.tap import Tcpdump, load
from lab.vsdump import PATIENCE, Vsdump, device, eventually, run, settled

OURS, THEIRS, TEXT = Path("/tmp/ours.pcap"), Path("/tmp/theirs.pcap"), Path("/tmp/ours.txt")
SHOWN = Path("/tmp/shown.pcapng")
WINDOW = Path(os.environ["VSDUMP_BUILD"]) / "tests/gui/vsdump_gui_capture"
PROGRAMS = ("socat", "ncat", "python")
QUESTION, ANSWER = pattern(20_000, 1), pattern(70_001, 2)
SERVERS = {"socat": "socat -t 60 STDIO VSOCK-LISTEN:{port}", "ncat": "ncat --vsock -l {port}"}
CLIENTS = {"socat": "socat -t 60 STDIO VSOCK-CONNECT:1:{port}", "ncat": "ncat --vsock 1 {port}"}


def converse(command, data, expected):
    """A program sends the data and returns what it has received.

    Its input stays open until it has that many bytes: ncat ends at the first end of either side."""
    with subprocess.Popen(command.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(data)
        process.stdin.flush()
        received = process.stdout.read(expected)
        process.stdin.close()
        return received + process.stdout.read()


def converseByHand(end, data, expected):
    """The same through a socket of this process."""
    with end:
        end.settimeout(PATIENCE)
        end.sendall(data)
        received = b""
        while len(received) < expected and (piece := end.recv(65536)):
            received += piece
        end.shutdown(socket.SHUT_WR)
        while piece := end.recv(65536):
            received += piece
        return received


def serve(program, port):
    """One program's server, which sends the answer."""
    if program != "python":
        return converse(SERVERS[program].format(port=port), ANSWER, len(QUESTION))
    with traffic.listener(port) as listening:
        return converseByHand(listening.accept()[0], ANSWER, len(QUESTION))


def call(program, port):
    """One program's client, which sends the question."""
    if program != "python":
        return converse(CLIENTS[program].format(port=port), QUESTION, len(ANSWER))
    client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    client.connect((traffic.LOCAL, port))
    return converseByHand(client, QUESTION, len(ANSWER))


def talk(server, client, port):
    """A conversation of two programs; returns what each end has received."""
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve, server, port)
        if not eventually(lambda: f":{port} " in run("ss", "--vsock", "-lH") or served.done()):
            raise RuntimeError(f"{server} does not listen")
        received = call(client, port)
        return served.result(), received


def setUpModule():
    """Records everything once; the tests look at it."""
    load("vsock_loopback", "vsock_diag")
    os.environ["TZ"] = "UTC"
    with device(), open(TEXT, "wb") as text:
        ours = Vsdump("-i", "vsockmon0", "-w", OURS, "--print", "-q", "-tt", "--nano", stdout=text)
        window = Vsdump("vsockmon0", SHOWN, program=WINDOW)
        with ours, window, Tcpdump(THEIRS, "--time-stamp-precision=nano"):
            Conversations.said = {
                (server, client): talk(server, client, 7000 + number)
                for number, (server, client) in enumerate(itertools.product(PROGRAMS, PROGRAMS))
            }
            for scenario in (traffic.messages, traffic.refused, traffic.wrongType, traffic.halfClose, traffic.stall, traffic.many):
                scenario(Log())
            Agreement.passed = settled("vsockmon0")
            ours.end()
            window.end()
        Agreement.ours, Agreement.theirs = readPcap(OURS), readPcap(THEIRS)
        Agreement.said = ours


class Conversations(unittest.TestCase):
    said = None

    def testHaveArrived(self):
        for pair, received in self.said.items():
            with self.subTest(pair=pair):
                self.assertEqual(received, (QUESTION, ANSWER))

    def testAreInTheCaptureByteForByte(self):
        sent = streams(readPcap(OURS))
        for number, pair in enumerate(itertools.product(PROGRAMS, PROGRAMS)):
            with self.subTest(pair=pair):
                self.assertEqual([data for (_, port), data in sent.items() if port == 7000 + number], [QUESTION])
                self.assertEqual([data for (port, _), data in sent.items() if port == 7000 + number], [ANSWER])


class Agreement(unittest.TestCase):
    ours = theirs = passed = said = None

    def testIsOnEveryPacket(self):
        self.assertGreater(self.passed, 400)
        self.assertEqual(self.said.counters(), (self.passed, self.passed, 0))
        self.assertEqual((len(self.ours), len(self.theirs)), (self.passed, self.passed))
        for number, (our, their) in enumerate(zip(self.ours, self.theirs), 1):
            self.assertEqual((our.data, our.wireLength), (their.data, their.wireLength), f"packet {number}")

    def testIsOnEveryPacketThatTheWindowShows(self):
        run("vsdump", "-r", SHOWN, "-w", "/tmp/shown.pcap", "--nano")
        shown = readPcap("/tmp/shown.pcap")
        self.assertEqual(len(shown), self.passed)
        for number, (our, their) in enumerate(zip(self.ours, shown), 1):
            self.assertEqual((our.data, our.wireLength), (their.data, their.wireLength), f"packet {number}")

    def testIsOnTheTime(self):
        """The kernel takes the time for each of its readers, one right after the other."""
        apart = sorted(abs(our.timeNs - their.timeNs) for our, their in zip(self.ours, self.theirs))
        self.assertLess(apart[len(apart) // 2], 1_000_000)
        self.assertLess(apart[-1], 5_000_000_000)

    def testIsOnTheText(self):
        theirs = run("tcpdump", "-n", "-tt", "--nano", "-r", OURS, stderr=subprocess.DEVNULL)
        self.assertEqual(TEXT.read_text(), theirs)

    def testIsOnTheTextOfTheFile(self):
        for options in ("-#vv", "-ttttXX"):
            with self.subTest(options=options):
                theirs = run("tcpdump", "-n", options, "-r", THEIRS, stderr=subprocess.DEVNULL)
                ours = run("vsdump", "-q", options, "-r", THEIRS, stderr=subprocess.DEVNULL)
                # tcpdump knows no SEQPACKET, and wants payload where there is none to print.
                self.assertEqual(ours.replace("type SEQPACKET", "type Invalid type (2)"), theirs)
