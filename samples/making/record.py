#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records one sample into /out. Runs inside a test machine: record.py NAME"""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "samples"), str(ROOT / "tests/vm")]
from lab.tap import Recorder, Tap, Tcpdump, load
from making.table import SAMPLES

# Before the commands of a sample. The kernel says which sockets listen, so nothing of the asking is captured.
PREAMBLE = r"""
set -euo pipefail
await() {
    for port; do
        until { ss -H --vsock --listening && ss -H --tcp --listening --numeric && ss -H --unix --listening; } |
            grep "[:/]${port#/} " >/dev/null; do sleep 0.05; done
    done
}
"""


def recorder(sample, path):
    """The program that captures, stopped only when everything that passed is in the file."""
    program, *words = sample.captureCommand(path).split()
    if program != "tcpdump":
        return Recorder([program, *words])
    devices = [following for word, following in zip(words, words[1:]) if word == "-i"]
    options = [word for index, word in enumerate(words) if word not in ("-i", "-w", path) and words[index - 1] != "-i"]
    return Tcpdump(path, *options, tap=devices[0])


def waitForCalm(tap, seconds=1.5):
    """Returns when no packet has passed for a while: what programs do after their end has passed then."""
    before = -1
    while (now := tap.packets()) != before:
        before = now
        time.sleep(seconds)


def record(sample, folder):
    """Captures the sample's traffic and says on which kernel."""
    load(*sample.modules, "vsock_diag")
    path = f"{folder}/{sample.file}"
    devices = sorted(set(re.findall(r"vsockmon\d+", sample.capture)))
    with ExitStack() as stack:
        taps = [stack.enter_context(Tap(name)) for name in devices]
        with recorder(sample, path):
            subprocess.run(["bash", "-c", PREAMBLE + dedent(sample.commands)], cwd=ROOT, check=True)
            waitForCalm(taps[0])
        passed = sum(tap.packets() for tap in taps)
    kernel = os.uname()
    package = re.search(r"Debian (\S+)", kernel.version)
    facts = {"kernel": f"{kernel.release} (Debian {package[1]})", "packets": passed}
    Path(f"{folder}/facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    if "VSDUMP_VM" not in os.environ:
        sys.exit("record.py: samples/make runs it inside a test machine: it opens AF_VSOCK sockets and makes devices")
    record(next(sample for sample in SAMPLES if sample.name == sys.argv[1]), "/out")
