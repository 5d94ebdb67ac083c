# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the commands of docs/tcpdump.md and compares both programs' texts with the page's.

    deviations_test.py VSDUMP
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import odd_capture

VSDUMP = os.path.realpath(sys.argv.pop())
PAGE = pathlib.Path(__file__).parents[3] / "docs/tcpdump.md"
SECTION = re.compile(r"^Options: `(?P<options>[^\n]*) -r (?P<file>\S+\.pcap)`\n"
                     r"\n`tcpdump`\n\n```\n(?P<tcpdump>.*?)```\n"
                     r"\n`vsdump -q`\n\n```\n(?P<vsdump>.*?)```\n", re.MULTILINE | re.DOTALL)


class Deviations(unittest.TestCase):
    def test_each_is_as_the_page_says(self):
        page = PAGE.read_text()
        sections = list(SECTION.finditer(page))
        self.assertEqual(len(sections), page.count("\n## "), "a section has another form")
        with tempfile.TemporaryDirectory() as folder:
            odd_capture.write_deviations(folder)
            for section in sections:
                words = [*section["options"].split(), "-r", section["file"]]
                for program, expected in ((["tcpdump"], section["tcpdump"]),
                                          ([VSDUMP, "-q"], section["vsdump"])):
                    done = subprocess.run(program + words, cwd=folder, stdout=subprocess.PIPE,
                                          stderr=subprocess.DEVNULL,
                                          env={**os.environ, "TZ": "UTC"}, check=True)
                    self.assertEqual(done.stdout.decode(), expected, program + words)
                self.assertNotEqual(section["tcpdump"], section["vsdump"])
            self.assertEqual({section["file"] for section in sections}, set(os.listdir(folder)))


if __name__ == "__main__":
    unittest.main()
