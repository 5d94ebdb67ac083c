#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""-C, -G, -W and -z: tcpdump's files, name by name and byte by byte, and what becomes of them.

usage: rotation_test.py VSDUMP SAMPLES_FOLDER
"""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

VSDUMP, SAMPLES = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
USER = ["-Z", "root"] if os.geteuid() == 0 else []
TIME_LIMIT_S = 120
SAMPLE = SAMPLES / "parallel.pcap"


def run(command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=TIME_LIMIT_S, check=False, **more)


def vsdump(*arguments, user=USER, **more):
    return run([VSDUMP, *user, *arguments], **more)


def eventually(condition):
    end = time.monotonic() + TIME_LIMIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Rotation(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        for name in ("ours", "theirs"):
            (self.folder / name).mkdir()

    def files(self, which):
        """What a folder holds: bytes by name."""
        return {path.name: path.read_bytes() for path in (self.folder / which).iterdir()}

    def large(self):
        """Some 4 MB of packets."""
        made = self.folder / "large.pcap"
        data = SAMPLE.read_bytes()
        made.write_bytes(data[:24] + data[24:] * (4_000_000 // len(data)))
        return made

    def both(self, file, name, *options):
        """What tcpdump and vsdump leave in their folders and say."""
        theirs = run(["tcpdump", *USER, "-r", file, "-w", self.folder / "theirs" / name, *options])
        ours = vsdump("-r", file, "-w", self.folder / "ours" / name, *options)
        self.assertEqual((ours.returncode, theirs.returncode), (0, 0), ours.stderr)
        return self.files("ours"), self.files("theirs")

    def test_files_are_tcpdumps_in_name_and_bytes(self):
        large = self.large()
        # Without a pattern of time each interval of -G would begin the same file again.
        for options in (["-C", "1"], ["-C", "2", "-W", "2"], ["-C", "1", "-W", "1"], ["-C", "1", "-W", "11"],
                        ["-C", "1", "-W", "3"], ["-G", "3600"], ["-C", "1", "-G", "3600", "-W", "3"],
                        ["-C", "1", "-U", "--nano", "-c", "9000"], ["-C", "1", "greater", "100"]):
            with self.subTest(options=options):
                ours, theirs = self.both(large, "%Y.pcap" if "-G" in options else "a.pcap", *options)
                self.assertEqual(sorted(ours), sorted(theirs))
                for name, data in ours.items():
                    self.assertEqual(data, theirs[name], name)
                for which in ("ours", "theirs"):
                    for path in (self.folder / which).iterdir():
                        path.unlink()

    def test_time_begins_another_file_and_count_of_files_is_the_end(self):
        data = SAMPLE.read_bytes()

        def feed(command):
            with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as program:
                program.stdin.write(data)
                program.stdin.flush()
                while program.poll() is None:
                    time.sleep(0.3)
                    try:
                        program.stdin.write(data[24:])
                        program.stdin.flush()
                    except BrokenPipeError:
                        break
                words = program.stderr.read().decode()
                try:
                    program.stdin.close()
                except BrokenPipeError:
                    pass
                return program.wait(), words

        status, words = feed([VSDUMP, *USER, "-r", "-", "-G", "1", "-W", "2", "-w", self.folder / "ours" / "at-%s.pcap"])
        self.assertEqual(status, 0)
        self.assertIn("\nMaximum file limit reached: 2\n", words)
        names = sorted(self.files("ours"))
        self.assertEqual(len(names), 2)
        self.assertGreaterEqual(int(names[1][3:-5]), int(names[0][3:-5]) + 1)
        for name in names:
            self.assertEqual(run(["tcpdump", *USER, "-nr", self.folder / "ours" / name]).returncode, 0)

    def test_no_later_file_is_one_that_is_read(self):
        """What is written before it is reached stays."""
        read = self.folder / "ours" / "a.pcap2"
        shutil.copy(self.large(), read)
        ended = vsdump("-r", read, "-C", "1", "-w", self.folder / "ours" / "a.pcap")
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"cannot write to {read}: it is the file that is read.".encode(), ended.stderr)
        self.assertEqual(read.read_bytes(), self.large().read_bytes())
        self.assertEqual(sorted(self.files("ours")), ["a.pcap", "a.pcap1", "a.pcap2"])

    def test_sizes_may_have_the_units_of_later_tcpdumps(self):
        for size, bytes_ in (("1k", 1 << 10), ("1K", 1 << 10), ("1m", 1 << 20), ("1", 1_000_000)):
            out = self.folder / "ours" / f"{size}.pcap"
            self.assertEqual(vsdump("-r", self.large(), "-C", size, "-w", out, "-c", "12000").returncode, 0)
            first = out.stat().st_size
            self.assertTrue(bytes_ < first < bytes_ + 70_000, f"{size}: {first}")

    def test_pcapng_and_compressed_files_are_each_whole(self):
        large = self.large()
        expected = vsdump("-r", large, "-w", "-").stdout[24:]
        for name in ("a.pcapng", "a.pcap.gz", "a.pcapng.zst"):
            with self.subTest(name=name):
                out = self.folder / "ours" / name
                self.assertEqual(vsdump("-r", large, "-C", "1", "-W", "20", "-w", out).returncode, 0)
                made = sorted((self.folder / "ours").glob(name + "*"))
                self.assertGreater(len(made), 2)
                data = b"".join(vsdump("-r", file, "-w", "-").stdout[24:] for file in made)
                self.assertEqual(data, expected)
                if name.endswith(".zst"):
                    for file in made:  # one frame each
                        self.assertRegex(run(["zstd", "-lv", file]).stdout, b"# Zstandard Frames: 1\n")

    def test_comments_stay_with_their_packets(self):
        commented = self.folder / "commented.pcapng"
        run(["editcap", "-a", "3:third", "-a", "60:sixtieth", SAMPLE, commented]).check_returncode()
        out = self.folder / "ours" / "a.pcapng"
        self.assertEqual(vsdump("-r", commented, "-C", "1k", "-W", "99", "-w", out).returncode, 0)
        made = sorted((self.folder / "ours").iterdir())
        self.assertGreater(len(made), 2)
        fields = [run(["tshark", "-r", file, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"]).stdout for file in made]
        self.assertEqual(b"".join(fields).split(), [b"third", b"sixtieth"])
        self.assertEqual(sum(field != b"" for field in fields), 2)

    def test_command_runs_on_each_file_that_is_over_and_on_no_other(self):
        self.both(self.large(), "a.pcap", "-C", "1", "-z", "gzip")

        def settled(which):
            names = sorted(self.files(which))
            return [name for name in names if not name.endswith(".gz")] == [names[-1]]

        self.assertTrue(eventually(lambda: settled("ours") and settled("theirs")))
        self.assertEqual(sorted(self.files("ours")), sorted(self.files("theirs")))

    def test_command_that_is_not_there_is_said_and_ends_nothing(self):
        out = self.folder / "ours" / "a.pcap"
        ended = vsdump("-r", self.large(), "-C", "2", "-z", "no-such-command", "-w", out)
        self.assertEqual(ended.returncode, 0)
        self.assertIn(f"vsdump: cannot run no-such-command on {out}: No such file or directory", ended.stderr.decode())

    def test_links_are_not_followed_and_what_is_no_file_is_not_written(self):
        target = self.folder / "target"
        target.write_bytes(b"precious")
        for make, words in (
            (lambda path: path.symlink_to(target), "it is reached by a link"),
            (lambda path: path.hardlink_to(target), "the file has another name as well (a hard link)"),
            (os.mkfifo, "cannot write to"),
            (os.mkdir, "cannot write to"),
        ):
            out = self.folder / "ours" / "a.pcap"
            second = self.folder / "ours" / "a.pcap1"
            make(second)
            ended = vsdump("-r", self.large(), "-C", "1", "-w", out)
            self.assertEqual(ended.returncode, 2)
            self.assertIn(words, ended.stderr.decode())
            self.assertIn(str(second), ended.stderr.decode())
            self.assertEqual(target.read_bytes(), b"precious")
            self.assertEqual(run(["tcpdump", *USER, "-nr", out]).returncode, 0)
            second.rmdir() if second.is_dir() and not second.is_symlink() else second.unlink()

    def test_folder_that_is_not_there_is_said(self):
        ended = vsdump("-r", SAMPLE, "-C", "1", "-w", self.folder / "none" / "a.pcap")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("No such file or directory", ended.stderr.decode())

    def start_writing(self, out, data, *options):
        """A program whose file holds this, and whose input is open yet."""
        program = subprocess.Popen([VSDUMP, *USER, "-r", "-", "-w", out, *options], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        program.stdin.write(data)
        program.stdin.flush()
        self.assertTrue(eventually(lambda: out.exists() and out.read_bytes() == data))
        return program

    def test_file_that_is_removed_while_it_is_written_is_said_and_begun_anew(self):
        data = SAMPLE.read_bytes()
        second = 24 + 16 + int.from_bytes(data[32:36], "little")
        for options in (["-C", "1"], ["-G", "3600"]):
            out = self.folder / "ours" / f"a{options[0]}.pcap"
            with self.start_writing(out, data, *options) as program:
                out.unlink()
                program.stdin.write(data[24:second])
                program.stdin.flush()
                self.assertTrue(eventually(out.exists))
                words = program.communicate(data[24:])[1].decode()
            self.assertEqual(program.returncode, 2)
            self.assertIn(f"vsdump: cannot write to {out}: it was removed while it was written. "
                          "72 whole packets had been written to it.\n", words)
            self.assertEqual(out.read_bytes(), data)

    def test_file_that_is_removed_before_another_is_begun_is_said_and_no_command_runs_on_it(self):
        data = SAMPLE.read_bytes()
        second = 24 + 16 + int.from_bytes(data[32:36], "little")
        out = self.folder / "ours" / "a.pcap"
        with self.start_writing(out, data[:second], "-C", "1k", "-z", "echo") as program:
            program.send_signal(signal.SIGSTOP)
            out.unlink()
            program.stdin.write(data[second:])
            program.stdin.flush()
            program.send_signal(signal.SIGCONT)
            said, words = program.communicate()
        self.assertEqual(program.returncode, 2)
        self.assertIn(f"vsdump: cannot write to {out}: it was removed while it was written. ", words.decode())
        written = sorted(self.files("ours"))
        self.assertEqual(written[0], "a.pcap1")
        self.assertEqual(sorted(said.decode().split()), [str(out.with_name(name)) for name in written[:-1]])

    def test_folder_that_vanishes_is_said(self):
        out = self.folder / "ours" / "a.pcap"
        with self.start_writing(out, SAMPLE.read_bytes(), "-C", "1") as program:
            shutil.rmtree(out.parent)
            program.stdin.write(SAMPLE.read_bytes()[24:])
            program.stdin.flush()
            self.assertEqual(program.wait(TIME_LIMIT_S), 2)  # its input is still open
            words = program.stderr.read().decode()
        self.assertIn(f"vsdump: cannot write to {out}: it was removed while it was written. ", words)
        self.assertIn(f"vsdump: cannot write to {out}: No such file or directory", words)

    def test_file_that_cannot_grow_keeps_whole_packets_and_exit_code_2(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))  # noqa: E731
        out = self.folder / "ours" / "a.pcap"
        ended = vsdump("-r", self.large(), "-C", "1", "-w", out, preexec_fn=limit)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("File too large. It holds", ended.stderr.decode())
        self.assertEqual(run(["tcpdump", *USER, "-nr", out]).returncode, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root has rights to give up")
    def test_files_in_a_folder_of_root_belong_to_the_user_dropped_to(self):
        folder = self.folder / "ours"
        folder.chmod(0o700)
        command = self.folder / "command"
        command.write_text("#!/bin/sh\n(id -u; nice; grep -E 'Cap(Prm|Eff|Bnd)|NoNewPrivs' /proc/self/status) >&2\n")
        command.chmod(0o755)
        ended = vsdump("-r", self.large(), "-C", "2", "-z", command, "-w", folder / "a.pcap", user=["-Z", "bin"])
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual({path.stat().st_uid for path in folder.iterdir()}, {2})
        said = ended.stderr.decode().split()
        self.assertIn("2", said)
        self.assertIn("19", said)
        for capabilities in said[said.index("CapPrm:") + 1:said.index("NoNewPrivs:"):2]:
            self.assertEqual(capabilities, "0" * 16)

    def test_bad_input_leaves_no_file_behind(self):
        (self.folder / "text").write_bytes(b"no capture at all")
        for options in ([], ["-C", "1"]):
            self.assertEqual(vsdump("-r", self.folder / "text", "-w", self.folder / "ours" / "a.pcap", *options).returncode, 2)
            self.assertEqual(self.files("ours"), {})


if __name__ == "__main__":
    unittest.main()
