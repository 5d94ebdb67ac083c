# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture files as these scripts read them: on their own, so that they can judge what vsdump has written."""

import struct
from dataclasses import dataclass
from pathlib import Path

LINK_TYPE_VSOCK = 271
MAGIC_MICROSECONDS, MAGIC_NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
MONITOR = struct.Struct("<QQIIHHHH")  # linux/vsockmon.h
VIRTIO = struct.Struct("<QQIIIHHIII")  # linux/virtio_vsock.h


@dataclass(frozen=True)
class Record:
    """A packet of a file."""

    timeNs: int
    wireLength: int
    data: bytes

    def monitor(self):
        """(source CID, destination CID, source port, destination port, op, transport, length, reserved)"""
        return MONITOR.unpack_from(self.data)

    def virtio(self):
        """(source CID, destination CID, source port, destination port, len, type, op, flags, buf_alloc, fwd_cnt)"""
        return VIRTIO.unpack_from(self.data, MONITOR.size)

    def ports(self):
        """Source and destination port."""
        return self.monitor()[2:4]

    def op(self):
        """The virtio op."""
        return self.virtio()[6]

    def payload(self):
        """What the packet carried, without what the tap may have added."""
        start = MONITOR.size + VIRTIO.size
        return self.data[start : start + self.virtio()[4]]


def readPcap(path):
    """The records of a pcap file; the whole file must be whole."""
    data = Path(path).read_bytes()
    magic, _, _, _, _, _, linkType = struct.unpack_from("<IHHiIII", data)
    if linkType != LINK_TYPE_VSOCK:
        raise ValueError(f"{path}: link type {linkType}")
    unit = {MAGIC_MICROSECONDS: 1000, MAGIC_NANOSECONDS: 1}[magic]
    records, place = [], 24
    while place < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, place)
        place += 16
        if place + captured > len(data):
            raise ValueError(f"{path}: cut in a record at byte {place}")
        records.append(Record(seconds * 10**9 + fraction * unit, length, data[place : place + captured]))
        place += captured
    return records


def writePcap(path, records):
    """A pcap file of these records, in their order."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", MAGIC_NANOSECONDS, 2, 4, 0, 0, 262144, LINK_TYPE_VSOCK))
        for record in records:
            file.write(struct.pack("<IIII", *divmod(record.timeNs, 10**9), len(record.data), record.wireLength) + record.data)


def streams(records, op=5):
    """The bytes that each (source port, destination port) has sent, in the order of the records."""
    sent = {}
    for record in records:
        if record.op() == op:
            sent.setdefault(record.ports(), bytearray()).extend(record.payload())
    return {key: bytes(value) for key, value in sent.items()}
