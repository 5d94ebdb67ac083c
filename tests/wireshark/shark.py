# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark and sharkd with the plugin, as an ordinary user: shark.PLUGIN and shark.VSDUMP are the test's arguments.
$VSDUMP_SANITIZER is the library of the sanitizers that the plugin was built with, if it was."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.pcap*"))
PLUGIN = Path(sys.argv.pop(1)).resolve()
VSDUMP = Path(sys.argv.pop(1)).resolve()


class Shark:
    """A folder that an ordinary user can read, with the plugin and copies of the files that are opened."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="vsdump-wireshark-")
        self.folder = Path(self.scratch.name)
        self.folder.chmod(0o755)
        home = self.folder / "home"
        home.mkdir()
        home.chmod(0o777)
        version = PLUGIN.parents[1].name
        epan = self.folder / "plugins" / version / "epan"
        epan.mkdir(parents=True)
        shutil.copy(PLUGIN, epan)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "WIRESHARK_PLUGIN_DIR": str(self.folder / "plugins"),
        }
        if sanitizer := os.environ.get("VSDUMP_SANITIZER"):
            leaks = self.readable(Path(__file__).with_name("leaks.supp"))
            self.environment |= {
                "LD_PRELOAD": sanitizer,
                # Wireshark's libraries have no frame pointers to find who called; to find all of them takes minutes.
                "ASAN_OPTIONS": "fast_unwind_on_malloc=0:malloc_context_size=8",
                "LSAN_OPTIONS": f"suppressions={leaks}:print_suppressions=0",
                "UBSAN_OPTIONS": "print_stacktrace=1",
                # Each piece of Wireshark's memory by itself, not within a large one that is always valid.
                "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple",
            }

    def close(self):
        """Removes the folder."""
        self.scratch.cleanup()

    def asUser(self, *command):
        """The command as somebody who is not root."""
        words = [str(word) for word in command]
        if os.geteuid() != 0:
            return words
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]

    def readable(self, path):
        """A copy of a file that the user can read."""
        copy = self.folder / Path(path).name
        if not copy.exists():
            shutil.copy(path, copy)
            copy.chmod(0o644)
        return copy

    def run(self, *words, status=0, overlooked=None):
        """What a command prints; it must exit with the status and complain of nothing but in lines that are overlooked."""
        command = self.asUser(*words)
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=800)
        said = done.stderr.decode()
        assert done.returncode == status, f"{command} exits {done.returncode}: {said}"
        if overlooked:
            said = "".join(line for line in said.splitlines(keepends=True) if not overlooked.search(line))
        assert "plugin" not in said and "bug" not in said, said
        return done.stdout.decode(errors="replace")

    def tshark(self, file, *arguments, status=0):
        """What tshark prints about a file."""
        return self.run("tshark", "-r", self.readable(file), *arguments, status=status)

    def fields(self, file, names, *arguments):
        """A list of values for each packet; all of a field that occurs more than once, parted by commas."""
        words = [word for name in names for word in ("-e", name)]
        lines = self.tshark(file, "-n", "-T", "fields", *words, *arguments).splitlines()
        return [line.split("\t") for line in lines]

    def answers(self, requests):
        """What sharkd says to the requests; to load a file that breaks off it says nothing, but has what comes before."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": number, **request}) for number, request in enumerate(requests, 1)]
        # It keeps each file that it has loaded: leaks are looked for in tshark.
        done = subprocess.run(self.asUser("sharkd", "-"), env={**self.environment, "LSAN_OPTIONS": "detect_leaks=0"},
                              input="\n".join(lines) + "\n", capture_output=True, check=False, text=True, timeout=800)
        assert done.returncode == 0 and "bug" not in done.stderr, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def sharkd(self, wanted):
        """For each pair of a file and frames: the frames' trees, asked for in that order."""
        requests = []
        for file, frames in wanted:
            requests.append({"method": "load", "params": {"file": str(self.readable(file))}})
            requests += [{"method": "frame", "params": {"frame": frame, "proto": True}} for frame in frames]
        lines = self.answers(requests)
        wrong = [line for line in lines if "result" not in line]
        assert not wrong, wrong[0]
        assert len(lines) == len(requests), lines[-1]
        trees = []
        for answer in (line["result"] for line in lines):
            if "tree" in answer:
                trees[-1].append(answer["tree"])
            else:
                trees.append([])
        return trees


def vsdump(*arguments):
    """Standard output of the program."""
    return subprocess.run([VSDUMP, *arguments], capture_output=True, check=True, timeout=120).stdout


def records(*arguments):
    """The objects that it prints with --json."""
    return [json.loads(line) for line in vsdump(*arguments, "--json").splitlines()]
