# SPDX-License-Identifier: GPL-2.0-or-later
"""What the system refuses ends in a sentence and exit status 2: room, open files, memory.

    limits_test.py VSDUMP
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

VSDUMP = os.path.realpath(sys.argv.pop())
SAMPLE = pathlib.Path(__file__).parents[3] / "samples/python-hello.pcap"
PATIENCE = 120  # seconds; a busy machine is slow


class Limits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_with(self, limits, *words, out=subprocess.PIPE):
        def set_limits():
            for limit, values in limits.items():
                resource.setrlimit(limit, values)

        return subprocess.run([VSDUMP, *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
                              text=True, preexec_fn=set_limits, timeout=PATIENCE, check=False)

    def test_a_file_that_cannot_grow_is_an_error_of_every_command(self):
        for words in (["doctor"], ["--list-ports"], ["--print-man-page", "vsdump.1"], ["--extcap-interfaces"],
                      ["connections", "-r", SAMPLE], ["-r", SAMPLE]):
            with open(self.folder / "out", "wb") as out:
                ended = self.run_with({resource.RLIMIT_FSIZE: (0, 0)}, *words, out=out)
            self.assertEqual(ended.returncode, 2, words)
            self.assertIn("cannot write to standard output: File too large", ended.stderr)

    def test_a_full_disk_is_said_to_wireshark(self):
        for words in (["--extcap-interfaces"], ["--extcap-interface", "vsockmon", "--extcap-dlts"],
                      ["--extcap-interface", "vsockmon", "--extcap-capture-filter", "prot 22"]):
            with open("/dev/full", "wb") as out:
                ended = self.run_with({}, *words, out=out)
            self.assertEqual(ended.returncode, 2, words)
            self.assertIn("No space left on device", ended.stderr)

    def test_more_files_than_may_be_open_at_first_are_read(self):
        names = self.folder / "names"
        names.write_text(f"{SAMPLE}\n" * 200, encoding="utf-8")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        ended = self.run_with({resource.RLIMIT_NOFILE: (100, most)}, "-q", "--count", "-V", names)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        ended = self.run_with({resource.RLIMIT_NOFILE: (100, 150)}, "-q", "--count", "-V", names)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("Too many open files. 200 files are named and 150 may be open here: name fewer, or have root allow "
                      "more with ulimit -n.", ended.stderr)

    def test_lack_of_memory_is_said(self):
        packed = self.folder / "a.zst"
        subprocess.run(["zstd", "-q", SAMPLE, "-o", packed], check=True)
        said = ""
        for words in (["--count", "-r", packed], ["connections", "-r", packed]):
            for kibibytes in range(12_000, 60_000, 1_000):
                limit = {resource.RLIMIT_AS: (kibibytes * 1024, kibibytes * 1024)}
                if self.run_with(limit, "--version").returncode != 0:
                    continue  # the program does not even start
                ended = self.run_with(limit, *words)
                self.assertIn(ended.returncode, (0, 2), (words, kibibytes, ended.stderr))
                said += ended.stderr
        if said:
            self.assertIn("vsdump: out of memory: ", said)


if __name__ == "__main__":
    unittest.main()
