# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark and sharkd with the plugin, as an ordinary user: shark.PLUGIN and shark.VSDUMP are the test's arguments."""

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

    def run(self, *words, status=0):
        """What a command prints; it must exit with the status and complain of nothing."""
        command = self.asUser(*words)
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=800)
        said = done.stderr.decode()
        assert done.returncode == status, f"{command} exits {done.returncode}: {said}"
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

    def sharkd(self, wanted):
        """For each pair of a file and frames: the frames' trees, asked for in that order."""
        requests = []
        for file, frames in wanted:
            requests.append({"method": "load", "params": {"file": str(self.readable(file))}})
            requests += [{"method": "frame", "params": {"frame": frame, "proto": True}} for frame in frames]
        lines = [json.dumps({"jsonrpc": "2.0", "id": number, **request}) for number, request in enumerate(requests, 1)]
        done = subprocess.run(self.asUser("sharkd", "-"), env=self.environment, input="\n".join(lines) + "\n",
                              capture_output=True, check=True, text=True, timeout=800)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        wrong = [line for line in lines if "result" not in line]
        assert not wrong, wrong[0]
        answers = [line["result"] for line in lines]
        assert len(answers) == len(requests), done.stderr
        trees = []
        for answer in answers:
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
