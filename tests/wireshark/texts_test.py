#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what tshark prints with the plugin with texts that a person has read: texts_test.py PLUGIN VSDUMP [--update].

Each line of `cases` is a case: its name, a file in samples/ or `*` for each of them, arguments. Its text is texts/NAME.txt, or
texts/NAME/SAMPLE.txt."""

import difflib
import shlex
import sys
from pathlib import Path

import shark

HERE = Path(__file__).resolve().parent
TEXTS = HERE / "texts"


def cases():
    """Of each text its path, the sample and tshark's arguments."""
    for line in (HERE / "cases").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, sample, *arguments = shlex.split(line)
        if sample != "*":
            yield TEXTS / f"{name}.txt", shark.ROOT / "samples" / sample, arguments
            continue
        for path in shark.SAMPLES:
            yield TEXTS / name / f"{path.stem}.txt", path, arguments


def kinds():
    """What some tree is to show: a part of a line of it for each operation, socket type, finding and protocol of the samples."""
    for sample in shark.SAMPLES:
        for packet in shark.records("-r", sample):
            yield f"kernel's operation: {packet['op']} ("
            for name, value in (("operation", packet["virtio"]["op"]), ("socket type", packet["virtio"]["type"])):
                yield f"{name}: {f'unknown ({value})' if isinstance(value, int) else f'{value} ('}"
        for finding in shark.records("report", "-r", sample):
            if finding["record"] == "finding":
                yield f"[finding: {finding['code']}]"
        for message in shark.records("messages", "-r", sample):
            if message["record"] == "message":
                yield f"[protocol: {message['protocol']}]"


def main():
    """The program."""
    update = "--update" in sys.argv
    wrong = 0
    trees = ""
    paths = set()
    tool = shark.Shark()
    for path, sample, arguments in cases():
        paths.add(path)
        expected = path.read_text() if path.exists() else ""
        # Spaces at the ends of lines are left out, as editors do.
        printed = "".join(f"{text.rstrip()}\n" for text in tool.tshark(sample, *arguments).splitlines())
        if {"-O", "-V"} & set(arguments):
            trees += printed.lower()
        if printed == expected:
            continue
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(printed)
            print(f"updated {path.relative_to(TEXTS)}")
            continue
        print(f"tshark {shlex.join(['-r', sample.name, *arguments])}")
        print("\n".join(difflib.unified_diff(expected.splitlines(), printed.splitlines(), str(path.relative_to(TEXTS)), "printed", n=1,
                                             lineterm="")))
        wrong += 1
    tool.close()
    for kind in sorted(set(kinds())):
        if kind not in trees:
            print(f"no tree has: {kind}")
            wrong += 1
    for path in TEXTS.rglob("*.txt"):
        if path not in paths:
            print(f"{path.relative_to(TEXTS)} belongs to no case")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
