# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture files with the oddest records that tcpdump can read, for comparing programs."""
import random
import struct

MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D
# Seconds and microseconds, to and fro within a day.
DAY_TIMES = (
    (1_500_000_000, 261_679), (1_500_000_000, 261_678), (1_500_000_000, 261_680),
    (1_500_003_601, 0), (1_499_999_999, 999_999), (1_500_040_000, 0), (1_500_000_001, 999_999),
    (1_500_000_001, 0),
)
# Any that fit 31 bits: differences of days.
FAR_TIMES = (
    (0, 0), (0, 999_999), (1, 0), (86_399, 5), (951_782_400, 1), (1_500_000_000, 261_679),
    (1_732_288_308, 457_868), (2_147_483_647, 999_999), (1_490_489_999, 1), (1_490_490_000, 0),
)


def vsockmon(source, destination, op, transport, length=44, reserved=0):
    return struct.pack("<QQIIHHHH", source[0], destination[0], source[1], destination[1], op,
                       transport, length, reserved)


def virtio(source, destination, length, kind, op, flags=0, buf_alloc=262144, fwd_cnt=0):
    return struct.pack("<QQIIIHHIII", source[0], destination[0], source[1], destination[1], length,
                       kind, op, flags, buf_alloc, fwd_cnt)


def odd_packets(seed):
    """Yields (bytes, wire length)."""
    dice = random.Random(seed)
    cids = (0, 1, 2, 3, 42, 0xFFFFFFFF, 1 << 32, (1 << 53) + 1, (1 << 64) - 1)
    ports = (0, 22, 1023, 1024, 65536, 0xFFFFFFFF)

    def address():
        return dice.choice(cids), dice.choice(ports)

    whole = vsockmon((3, 1), (2, 2), 4, 2) + virtio((3, 1), (2, 2), 5, 1, 5) + b"hello"
    for cut in (1, 2, 31, 32, 33, 48, 75, 76, 77, 80, 81):
        yield whole[:cut], len(whole)
    for op in (0, 1, 2, 3, 4, 5, 255, 65535):
        for transport in (0, 1, 2, 3, 65535):
            a, b = address(), address()
            payload = bytes(dice.randrange(256) for _ in range(dice.choice((0, 1, 15, 16, 17, 40))))
            frame = vsockmon(a, b, op, transport, dice.choice((44, 44, 0, 4, 60, 65535)),
                             dice.choice((0, 0, 7)))
            frame += virtio(a, b, len(payload), dice.choice((0, 1, 2, 3, 9)),
                            dice.randrange(14), dice.choice((0, 1, 3, 0xFFFFFFFF))) + payload
            yield frame, len(frame) + dice.choice((0, 0, 100))
    for op in tuple(range(13)) + (255, 65535):
        for kind in (0, 1, 2, 3, 4, 65535):
            a, b = address(), address()
            payload = b"text \r\n\r\x1b[31m\t\x00\x7f\xff" if dice.random() < 0.5 else b""
            frame = vsockmon(a, b, 4 if op == 5 else 3, 2)
            frame += virtio(a, b, len(payload), kind, op, dice.randrange(8), 0xFFFFFFFF, op) + payload
            yield frame, len(frame)
    # Beyond 64 KiB the offsets of a dump have five digits.
    big = vsockmon((3, 1), (2, 2), 4, 2) + virtio((3, 1), (2, 2), 65536, 1, 5)
    yield big + bytes(dice.randrange(256) for _ in range(65536)), len(big) + 65536


def write_capture(path, packets, order="<", magic=MICRO, times=DAY_TIMES, seed=1):
    """A pcap file in which times jump to and fro, with fractions of a second and more."""
    dice = random.Random(seed)
    with open(path, "wb") as out:
        out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, 271))
        for data, length in packets:
            seconds, fraction = dice.choice(times)
            if magic == NANO:
                fraction = fraction * 1000 + dice.randrange(1000)
            out.write(struct.pack(order + "IIII", seconds, fraction, len(data), length) + data)


def write_deviations(folder):
    """The captures that docs/tcpdump.md names, by the names that it gives them."""
    one, other = (3, 1024), (2, 5000)
    plain = vsockmon(one, other, 4, 2) + virtio(one, other, 5, 1, 5) + b"hello"
    midnight = ((1_500_000_000, 0),)

    def write(name, *packets, times=midnight):
        with_lengths = [packet if isinstance(packet, tuple) else (packet, len(packet))
                        for packet in packets]
        write_capture(f"{folder}/{name}.pcap", with_lengths, times=times)

    def typed(kind):
        return vsockmon(one, other, 4, 2) + virtio(one, other, 5, kind, 5, 1) + b"hello"

    write("seqpacket", typed(2))
    write("dgram", typed(3))
    write("cut-header", (plain[:50], 81))
    write("empty-payload", vsockmon(one, other, 4, 2) + virtio(one, other, 0, 1, 5))
    write("no-info", vsockmon(one, other, 4, 1, 8) + b"12345678hello")
    write("long-header", vsockmon(one, other, 4, 2, 48) + virtio(one, other, 5, 1, 5) + b"ABCDhello")
    write("short-header",
          vsockmon(one, other, 4, 2, 20) + virtio(one, other, 5, 1, 5) + b"hello")
    write("year-2038", plain, times=((2_147_483_648, 123_456),))
    write("microseconds", plain, times=((1_500_000_001, 2_345_678),))
    days = [(1_500_000_000, 0), (1_500_200_000, 0)]
    write_in_turn(f"{folder}/two-days.pcap", [plain, plain], days)


def write_in_turn(path, frames, times):
    """A pcap file whose records have these times one after the other."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", MICRO, 2, 4, 0, 0, 262144, 271))
        for data, (seconds, fraction) in zip(frames, times):
            out.write(struct.pack("<IIII", seconds, fraction, len(data), len(data)) + data)
