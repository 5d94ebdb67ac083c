#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what the fuzzers start from: seeds.py SAMPLES_FOLDER OUT_FOLDER.

OUT_FOLDER/dissect_fuzz gets one record a file, those of the readers the small capture files (as pcapng, too),
filter_fuzz each example of docs/filter.md before a record, options_fuzz the options of each golden case, payload_fuzz
the beginnings of the samples' connections."""

import gzip
import re
import shlex
import shutil
import struct
import subprocess
import sys
from pathlib import Path

RECORDS_A_SAMPLE = 40
LONGEST_RECORD = 600
LARGEST_FILE = 4096
LARGEST_COMPRESSED = 512
TARGETS = ("compressed_fuzz", "dissect_fuzz", "filter_fuzz", "options_fuzz", "payload_fuzz", "pcap_fuzz", "pcapng_fuzz")
LONGEST_CONVERSATION = 4000
CONVERSATIONS_A_SAMPLE = 4


def records(data):
    """The records of a little-endian pcap file with microseconds."""
    at = 24
    while at + 16 <= len(data):
        captured = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + captured]
        at += 16 + captured


def writeCapture(out, path, data):
    """A sample for the readers: as it is, and compressed."""
    if len(data) <= LARGEST_FILE:
        (out / f"{path.suffix[1:]}_fuzz" / path.name).write_bytes(data)
        if path.suffix == ".pcap":
            (out / "pcapng_fuzz" / f"{path.stem}.pcapng").write_bytes(asPcapng(data)[:LARGEST_FILE])
    zstd = subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    for suffix, compressed in ((".gz", gzip.compress(data, mtime=0)), (".zst", zstd)):
        if len(compressed) <= LARGEST_COMPRESSED:
            (out / "compressed_fuzz" / (path.name + suffix)).write_bytes(compressed)


def asPcapng(data):
    """The same packets in one section with one interface of microseconds."""

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        length = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + length + body + length

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 271, 0, 262144))
    at = 24
    for record in records(data):
        seconds, microseconds, captured, onWire = struct.unpack_from("<IIII", data, at)
        ticks = seconds * 1_000_000 + microseconds
        out += block(6, struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, captured, onWire) + record)
        at += 16 + captured
    return out


def conversations(data):
    """The payload of each connection, as the pieces that payload_fuzz takes."""
    found = {}
    for record in records(data):
        if len(record) < 76:
            continue
        sourcePort, destinationPort, length, _, op = struct.unpack_from("<IIIHH", record, 48)
        ports = (min(sourcePort, destinationPort), max(sourcePort, destinationPort))
        pieces = found.setdefault(ports, [sourcePort])
        payload = record[76 : 76 + length]
        if op == 5 and payload:
            toClient = int(sourcePort != pieces[0])
            pieces.append(struct.pack("<BH", toClient, len(payload) & 0xFFFF) + payload)
    for pieces in found.values():
        yield b"".join(pieces[1:])[:LONGEST_CONVERSATION]


def main():
    """The program."""
    samples, out = (Path(word) for word in sys.argv[1:])
    root = Path(__file__).resolve().parents[2]
    for target in TARGETS:
        shutil.rmtree(out / target, ignore_errors=True)
        (out / target).mkdir(parents=True)
    for path in sorted(samples.glob("*.pcap*")):
        data = path.read_bytes()
        writeCapture(out, path, data)
        if path.suffix == ".pcap":
            for number, conversation in enumerate(conversations(data)):
                if conversation and number < CONVERSATIONS_A_SAMPLE:
                    # The first byte: recognised by itself, from the start.
                    (out / "payload_fuzz" / f"{path.stem}-{number}").write_bytes(b"\x3f" + conversation)
            for number, record in enumerate(records(data)):
                if number >= RECORDS_A_SAMPLE:
                    break
                # The first byte says how long the record was on the wire.
                (out / "dissect_fuzz" / f"{path.stem}-{number}").write_bytes(b"\0" + record[:LONGEST_RECORD])
    document = (root / "docs/filter.md").read_text(encoding="utf-8")
    record = next(records((samples / "socat.pcap").read_bytes()))
    for number, example in enumerate(re.findall(r"\(\* (.*) \*\)|`([^`]*)` \|$", document, re.MULTILINE)):
        (out / "filter_fuzz" / f"example-{number}").write_bytes("".join(example).encode() + b"\0" + record)
    for line in (root / "tests/golden/cases").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *words = shlex.split(line)
            (out / "options_fuzz" / name).write_bytes("\n".join(["-r", *words]).encode())


if __name__ == "__main__":
    main()
