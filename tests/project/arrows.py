#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that includes follow the one-way arrows between the folders: arrows.py [ROOT]."""

import re
import sys
from pathlib import Path

# Each module with the modules that it may include besides itself. Tests may include everything.
ALLOWED = {
    "dissector": set(),
    "capture": {"dissector"},
    "cli": {"dissector", "capture"},
    "gui/models": {"dissector", "capture"},
    "gui/views": {"dissector", "capture", "gui/models"},
    "wireshark-plugin": {"dissector"},
}
# What each module must not see of the world outside.
FORBIDDEN_SYSTEM = {
    "dissector": re.compile(r"pcap|^Q[A-Z]|^Qt|epan/|wireshark/|netlink|^unistd\.h|^sys/|^f?stream$|^iostream$|^cstdio$|^stdio\.h"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
SUFFIXES = {".h", ".cpp", ".c", ".cc", ".hpp"}


def moduleOf(path):
    """The module that a path from the root belongs to, or None."""
    found = [name for name in ALLOWED if path.startswith(name + "/")]
    return max(found, key=len, default=None)


def problems(root):
    """A sentence for each include against the arrows."""
    for file in sorted(p for name in ALLOWED for p in (root / name).rglob("*") if p.suffix in SUFFIXES):
        path = file.relative_to(root).as_posix()
        module = moduleOf(path)
        text = file.read_text(encoding="utf-8", errors="replace")
        for match in INCLUDE.finditer(text):
            own, system = match.groups()
            line = text.count("\n", 0, match.start(own and 1 or 2)) + 1
            if own and own.startswith("tests/"):
                yield f'{path}:{line}: includes "{own}": programs include nothing of the tests'
            target = own and moduleOf(own)
            if target and target != module and target not in ALLOWED[module]:
                yield f'{path}:{line}: includes "{own}": {module} must not know {target}'
            forbidden = FORBIDDEN_SYSTEM.get(module)
            if system and forbidden and forbidden.search(system):
                yield f"{path}:{line}: includes <{system}>: {module} does no input or output and knows no front end"


def main():
    """The program."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    found = list(problems(root))
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
