# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture files as nobody would write them, made from the samples."""

import struct

SNAPLEN = 262144


def packetsOf(path):
    """Time, wire length and bytes of each packet of a little-endian pcap file with microseconds."""
    data = path.read_bytes()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        return
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        yield seconds, fraction, length, data[at + 16 : at + 16 + captured]
        at += 16 + captured


def write(path, packets):
    """A pcap file of link type VSOCK, which everybody may read."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, 271))
        for seconds, fraction, length, data in packets:
            file.write(struct.pack("<IIII", seconds, fraction, len(data), length) + data)
    path.chmod(0o644)


def changed(source, data):
    """The bytes with a few of them changed, most of them in the headers."""
    result = bytearray(data)
    for _ in range(source.randint(1, 4)):
        if result:
            result[source.randrange(min(len(result), source.choice((76, 100, 4000))))] = source.choice((0, 1, 2, 255, source.randrange(256)))
    return bytes(result)


def mutated(source, packets):
    """The packets of one capture with some of them changed, cut, lost, twice there, or in another order."""
    result = []
    for packet in packets:
        what = source.choice(("as it is", "as it is", "changed", "changed", "cut", "lost", "twice", "earlier"))
        *when, length, data = packet
        if what == "changed":
            packet = (*when, length, changed(source, data))
        elif what == "cut":
            packet = (*when, length, data[: source.randint(0, len(data))])
        if what != "lost":
            result.insert(source.randint(0, len(result)) if what == "earlier" else len(result), packet)
        if what == "twice":
            result.append(packet)
    return result
