# SPDX-License-Identifier: GPL-2.0-or-later
"""The analysing commands on live traffic over loopback."""

import json
import os
import pty
import re
import time
import unittest

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import PATIENCE, Vsdump


def setUpModule():
    load("vsock_loopback")


def waitedFor(master, words):
    """What a terminal has shown once these words appear on it, or after a while."""
    text = ""
    end = time.monotonic() + PATIENCE
    os.set_blocking(master, False)
    while words not in text and time.monotonic() < end:
        try:
            text += os.read(master, 65536).decode()
        except BlockingIOError:
            time.sleep(0.05)
    return text


class Analysis(unittest.TestCase):
    def testListsConnectionsAtTheEnd(self):
        with Vsdump("connections") as command:
            traffic.hello(Log())
            traffic.refused(Log(), port=5002)
            command.end()
        self.assertEqual(command.status, 0)
        self.assertRegex(command.stdout, r"(?m)^0  local:\d+ +local:5000 .*closed by ")
        self.assertRegex(command.stdout, r"(?m)^1  local:\d+ +local:5002 .*refused .* connect-refused$")
        self.assertTrue(command.lines[-1].startswith("2 connections, 1 refused, 0 stalled; "))

    def testRenewsTheTableInPlaceOnATerminal(self):
        master, slave = pty.openpty()
        with Vsdump("connections", stdout=slave) as command:
            traffic.refused(Log(), port=5002)
            text = waitedFor(master, "1 refused")
            traffic.refused(Log(), port=5003)
            text += waitedFor(master, "2 refused")
            command.end()
            text += waitedFor(master, "2 refused")
        os.close(slave)
        # Up over the table that is there, and away with it.
        self.assertRegex(text, r"\x1b\[\d+A\r\x1b\[J")
        final = re.split(r"\x1b\[\d+A\r\x1b\[J", text)[-1]
        self.assertIn("local:5002", final)
        self.assertIn("local:5003", final)
        self.assertIn("2 connections, 2 refused", final)

    def testPrintsJsonOfEachConnection(self):
        with Vsdump("connections", "--json", "port", "5002") as command:
            traffic.hello(Log())
            traffic.refused(Log(), port=5002)
            command.end()
        rows = [json.loads(line) for line in command.lines]
        self.assertEqual([(row["server"]["port"], row["state"], row["findings"]) for row in rows], [(5002, "refused", ["connect-refused"])])

    def testReportsAtTheEnd(self):
        with Vsdump("report") as command:
            traffic.refused(Log(), port=5002)
            command.end()
        self.assertIn("live capture: 2 packets", command.stdout)
        self.assertIn("error   connect-refused  #0 local:", command.stdout)

    def testCountsAsTimePasses(self):
        with Vsdump("stats", "--json", "--interval", "1") as command:
            traffic.refused(Log(), port=5002)
            end = time.monotonic() + PATIENCE
            # The line comes although nothing else is captured.
            while not command.lines and time.monotonic() < end:
                time.sleep(0.05)
            interval = json.loads(command.lines[0])
            self.assertEqual((interval["record"], interval["packets"], interval["refused"]), ("interval", 2, 1))
            command.end()
        self.assertEqual(json.loads(command.lines[-1])["record"], "port")

    def testFollowsAConnectionThatAppearsAndEndsWithIt(self):
        with Vsdump("follow", "1", "--raw", "--to-server") as command:
            traffic.refused(Log(), port=5002)
            traffic.hello(Log())
            command.wait()
        self.assertEqual((command.status, command.stdout), (0, "Hello, vsock!\n"))


if __name__ == "__main__":
    unittest.main()
