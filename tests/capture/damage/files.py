# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture files in parts: read from a real capture, put together again in any dialect, damaged on purpose."""

import dataclasses
import struct
import subprocess
import zlib

LINK_TYPE_VSOCK = 271


@dataclasses.dataclass(frozen=True)
class Packet:
    """A packet of a capture; `ns` counts nanoseconds since 1970."""

    ns: int
    data: bytes
    wire: int


def packets_of(file):
    """The packets of a sound pcap file. What stands behind the last whole one is left out."""
    if len(file) < 24:
        return []
    order = "<" if file[0] in (0xD4, 0x4D) else ">"
    unit = 1000 if 0xD4 in (file[0], file[3]) else 1
    packets, at = [], 24
    while at + 16 <= len(file):
        seconds, fraction, captured, wire = struct.unpack_from(order + "IIII", file, at)
        if at + 16 + captured > len(file):
            break
        data = file[at + 16 : at + 16 + captured]
        packets.append(Packet(seconds * 10**9 + fraction * unit, data, wire))
        at += 16 + captured
    return packets


@dataclasses.dataclass
class Parts:
    """A capture file as a list of byte strings: its header(s), then one for each packet."""

    header: bytes
    records: list

    def joined(self):
        return self.header + b"".join(self.records)

    def offset(self, index):
        """Where the record of this index begins."""
        return len(self.header) + sum(map(len, self.records[:index]))


def pcap(packets, order="<", nano=False, link_type=LINK_TYPE_VSOCK, snaplen=262144):
    unit = 1 if nano else 1000
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    header = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, snaplen, link_type)
    return Parts(header, [
        struct.pack(order + "IIII", p.ns // 10**9, p.ns % 10**9 // unit, len(p.data), p.wire) + p.data
        for p in packets
    ])


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body, order="<"):
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def section_header(order="<"):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type=LINK_TYPE_VSOCK, order="<"):
    nanoseconds = struct.pack(order + "HHI", 9, 1, 0)[:4] + b"\x09\0\0\0" + b"\0\0\0\0"
    return block(1, struct.pack(order + "HHI", link_type, 0, 262144) + nanoseconds, order)


def packet_block(packet, number=0, order="<"):
    body = struct.pack(order + "IIIII", number, packet.ns >> 32, packet.ns & 0xFFFFFFFF, len(packet.data), packet.wire)
    return block(6, body + padded(packet.data), order)


def pcapng(packets, order="<"):
    return Parts(section_header(order) + interface(order=order), [packet_block(p, order=order) for p in packets])


def gzipped(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def zstd_compressed(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def gzipped_with_bad_block(data):
    """A gzip member whose second block is of no type (RFC 1951, 3.2.3)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH) + b"\x07" + bytes(20)


def zstd_with_bad_block(data):
    """A zstd frame of a raw block and one that is of no type (RFC 8878, 3.1.1.2)."""
    raw, reserved, window_of_64_kib = 0, 3, 6 << 3
    headers = [struct.pack("<I", size << 3 | kind << 1)[:3] for size, kind in ((len(data), raw), (20, reserved))]
    return struct.pack("<IBB", 0xFD2FB528, 0, window_of_64_kib) + headers[0] + data + headers[1] + bytes(20)


def gzipped_without_end(data, lost):
    """A gzip member of one stored block (RFC 1951, 3.2.4) whose last bytes and checksum are lost."""
    size = len(data) + lost
    return bytes.fromhex("1f8b0800000000000003") + struct.pack("<BHH", 1, size, size ^ 0xFFFF) + data


def zstd_without_end(data, lost):
    """A zstd frame of one raw block whose last bytes are lost."""
    raw_and_last, window_of_64_kib = 1, 6 << 3
    header = struct.pack("<I", len(data) + lost << 3 | raw_and_last)[:3]
    return struct.pack("<IBB", 0xFD2FB528, 0, window_of_64_kib) + header + data
