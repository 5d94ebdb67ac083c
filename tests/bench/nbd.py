#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a pcap file of a disk that is read over NBD: tests/bench/nbd.py MEGABYTES > FILE

One connection from guest 3 to the host: the fixed newstyle handshake with NBD_OPT_EXPORT_NAME, then reads of 128 KiB,
four at a time, with simple replies; RW packets carry 64 KiB at most, and the reader says so now and then what it has
taken."""

import struct
import sys

GUEST, HOST = (3, 50000), (2, 10809)
READ_BYTES, PACKET_BYTES, AT_A_TIME = 131072, 65536, 4
BUFFER_BYTES = 1 << 20
REQUEST, RESPONSE, SHUTDOWN, RW, CREDIT_UPDATE = 1, 2, 4, 5, 6
MONITOR_OP = {REQUEST: 1, RESPONSE: 1, SHUTDOWN: 2, RW: 4, CREDIT_UPDATE: 3}


class Capture:
    """Packets on their way to a file."""

    def __init__(self, file):
        self.file = file
        self.now = 1_700_000_000_000_000
        self.sent = {GUEST: 0, HOST: 0}
        file.write(struct.pack("<IHHQII", 0xA1B2C3D4, 2, 4, 0, 262144, 271))

    def packet(self, source, op, payload=b"", flags=0):
        """One packet, 5 us after the one before."""
        target = HOST if source is GUEST else GUEST
        ends = struct.pack("<QQII", source[0], target[0], source[1], target[1])
        header = struct.pack("<IHHIII", len(payload), 1, op, flags, BUFFER_BYTES, self.sent[target] & 0xFFFFFFFF)
        monitor = ends + struct.pack("<HHHH", MONITOR_OP[op], 2, 44, 0)
        length = len(monitor) + len(ends) + len(header) + len(payload)
        self.now += 5
        self.file.write(struct.pack("<IIII", self.now // 1_000_000, self.now % 1_000_000, length, length) + monitor + ends + header)
        self.file.write(payload)
        self.sent[source] += len(payload)

    def say(self, source, data):
        """Bytes of a stream, in as many packets as they take."""
        for begin in range(0, len(data), PACKET_BYTES):
            self.packet(source, RW, data[begin : begin + PACKET_BYTES])


def main():
    """The program."""
    reads = int(sys.argv[1]) * 1_000_000 // READ_BYTES
    capture = Capture(sys.stdout.buffer)
    capture.packet(GUEST, REQUEST)
    capture.packet(HOST, RESPONSE)
    capture.say(HOST, b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
    capture.say(GUEST, struct.pack(">I", 3) + b"IHAVEOPT" + struct.pack(">II", 1, 4) + b"disk")
    capture.say(HOST, struct.pack(">QH", reads * READ_BYTES, 1))
    disk = bytes(i * 31 % 251 for i in range(READ_BYTES))
    for first in range(0, reads, AT_A_TIME):
        cookies = range(first, min(first + AT_A_TIME, reads))
        for cookie in cookies:
            capture.say(GUEST, struct.pack(">IHHQQI", 0x25609513, 0, 0, cookie, cookie * READ_BYTES, READ_BYTES))
        for cookie in cookies:
            capture.say(HOST, struct.pack(">IIQ", 0x67446698, 0, cookie) + disk)
        capture.packet(GUEST, CREDIT_UPDATE)
    capture.packet(GUEST, SHUTDOWN, flags=3)


if __name__ == "__main__":
    main()
