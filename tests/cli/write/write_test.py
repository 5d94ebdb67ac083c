#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What vsdump -w writes: tcpdump's bytes, whole packets on a full disk, and its end when nobody reads.

usage: write_test.py VSDUMP SAMPLES_FOLDER
"""

import gzip
import os
import pathlib
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

VSDUMP, SAMPLES = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
USER = ["-Z", "root"] if os.geteuid() == 0 else []
TIME_LIMIT_S = 120


def run(command, **more):
    return subprocess.run(command, timeout=TIME_LIMIT_S, check=False, **{"capture_output": True, **more})


def vsdump(*arguments, **more):
    return run([VSDUMP, *USER, *map(str, arguments)], **more)


class Write(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def inputs(self):
        """Every sample, and one of them in other dialects of pcap."""
        yield from sorted(SAMPLES.glob("*.pcap*"))
        for kind in ("nsecpcap", "pcapng"):
            made = self.folder / f"in.{kind}"
            run(["editcap", "-F", kind, SAMPLES / "socat.pcap", made]).check_returncode()
            yield made
        short = self.folder / "in.short"
        run(["editcap", "-F", "pcap", "-s", "50", SAMPLES / "socat.pcap", short]).check_returncode()
        yield short

    def test_copies_are_tcpdumps_byte_for_byte(self):
        compared = 0
        for file in self.inputs():
            for options in ([], ["--nano"], ["-c", "3"], ["less", "90"], ["-U"]):
                theirs, ours = self.folder / "theirs", self.folder / "ours"
                peer = run(["tcpdump", *USER, "-r", file, "-w", theirs, *options])
                if peer.returncode != 0:
                    continue  # more than one interface, which tcpdump cannot read
                self.assertEqual(vsdump("-r", file, "-w", ours, *options).returncode, 0)
                self.assertEqual(ours.read_bytes(), theirs.read_bytes(), f"{file} {options}")
                compared += 1
        self.assertGreater(compared, 20)

    def test_pcapng_and_compressed_files_hold_the_same_packets(self):
        sample = SAMPLES / "socat.pcap"
        for name in ("a.pcapng", "a.pcap.gz", "a.pcapng.zst"):
            out = self.folder / name
            self.assertEqual(vsdump("-r", sample, "-w", out).returncode, 0)
            self.assertEqual(vsdump("-r", out, "-w", "-").stdout, sample.read_bytes(), name)

    def test_wireshark_reads_large_compressed_files_of_what_does_not_compress(self):
        count, random_ = 30_000, random.Random(1)
        records = (struct.pack("<IIII", number, 0, 200, 200) + random_.randbytes(200) for number in range(count))
        plain = self.folder / "plain"
        plain.write_bytes((SAMPLES / "socat.pcap").read_bytes()[:24] + b"".join(records))
        for name in ("a.pcap.gz", "a.pcap.zst", "a.pcapng.zst"):
            out = self.folder / name
            for options in ([], ["-U"]):
                self.assertEqual(vsdump("-r", plain, "-w", out, *options).returncode, 0)
                self.assertGreater(out.stat().st_size, 4_000_000)
                shown = run(["capinfos", "-McTm", out])
                self.assertEqual((shown.returncode, shown.stderr), (0, b""), f"{name} {options}")
                self.assertIn(f",{count}".encode(), shown.stdout)

    def test_copies_of_pcapng_keep_statistics_with_their_time_and_comments(self):
        statistics = struct.pack("<IIIHHQHH", 0, 0x60000, 0x12345678, 7, 8, 3, 1, 7) + b"counted\0" + struct.pack("<HH", 0, 0)
        length = struct.pack("<I", len(statistics) + 12)
        counted, out = self.folder / "counted.pcapng", self.folder / "a.pcapng"
        made = vsdump("-r", SAMPLES / "socat.pcap", "--pcapng", "-w", "-").stdout
        counted.write_bytes(made + struct.pack("<I", 5) + length + statistics + length)
        self.assertEqual(vsdump("-r", counted, "-w", out).returncode, 0)
        copy = out.read_bytes()
        self.assertEqual(copy.count(struct.pack("<IIIHHQ", 0, 0x60000, 0x12345678, 7, 8, 3)), 1)
        self.assertEqual(copy.count(b"counted"), 1)
        # Others can read it.
        self.assertEqual(run(["tshark", "-r", out]).returncode, 0)

    def test_file_that_cannot_grow_keeps_whole_packets_and_exit_code_2(self):
        out = self.folder / "out"
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
        ended = vsdump("-r", SAMPLES / "socat.pcap", "-w", out, preexec_fn=limit)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(b"File too large. It holds", ended.stderr)
        self.assertLess(out.stat().st_size, 1000)
        self.assertEqual(run(["tcpdump", *USER, "-nr", out]).returncode, 0)

    def large(self):
        """A file of many reads, for two threads."""
        bytes_ = (SAMPLES / "socat.pcap").read_bytes()
        file = self.folder / "large"
        file.write_bytes(bytes_[:24] + bytes_[24:] * (8_000_000 // len(bytes_)))
        return file

    def test_large_copies_are_tcpdumps_byte_for_byte(self):
        large, theirs, ours = self.large(), self.folder / "theirs", self.folder / "ours"
        printed = run(["tcpdump", *USER, "-qtnr", large]).stdout
        for options in ([], ["-c", "60000"], ["less", "90"]):
            run(["tcpdump", *USER, "-r", large, "-w", theirs, *options]).check_returncode()
            self.assertEqual(vsdump("-r", large, "-w", ours, *options).returncode, 0)
            self.assertEqual(ours.read_bytes(), theirs.read_bytes(), options)
        for name in ("a.pcapng", "a.pcap.zst"):
            out = self.folder / name
            both = vsdump("-qtnr", large, "--print", "-w", out)
            self.assertEqual((both.returncode, both.stdout), (0, printed), name)
            self.assertEqual(vsdump("-r", out, "-w", "-").stdout, large.read_bytes(), name)

    def test_large_file_that_cannot_grow_keeps_all_packets_that_were_whole(self):
        large = self.large()
        whole = large.read_bytes()
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))  # noqa: E731
        for options in ([], ["--print", "-q"]):
            out = self.folder / "out"
            ended = vsdump("-r", large, "-w", out, *options, preexec_fn=limit, stdin=subprocess.DEVNULL)
            self.assertEqual(ended.returncode, 2)
            self.assertIn(b"File too large. It holds", ended.stderr)
            kept = out.read_bytes()
            self.assertTrue(whole.startswith(kept))
            self.assertGreater(len(kept), 3_000_000 - 70_000)
            self.assertEqual(run(["tcpdump", *USER, "-nr", out]).returncode, 0)

    def test_ends_at_once_when_its_reader_goes_away_while_no_packets_come(self):
        sample = (SAMPLES / "socat.pcap").read_bytes()
        with subprocess.Popen([VSDUMP, *USER, "-r", "-", "-w", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as program:
            program.stdin.write(sample)
            program.stdin.flush()
            self.assertEqual(program.stdout.read(len(sample)), sample)  # handed on while it waits
            time.sleep(0.2)
            self.assertIsNone(program.poll())
            program.stdout.close()
            self.assertEqual(program.wait(TIME_LIMIT_S), 2)  # its input is still open
            self.assertIn(b"Broken pipe", program.stderr.read())

    def test_ends_at_once_when_its_reader_goes_away_before_there_is_a_packet(self):
        pcap = (SAMPLES / "socat.pcap").read_bytes()
        pcapng = vsdump("-r", SAMPLES / "socat.pcap", "--pcapng", "-w", "-").stdout
        zstd = run(["zstd", "-c"], input=pcap).stdout
        starts = [b"", pcap[:3], pcap[:10], pcapng[:8], pcapng[:30], gzip.compress(pcap)[:12], zstd[:6], zstd[:300]]
        for start in starts:
            with self.subTest(start=start[:16], size=len(start)), subprocess.Popen(
                [VSDUMP, *USER, "-r", "-", "-w", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as program:
                program.stdin.write(start)
                program.stdin.flush()
                time.sleep(0.2)
                self.assertIsNone(program.poll())
                program.stdout.close()
                self.assertEqual(program.wait(TIME_LIMIT_S), 2)  # its input is still open
                self.assertIn(b"cannot write to standard output: Broken pipe", program.stderr.read())

    def test_file_that_is_removed_while_it_is_written_is_said(self):
        sample = (SAMPLES / "socat.pcap").read_bytes()
        for name in ("a.pcap", "a.pcapng", "a.pcap.gz"):
            written = self.folder / "gone" / name
            written.parent.mkdir()
            with subprocess.Popen([VSDUMP, *USER, "-r", "-", "-w", written], stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as program:
                program.stdin.write(sample)
                program.stdin.flush()
                self.await_packets(written, sample)
                shutil.rmtree(written.parent)
                program.stdin.write(sample[24:])
                program.stdin.flush()
                self.assertEqual(program.wait(TIME_LIMIT_S), 2)  # its input is still open
                self.assertIn(f"vsdump: cannot write to {written}: it was removed while it was written. "
                              "52 whole packets had been written to it.\n", program.stderr.read().decode())

    def await_packets(self, file, sample):
        """Returns once the file, which may grow yet, holds the sample."""
        deadline = time.monotonic() + TIME_LIMIT_S
        while not file.exists() or vsdump("-r", file, "-w", "-").stdout != sample:
            self.assertLess(time.monotonic(), deadline, "the file still lacks packets")
            time.sleep(0.05)

    def test_files_without_names_are_written(self):
        sample = SAMPLES / "socat.pcap"
        with tempfile.TemporaryFile(dir=self.folder) as nameless:
            path = f"/dev/fd/{nameless.fileno()}"
            self.assertEqual(vsdump("-r", sample, "-w", path, pass_fds=[nameless.fileno()]).returncode, 0)
            self.assertEqual(nameless.read(), sample.read_bytes())
        # Who has opened standard output can read it whatever becomes of its name.
        named = self.folder / "out"
        with open(named, "w+b") as out:
            with subprocess.Popen([VSDUMP, *USER, "-r", "-", "-w", "-"], stdin=subprocess.PIPE, stdout=out,
                                  stderr=subprocess.DEVNULL) as program:
                program.stdin.write(sample.read_bytes())
                program.stdin.flush()
                self.await_packets(named, sample.read_bytes())
                named.unlink()
                program.stdin.close()
                self.assertEqual(program.wait(TIME_LIMIT_S), 0)
            out.seek(0)
            self.assertEqual(out.read(), sample.read_bytes())

    def test_compressed_file_has_within_seconds_what_a_pipe_has_brought(self):
        bytes_ = (SAMPLES / "socat.pcap").read_bytes()
        written = self.folder / "a.pcap.gz"
        with subprocess.Popen([VSDUMP, *USER, "-r", "-", "-w", written], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as program:
            # All but the first packet comes right after a flush, and nothing comes behind it.
            first = 24 + 16 + int.from_bytes(bytes_[32:36], "little")
            program.stdin.write(bytes_[:first])
            program.stdin.flush()
            self.await_content(written, bytes_[:first])
            program.stdin.write(bytes_[first:])
            program.stdin.flush()
            self.await_content(written, bytes_)
            program.stdin.close()
            self.assertEqual(program.wait(TIME_LIMIT_S), 0)

    def await_content(self, file, wanted):
        """Returns once the file, which may grow yet, decompresses to this."""
        deadline = time.monotonic() + TIME_LIMIT_S
        while True:
            if file.exists() and run(["zcat", file]).stdout == wanted:  # which tells that the end is missing
                return
            self.assertLess(time.monotonic(), deadline, "the file still lacks packets")
            time.sleep(0.05)

    def test_closed_pipe_of_text_is_no_error(self):
        program = subprocess.Popen([VSDUMP, *USER, "-r", SAMPLES / "socat.pcap"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        program.stdout.close()
        self.assertEqual(program.wait(TIME_LIMIT_S), 0)

    def test_input_is_never_its_own_output(self):
        file = self.folder / "a.pcap"
        file.write_bytes((SAMPLES / "socat.pcap").read_bytes())
        for arguments in (["-w", file], ["-C", "1k", "-w", file], ["-G", "9", "-w", file]):
            with self.subTest(arguments=arguments):
                ended = vsdump("-r", file, *arguments)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(f"vsdump: cannot write to {file}: it is the file that is read.".encode(), ended.stderr)
                self.assertEqual(file.read_bytes(), (SAMPLES / "socat.pcap").read_bytes())
        with open(file, "ab") as out:
            ended = run([VSDUMP, *USER, "-r", file, "-w", "-"], stdout=out, stderr=subprocess.PIPE, capture_output=False)
        self.assertIn(b"cannot write to standard output: it is the file that is read.", ended.stderr)
        self.assertEqual(file.read_bytes(), (SAMPLES / "socat.pcap").read_bytes())

    def test_output_is_not_touched_when_there_is_no_capture_to_copy(self):
        out = self.folder / "out"
        out.write_bytes(b"precious")
        (self.folder / "text").write_bytes(b"no capture at all")
        self.assertEqual(vsdump("-r", self.folder / "text", "-w", out).returncode, 2)
        self.assertEqual(out.read_bytes(), b"precious")

    def test_packets_before_an_unreadable_file_of_a_list_are_kept(self):
        (self.folder / "text").write_bytes(b"no capture at all")
        (self.folder / "list").write_text(f"{SAMPLES / 'socat.pcap'}\n{self.folder / 'text'}\n")
        out = self.folder / "out"
        self.assertEqual(vsdump("-V", self.folder / "list", "-w", out).returncode, 2)
        self.assertEqual(out.read_bytes(), (SAMPLES / "socat.pcap").read_bytes())


if __name__ == "__main__":
    unittest.main()
