#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what the fuzzers start from: seeds.py SAMPLES_FOLDER OUT_FOLDER.

OUT_FOLDER/dissect_fuzz gets one record a file, OUT_FOLDER/reader_fuzz the small capture files,
OUT_FOLDER/filter_fuzz each example of docs/filter.md before a record."""

import re
import shutil
import struct
import sys
from pathlib import Path

RECORDS_A_SAMPLE = 40
LONGEST_RECORD = 600
LARGEST_FILE = 8192


def records(data):
    """The records of a little-endian pcap file with microseconds."""
    at = 24
    while at + 16 <= len(data):
        captured = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + captured]
        at += 16 + captured


def main():
    """The program."""
    samples, out = (Path(word) for word in sys.argv[1:])
    for target in ("dissect_fuzz", "reader_fuzz", "filter_fuzz"):
        shutil.rmtree(out / target, ignore_errors=True)
        (out / target).mkdir(parents=True)
    for path in sorted(samples.glob("*.pcap*")):
        data = path.read_bytes()
        if len(data) <= LARGEST_FILE:
            (out / "reader_fuzz" / path.name).write_bytes(data)
        if path.suffix == ".pcap":
            for number, record in enumerate(records(data)):
                if number >= RECORDS_A_SAMPLE:
                    break
                # The first byte says how long the record was on the wire.
                (out / "dissect_fuzz" / f"{path.stem}-{number}").write_bytes(b"\0" + record[:LONGEST_RECORD])
    document = (Path(__file__).resolve().parents[2] / "docs/filter.md").read_text(encoding="utf-8")
    record = next(records((samples / "socat.pcap").read_bytes()))
    for number, example in enumerate(re.findall(r"\(\* (.*) \*\)|`([^`]*)` \|$", document, re.MULTILINE)):
        (out / "filter_fuzz" / f"example-{number}").write_bytes("".join(example).encode() + b"\0" + record)


if __name__ == "__main__":
    main()
