#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That what the front pages show is what the program prints: front_pages_test.py VSDUMP.

In a block marked `console` each line that begins with "$ " is run from the root by a shell, with VSDUMP as
`vsdump`; the lines below it must be its output. Links to files of the project must lead somewhere."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def examples(page):
    """The commands of a page's console blocks, each with the output below it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


class FrontPages(unittest.TestCase):
    """Each page against the program and the tree."""

    program = ""

    def testExamplesPrintWhatIsShown(self):
        found = [(page, *example) for page in PAGES for example in examples(page)]
        self.assertGreaterEqual(len(found), 3)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath(self.program), Path(folder) / "vsdump")
            environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
            for page, command, shown in found:
                with self.subTest(page=page, command=command):
                    done = subprocess.run(
                        command, shell=True, cwd=ROOT, env=environment, check=False,
                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                    )
                    self.assertEqual(done.stdout.decode(), shown)

    def testLinksLeadSomewhere(self):
        for page in PAGES:
            text = (ROOT / page).read_text(encoding="utf-8")
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
                with self.subTest(page=page, target=target):
                    self.assertTrue((ROOT / target).exists())


if __name__ == "__main__":
    FrontPages.program = sys.argv.pop(1)
    unittest.main()
