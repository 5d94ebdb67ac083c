#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what tshark prints with the plugin with texts that a person has read: texts_test.py PLUGIN VSDUMP [--update].

Each line of `cases` is a case: its name, a file in samples/, arguments. Its text is texts/NAME.txt."""

import difflib
import shlex
import sys
from pathlib import Path

import shark

HERE = Path(__file__).resolve().parent


def main():
    """The program."""
    update = "--update" in sys.argv
    wrong = 0
    named = set()
    tool = shark.Shark()
    for line in (HERE / "cases").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, sample, *arguments = shlex.split(line)
        named.add(name)
        path = HERE / "texts" / f"{name}.txt"
        expected = path.read_text() if path.exists() else ""
        # Spaces at the ends of lines are left out, as editors do.
        printed = "".join(f"{text.rstrip()}\n" for text in tool.tshark(shark.ROOT / "samples" / sample, *arguments).splitlines())
        if printed == expected:
            continue
        if update:
            path.write_text(printed)
            print(f"updated {name}")
            continue
        print(f"tshark {shlex.join(['-r', sample, *arguments])}")
        print("\n".join(difflib.unified_diff(expected.splitlines(), printed.splitlines(), f"texts/{name}.txt", "printed", n=1, lineterm="")))
        wrong += 1
    for path in (HERE / "texts").iterdir():
        if path.stem not in named:
            print(f"texts/{path.name} belongs to no case")
            wrong += 1
    tool.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
