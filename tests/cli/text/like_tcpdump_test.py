# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump -q beside tcpdump, over odd records and every combination of the options for text.

    like_tcpdump_test.py VSDUMP

What docs/tcpdump.md lists as different is put right in tcpdump's text, or is not in the records.
"""
import itertools
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import odd_capture

VSDUMP = os.path.realpath(sys.argv.pop())
REFERENCE = pathlib.Path(__file__).parents[3].parent / "shared/reference/tcpdump-vsock"
SAMPLES = pathlib.Path(__file__).parents[3] / "samples"

VERBOSITIES = ((), ("-v",), ("-vv",), ("-vvv",))
DUMPS = ((), ("-x",), ("-xx",), ("-X",), ("-XX",), ("-A",), ("-AA",), ("-x", "-A"), ("-xXA",))
ABSOLUTE_TIMES = ((), ("-t",), ("-tt",), ("-tttt",))
RELATIVE_TIMES = (("-ttt",), ("-ttttt",))
OTHERS = ((), ("-#",), ("-n",), ("--nano",), ("-#n", "--nano"))


def text_of(program, words):
    done = subprocess.run([program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, "TZ": "Europe/Berlin"},
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{program} {words}: {done.stderr.decode()}")
    return done.stdout


def put_right(text):
    """tcpdump's text without the mistakes that are in single words."""
    text = re.sub(rb"\bVIRTIO(\d)", rb"VIRTIO \1", text)
    return text.replace(b"type Invalid type (2)", b"type SEQPACKET").replace(
        b"type Invalid type (3)", b"type DGRAM")


def has_plain_header(frame):
    """Whether the header of the transport has the room that tcpdump takes for granted."""
    if len(frame) < 32:
        return True
    transport, length = struct.unpack_from("<HH", frame, 26)
    return transport != 2 or length >= 44


def has_plain_payload(frame):
    """Whether both programs see the payload at the same place."""
    if len(frame) < 32:
        return True
    op, transport, length = struct.unpack_from("<HHH", frame, 24)
    if length != (44 if transport == 2 else 0):
        return False
    return op != 4 or transport != 2 or len(frame) != 76


class LikeTcpdump(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def capture(self, *arguments, **named):
        path = os.path.join(self.folder.name, f"{len(os.listdir(self.folder.name))}.pcap")
        odd_capture.write_capture(path, *arguments, **named)
        return path

    def compare(self, path, combinations, reads="-r"):
        compared = 0
        for words in combinations:
            words = [*itertools.chain(*words), reads, path]
            expected = put_right(text_of("tcpdump", words))
            self.assertEqual(expected.splitlines(), text_of(VSDUMP, ["-q", *words]).splitlines(),
                             " ".join(words))
            compared += 1
        return compared

    def test_every_combination_of_options(self):
        packets = list(odd_capture.odd_packets(1))
        by_verbosity = (packets, [packet for packet in packets if has_plain_header(packet[0])],
                        [packet for packet in packets if has_plain_payload(packet[0])])
        self.assertGreater(len(by_verbosity[2]), 60)
        compared = 0
        for times, kinds in ((odd_capture.FAR_TIMES, ABSOLUTE_TIMES),
                             (odd_capture.DAY_TIMES, RELATIVE_TIMES)):
            for records, verbosities in zip(
                    by_verbosity, (VERBOSITIES[:1], VERBOSITIES[1:2], VERBOSITIES[2:])):
                paths = (self.capture(records, "<", odd_capture.MICRO, times),
                         self.capture(records, ">", odd_capture.NANO, times))
                for number, words in enumerate(
                        itertools.product(verbosities, DUMPS, kinds, OTHERS)):
                    compared += self.compare(paths[number % 2], [words])
        self.assertEqual(compared, 4 * 9 * 6 * 5)

    def test_other_records(self):
        for seed in range(2, 12):
            packets = [packet for packet in odd_capture.odd_packets(seed)
                       if has_plain_payload(packet[0])]
            path = self.capture(packets, seed=seed)
            self.compare(path, [(("-vv", "-XX", "-ttt", "-#"),), (("-v", "-A"),)])

    def test_the_samples(self):
        samples = sorted(SAMPLES.glob("*.pcap"))
        self.assertGreater(len(samples), 3)
        names = pathlib.Path(self.folder.name) / "samples"
        names.write_text("".join(f"{sample}\n" for sample in samples))
        self.compare(str(names), itertools.product(VERBOSITIES[:2], DUMPS, ABSOLUTE_TIMES), "-V")

    @unittest.skipUnless(REFERENCE.exists(), "tcpdump's own test capture is not here")
    def test_expected_outputs_of_tcpdump(self):
        for name, words in (("vsock-1", ()), ("vsock-1-v", ("-v",)), ("vsock-1-vv", ("-vv",))):
            done = subprocess.run([VSDUMP, "-q#ntttt", *words, "-r", REFERENCE / "vsock-1.pcapng"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env={**os.environ, "TZ": "GMT0"}, check=True)
            self.assertEqual(done.stdout, (REFERENCE / f"{name}.out").read_bytes())


if __name__ == "__main__":
    unittest.main()
