#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a pcap file of much payload between guest 3 and the host: tests/bench/payload.py nbd|iperf3|plain MEGABYTES > FILE

nbd: a disk that is read: the fixed newstyle handshake with NBD_OPT_EXPORT_NAME, then reads of 128 KiB, four at a time, with
simple replies. iperf3: a test with one connection of data. plain: data that begins like no protocol. RW packets carry 64 KiB
at most, and the reader says now and then what it has taken."""

import json
import struct
import sys

READ_BYTES, PACKET_BYTES, AT_A_TIME = 131072, 65536, 4
BUFFER_BYTES = 1 << 20
REQUEST, RESPONSE, RST, SHUTDOWN, RW, CREDIT_UPDATE = 1, 2, 3, 4, 5, 6
MONITOR_OP = {REQUEST: 1, RESPONSE: 1, RST: 2, SHUTDOWN: 2, RW: 4, CREDIT_UPDATE: 3}
CLIENT, SERVER = 0, 1


class Capture:
    """A file of packets, 5 us apart."""

    def __init__(self, file):
        self.file = file
        self.now = 1_700_000_000_000_000
        file.write(struct.pack("<IHHQII", 0xA1B2C3D4, 2, 4, 0, 262144, 271))

    def write(self, record, payload):
        """One packet; its payload is written as it is, as there is much of it."""
        self.now += 5
        length = len(record) + len(payload)
        self.file.write(struct.pack("<IIII", self.now // 1_000_000, self.now % 1_000_000, length, length) + record)
        self.file.write(payload)


class Connection:
    """One connection from the guest to the host, which begins and ends as it should."""

    def __init__(self, capture, clientPort, serverPort):
        self.capture = capture
        self.ends = ((3, clientPort), (2, serverPort))
        self.sent = [0, 0]

    def __enter__(self):
        self.packet(CLIENT, REQUEST)
        self.packet(SERVER, RESPONSE)
        return self

    def __exit__(self, *_):
        self.packet(CLIENT, SHUTDOWN, flags=3)
        self.packet(SERVER, RST)

    def packet(self, side, op, payload=b"", flags=0):
        """One packet of a side."""
        source, target = self.ends[side], self.ends[1 - side]
        ends = struct.pack("<QQII", source[0], target[0], source[1], target[1])
        header = struct.pack("<IHHIII", len(payload), 1, op, flags, BUFFER_BYTES, self.sent[1 - side] & 0xFFFFFFFF)
        self.capture.write(ends + struct.pack("<HHHH", MONITOR_OP[op], 2, 44, 0) + ends + header, payload)
        self.sent[side] += len(payload)

    def say(self, side, data):
        """Bytes of the stream, in as many packets as they take."""
        for begin in range(0, len(data), PACKET_BYTES):
            self.packet(side, RW, data[begin : begin + PACKET_BYTES])

    def pour(self, side, megabytes):
        """So much data one way, and credit the other."""
        block = bytes(48 + i % 10 for i in range(PACKET_BYTES))
        for number in range(megabytes * 1_000_000 // PACKET_BYTES):
            self.packet(side, RW, block)
            if number % AT_A_TIME == AT_A_TIME - 1:
                self.packet(1 - side, CREDIT_UPDATE)


def nbd(capture, megabytes):
    """A disk that is read."""
    reads = megabytes * 1_000_000 // READ_BYTES
    disk = bytes(i * 31 % 251 for i in range(READ_BYTES))
    with Connection(capture, 50000, 10809) as connection:
        connection.say(SERVER, b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
        connection.say(CLIENT, struct.pack(">I", 3) + b"IHAVEOPT" + struct.pack(">II", 1, 4) + b"disk")
        connection.say(SERVER, struct.pack(">QH", reads * READ_BYTES, 1))
        for first in range(0, reads, AT_A_TIME):
            cookies = range(first, min(first + AT_A_TIME, reads))
            for cookie in cookies:
                connection.say(CLIENT, struct.pack(">IHHQQI", 0x25609513, 0, 0, cookie, cookie * READ_BYTES, READ_BYTES))
            for cookie in cookies:
                connection.say(SERVER, struct.pack(">IIQ", 0x67446698, 0, cookie) + disk)
            connection.packet(CLIENT, CREDIT_UPDATE)


def iperf3(capture, megabytes):
    """A test: one connection controls it, another has its data."""
    cookie = b"abcdefghijklmnopqrstuvwxyz234567abcd\0"

    def told(content):
        text = json.dumps(content).encode()
        return struct.pack(">I", len(text)) + text

    with Connection(capture, 50000, 5201) as control:
        control.say(CLIENT, cookie)
        control.say(SERVER, b"\x09")
        control.say(CLIENT, told({"vsock": True, "time": 10, "parallel": 1, "len": PACKET_BYTES}))
        control.say(SERVER, b"\x0a")
        with Connection(capture, 50001, 5201) as data:
            data.say(CLIENT, cookie)
            control.say(SERVER, b"\x01\x02")
            data.pour(CLIENT, megabytes)
            control.say(CLIENT, b"\x04")
            control.say(SERVER, b"\x0d")
            results = told({"streams": [{"id": 1, "bytes": megabytes * 1_000_000 // PACKET_BYTES * PACKET_BYTES}]})
            control.say(CLIENT, results)
            control.say(SERVER, results + b"\x0e")
            control.say(CLIENT, b"\x10")


def plain(capture, megabytes):
    """Data that begins like no protocol."""
    with Connection(capture, 50000, 1234) as connection:
        connection.pour(CLIENT, megabytes)


KINDS = {kind.__name__: kind for kind in (nbd, iperf3, plain)}


def main():
    """The program."""
    KINDS[sys.argv[1]](Capture(sys.stdout.buffer), int(sys.argv[2]))


if __name__ == "__main__":
    main()
