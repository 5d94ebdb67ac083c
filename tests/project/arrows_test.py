#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That arrows.py names a wrong include, and finds none here."""

import tempfile
import unittest
from pathlib import Path

import arrows


def problemsOf(path, text):
    """What arrows.py says of a tree with this one file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        return list(arrows.problems(Path(folder)))


class Arrows(unittest.TestCase):
    """Which includes are wrong."""

    def testThisTreeFollowsThem(self):
        root = Path(__file__).resolve().parents[2]
        self.assertTrue(any((root / "dissector").rglob("*.cpp")))
        self.assertEqual(list(arrows.problems(root)), [])

    def testNamesFileLineAndInclude(self):
        (sentence,) = problemsOf("dissector/wire/a.cpp", '#include <cstdint>\n\n#include "capture/error.h"\n')
        self.assertIn('dissector/wire/a.cpp:3: includes "capture/error.h"', sentence)

    def testEveryArrowIsOneWay(self):
        wrong = [
            ("capture/a.h", "cli/run/vsdump.h"),
            ("cli/a.cpp", "gui/models/a.h"),
            ("gui/models/a.cpp", "gui/views/a.h"),
            ("gui/views/a.cpp", "cli/a.h"),
            ("wireshark-plugin/a.cpp", "capture/error.h"),
            ("cli/a.cpp", "tests/support/record_builder.h"),
        ]
        for path, include in wrong:
            with self.subTest(path=path, include=include):
                self.assertEqual(len(problemsOf(path, f'#include "{include}"\n')), 1)

    def testAllowsWhatTheArrowsAllow(self):
        right = [("gui/views/a.cpp", "gui/models/a.h"), ("cli/a.cpp", "capture/error.h"), ("wireshark-plugin/a.cpp", "dissector/a.h")]
        for path, include in right:
            with self.subTest(path=path, include=include):
                self.assertEqual(problemsOf(path, f'#include "{include}"\n'), [])

    def testTheDissectorSeesNoInputAndNoFrontEnd(self):
        for header in ("pcap/pcap.h", "unistd.h", "QString", "epan/packet.h", "fstream"):
            with self.subTest(header=header):
                self.assertEqual(len(problemsOf("dissector/a.cpp", f"#include <{header}>\n")), 1)
        self.assertEqual(problemsOf("dissector/a.cpp", "#include <string_view>\n"), [])


if __name__ == "__main__":
    unittest.main()
