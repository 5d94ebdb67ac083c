# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump messages while real programs talk: the traffic of the samples, live over loopback."""

import json
import subprocess
import sys
import unittest
from pathlib import Path
from textwrap import dedent

from lab.tap import load
from lab.vsdump import Vsdump, eventually, run

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "samples"))
from making.record import PREAMBLE  # noqa: E402
from making.table import SAMPLES  # noqa: E402


def setUpModule():
    load("vsock_loopback", "vsock_diag")


def gist(lines):
    """What does not change from one run to another; connections at once may come in any order."""
    messages = [json.loads(line) for line in lines]
    return sorted((m["protocol"], m["call"], m["direction"], m["outcome"]) for m in messages)


class Messages(unittest.TestCase):
    def tellsTheSameAs(self, name):
        """Live, the programs of a sample are told to say what the sample has."""
        sample = next(sample for sample in SAMPLES if sample.name == name)
        expected = gist(run("vsdump", "messages", "--json", "-r", ROOT / "samples" / sample.file).splitlines())
        with Vsdump("messages", "--json") as command:
            subprocess.run(["bash", "-c", PREAMBLE + dedent(sample.commands)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            eventually(lambda: len(command.lines) >= len(expected))
            command.end()
        self.assertEqual(command.status, 0)
        self.assertEqual(gist(command.lines), expected)
        return [json.loads(line) for line in command.lines]

    def testTellsWhatCurlAsks(self):
        messages = self.tellsTheSameAs("http")
        self.assertEqual([m["reply"]["status"] for m in messages], [200, 404, 200])

    def testTellsWhatNbdcopyCopies(self):
        messages = self.tellsTheSameAs("nbd")
        self.assertEqual(sum(m["detail"]["length"] for m in messages if m["call"] == "WRITE"), 16384)

    def testTellsWhichServerOpensslIsAskedFor(self):
        messages = self.tellsTheSameAs("tls")
        self.assertEqual(messages[0]["detail"]["server_name"], "tls.example")

    def testTellsWhichKeysSshExchanges(self):
        messages = self.tellsTheSameAs("ssh")
        self.assertIn("kex", messages[-1]["detail"])


if __name__ == "__main__":
    unittest.main()
