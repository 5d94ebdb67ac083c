# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to a capture: one row a case."""

import dataclasses
import random
import struct

from damage.files import (LINK_TYPE_VSOCK, Packet, Parts, block, gzipped, gzipped_with_bad_block, gzipped_without_end, interface,
                          packet_block, pcap, pcapng, section_header, zstd_compressed, zstd_with_bad_block,
                          zstd_without_end)


@dataclasses.dataclass
class Case:
    name: str
    file: bytes
    packets: list  # that can be read from it, in order
    is_damaged: bool = True  # whether a reader must say that something is wrong


def without(packets, *indices):
    return [p for i, p in enumerate(packets) if i not in indices]


def overwritten(file, at, data):
    return file[:at] + data + file[at + len(data) :]


def junk(size):
    return random.Random(size).randbytes(size)


def cuts(packets):
    """Files that end too early."""
    parts = pcap(packets)
    whole = parts.joined()
    yield Case("pcap: empty file", b"", [])
    yield Case("pcap: cut in the file header", whole[:20], [])
    yield Case("pcap: header alone", whole[:24], [], is_damaged=False)
    last = parts.offset(len(packets) - 1)
    yield Case("pcap: cut in the last record's header", whole[: last + 7], packets[:-1])
    yield Case("pcap: cut in the last packet", whole[:-5], packets[:-1])
    yield Case("pcap: cut after a header, no byte of the packet", whole[: last + 16], packets[:-1])
    yield Case("pcap: one packet, cut", pcap(packets[:1]).joined()[:-1], [])
    big = pcap(packets, order=">")
    yield Case("big-endian pcap: cut in the last packet", big.joined()[:-5], packets[:-1])
    nano = pcap(packets, nano=True)
    yield Case("pcap of nanoseconds: cut in the last packet", nano.joined()[:-5], packets[:-1])
    ng = pcapng(packets)
    yield Case("pcapng: cut in the section header", ng.joined()[:20], [])
    yield Case("pcapng: cut in the last block", ng.joined()[:-9], packets[:-1])
    yield Case("pcapng: cut in the last block's header", ng.joined()[: ng.offset(len(packets) - 1) + 5], packets[:-1])
    yield Case("pcapng: last length field missing", ng.joined()[:-4], packets[:-1])
    carrying = packets[-1].data + ng.joined()
    yield Case("pcapng: cut in the last packet, which carries a capture",
               pcapng([*packets[:-1], Packet(packets[-1].ns, carrying, len(carrying))]).joined()[:-9], packets[:-1])


def lost_and_inserted(packets):
    """Bytes that are missing or too many."""
    k = len(packets) // 2
    for label, make in (("pcap", pcap), ("big-endian pcap", lambda p: pcap(p, ">")),
                        ("pcap of nanoseconds", lambda p: pcap(p, nano=True)), ("pcapng", pcapng)):
        parts = make(packets)
        whole, at = parts.joined(), parts.offset(k)
        yield Case(f"{label}: 37 bytes lost in a packet", whole[: at + 40] + whole[at + 77 :], without(packets, k))
        yield Case(f"{label}: 1 byte lost in a packet", whole[: at + 60] + whole[at + 61 :], without(packets, k))
        yield Case(f"{label}: 44 bytes lost in a packet", whole[: at + 46] + whole[at + 90 :], without(packets, k))
        yield Case(f"{label}: 16 zero bytes inserted in a packet's headers",
                   whole[: at + 56] + bytes(16) + whole[at + 56 :], without(packets, k))
        yield Case(f"{label}: 64 zero bytes inserted between packets", whole[:at] + bytes(64) + whole[at:], packets)
        yield Case(f"{label}: 64 zero bytes at the end", whole + bytes(64), packets)
        yield Case(f"{label}: 100 bytes of junk between packets", whole[:at] + junk(100) + whole[at:], packets)
        yield Case(f"{label}: 100 bytes of junk at the end", whole + junk(100), packets)
        yield Case(f"{label}: 100 bytes of junk inside a packet's headers",
                   whole[: at + 50] + junk(100) + whole[at + 50 :], without(packets, k))
        yield Case(f"{label}: 512 zeros over packets", overwritten(whole, at, bytes(512)),
                   [p for i, p in enumerate(packets) if i < k or parts.offset(i) >= at + 512])
    parts = pcapng(packets)
    whole = parts.joined()
    alike = next(i for i in range(k, len(packets)) if len(parts.records[i]) == len(parts.records[i + 1]))
    end = parts.offset(alike + 1) - 4
    yield Case("pcapng: 8 bytes lost in a packet that is as long as the next one", whole[: end - 8] + whole[end:],
               without(packets, alike))
    parts = pcap(packets)
    whole, at = parts.joined(), parts.offset(k)
    yield Case("pcap: 1 MiB of junk between packets", whole[:at] + junk(1 << 20) + whole[at:], packets)
    yield Case("pcap: first packet's header lost", whole[:24] + whole[40:], packets[1:])
    second = parts.offset(1)
    yield Case("pcap: 1 byte lost in the second record's header", whole[: second + 3] + whole[second + 4 :],
               without(packets, 1))
    yield Case("pcap: 4 zero bytes inserted in a record's header", whole[: at + 8] + bytes(4) + whole[at + 8 :],
               without(packets, k))
    several = b"".join(junk(30) + record if i % 5 == 4 else record for i, record in enumerate(parts.records))
    yield Case("pcap: junk in several places", parts.header + several, packets)


def wild_fields(packets):
    """Single fields that are wrong."""
    k = 1
    parts = pcap(packets)
    whole, at = parts.joined(), parts.offset(k)
    for value in (0x7FFFFFFF, 0xFFFFFFFF, 262145, 200000, len(packets[k].data) + 8, len(packets[k].data) - 1):
        yield Case(f"pcap: captured length 0x{value:x} in packet 2",
                   overwritten(whole, at + 8, struct.pack("<I", value)), packets)
    both = len(packets[k].data) + 16 + len(packets[k + 1].data)
    yield Case("pcap: captured length of packets 2 and 3 in packet 2",
               overwritten(whole, at + 8, struct.pack("<I", both)), packets)
    yield Case("pcap: both lengths 0x7fffffff in packet 2",
               overwritten(whole, at + 8, struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF)), without(packets, k))
    shorter = Packet(packets[k].ns, packets[k].data, 5)
    yield Case("pcap: captured length above the length on the wire",
               pcap([packets[0], shorter, *packets[2:]]).joined(), [packets[0], shorter, *packets[2:]], is_damaged=False)
    empty = Packet(packets[k].ns, b"", packets[k].wire)
    yield Case("pcap: captured length 0", pcap([packets[0], empty, *packets[2:]]).joined(),
               [packets[0], empty, *packets[2:]], is_damaged=False)
    for cut in (32, 50):
        cut_short = Packet(packets[k].ns, packets[k].data[:cut], packets[k].wire)
        yield Case(f"pcap: {cut} bytes captured", pcap([packets[0], cut_short, *packets[2:]]).joined(),
                   [packets[0], cut_short, *packets[2:]], is_damaged=False)
    fraction = overwritten(whole, at + 4, struct.pack("<I", 5_000_000))
    late = Packet(packets[k].ns // 10**9 * 10**9 + 5 * 10**9, packets[k].data, packets[k].wire)
    yield Case("pcap: 5,000,000 microseconds", fraction, [packets[0], late, *packets[2:]], is_damaged=False)
    for label, patch in (("virtio len 1000 with fewer bytes there", (56, struct.pack("<I", 1000))),
                         ("transport length 0xffff", (28, b"\xff\xff")), ("transport length 0", (28, b"\0\0")),
                         ("transport length 20", (28, b"\x14\0")),
                         ("unknown transport", (26, b"\x09\0")), ("headers that disagree", (32, b"\x63"))):
        changed = Packet(packets[k].ns, overwritten(packets[k].data, *patch), packets[k].wire)
        yield Case(f"pcap: {label}", pcap([packets[0], changed, *packets[2:]]).joined(),
                   [packets[0], changed, *packets[2:]], is_damaged=False)
    yield Case("pcap: record header overwritten with 0xff", overwritten(whole, at, b"\xff" * 16), without(packets, k))
    yield Case("pcap: unknown magic", b"\x12\x34\x56\x78" + whole[4:], [])
    yield Case("pcap: unknown version", overwritten(whole, 4, b"\x09\0\x09\0"), [])
    yield Case("pcap: another link type", pcap(packets, link_type=1).joined(), [])
    yield Case("pcap: two files joined", whole + pcap(packets).joined(), packets + packets, is_damaged=False)
    yield Case("pcap: a little-endian and a big-endian file joined", whole + pcap(packets, ">").joined(),
               packets + packets, is_damaged=False)
    yield Case("pcap: two files joined, the first cut", whole[:-5] + pcap(packets).joined(), packets[:-1] + packets)


def carried(packets):
    """Captures in the payload of packets."""
    longest = max(packets, key=lambda p: len(p.data))

    def carrier(payload):
        data = overwritten(longest.data[:76], 56, struct.pack("<I", len(payload))) + payload
        return Packet(packets[-1].ns, data, len(data))

    capture = pcap(packets[:6]).joined()
    last = carrier(capture)
    yield Case("pcap: cut in the last packet, which carries a capture", pcap([*packets, last]).joined()[:-50], packets)
    # Of type 0, which no kernel sends.
    first = carrier(capture[24:])
    first = Packet(packets[0].ns, overwritten(first.data, 60, bytes(2)), first.wire)
    yield Case("pcap: the first packet has no usable header and carries packets", pcap([first, *packets]).joined(),
               [first, *packets], is_damaged=False)
    k = 13
    for label, inner in (("a big-endian capture", pcap(packets[:3], ">").joined()),
                         ("a capture of nanoseconds", pcap(packets[:3], nano=True).joined()),
                         ("a section of pcapng", section_header()),
                         ("a pcapng capture of Ethernet", section_header() + interface(link_type=1))):
        middle = dataclasses.replace(carrier(inner), ns=packets[k].ns)
        for name, parts, header in (("pcap", pcap([*packets[:k], middle, *packets[k:]]), 16),
                                    ("pcapng", pcapng([*packets[:k], middle, *packets[k:]]), 28)):
            yield Case(f"{name}: 0xff over the header of a packet that carries {label}",
                       overwritten(parts.joined(), parts.offset(k), b"\xff" * header), packets)


def clocks(packets):
    """Damage where times do not go on as before."""
    k, second = 13, 10**9
    for label, step in (("the clock was set back by an hour", -3600), ("nothing was captured for three days", 3 * 86400)):
        slow = [Packet(p.ns // second * second + (30 * i + (step if i > k else 0)) * second, p.data, p.wire)
                for i, p in enumerate(packets)]
        for name, parts, header in (("pcap", pcap(slow), 16), ("pcapng", pcapng(slow), 28)):
            yield Case(f"{name}: 0xff over the header of a packet behind which {label}",
                       overwritten(parts.joined(), parts.offset(k), b"\xff" * header), without(slow, k))


def cut_packets(packets):
    """Packets cut by a snapshot length, and what makes a packet doubtful beside the damage."""
    k, year = 2, 365 * 24 * 3600 * 10**9
    short = [Packet(p.ns, p.data[:80], p.wire) for p in packets]
    parts = pcap(short, snaplen=80)
    yield Case("pcap cut to 80 bytes: captured length 32 in packet 3",
               overwritten(parts.joined(), parts.offset(k) + 8, struct.pack("<I", 32)), short)
    tiny = [Packet(p.ns, p.data[:20], p.wire) for p in packets]
    parts = pcap(tiny)
    yield Case("pcap cut to 20 bytes: 0xff over a record header",
               overwritten(parts.joined(), parts.offset(k), b"\xff" * 16), without(tiny, k))
    headers = [Packet(p.ns + (year if i > k else 0), p.data[:40], p.wire) for i, p in enumerate(packets)]
    parts = pcap(headers, snaplen=40)
    yield Case("pcap cut to 40 bytes: 0xff over a record header where the clock was set ahead by a year",
               overwritten(parts.joined(), parts.offset(k + 1), b"\xff" * 16), without(headers, k + 1))
    longest = max(range(len(packets) - 2), key=lambda i: len(packets[i].data))
    few = [*packets[: longest + 2], packets[-1]]
    whole, at = pcap(few).joined(), pcap(few).offset(longest) + 24
    # So many are lost that those left, with the last packet among them, are 12 more than the longest has.
    left = len(few[longest].data) - 8 + 12
    yield Case("pcap: bytes lost in a packet, which has the last one in their place", whole[:at] + whole[-left:],
               [*packets[:longest], packets[-1]])


def pcapng_blocks(packets):
    """Blocks that are wrong or of other interfaces."""
    k = 1
    parts = pcapng(packets)
    whole, at = parts.joined(), parts.offset(k)
    for value in (0, 8, 35, 0x7FFFFFFF, 0xFFFFFFFC):
        yield Case(f"pcapng: block length 0x{value:x}", overwritten(whole, at + 4, struct.pack("<I", value)), packets)
    end = parts.offset(k + 1) - 4
    yield Case("pcapng: the two lengths of a block differ", overwritten(whole, end, b"\x99"), without(packets, k))
    yield Case("pcapng: captured length beyond the block", overwritten(whole, at + 20, b"\xff\xff"), without(packets, k))
    yield Case("pcapng: packet of an interface that is not there", overwritten(whole, at + 8, b"\x07"),
               without(packets, k))
    for value in (0, 0x46):
        yield Case(f"pcapng: block type 0x{value:x}", overwritten(whole, at, struct.pack("<I", value)), packets)
    odd = Packet(packets[k].ns, b"\xff" * min(90, packets[k].wire), packets[k].wire)
    for label, packet in (("without its headers", odd), ("of no bytes", Packet(odd.ns, b"", odd.wire))):
        few = [packets[0], packet, *packets[2:]]
        for value in (3, 7):
            yield Case(f"pcapng: block type 0x{value:x} of a packet {label}",
                       overwritten(pcapng(few).joined(), at, struct.pack("<I", value)), few)
    yield Case("pcapng: captured length 0 in packet 2", overwritten(whole, at + 20, bytes(4)), packets)
    short = Packet(packets[k].ns, packets[k].data[:75], packets[k].wire)
    yield Case("pcapng: 75 bytes captured", pcapng([packets[0], short, *packets[2:]]).joined(),
               [packets[0], short, *packets[2:]], is_damaged=False)
    end = parts.offset(k + 1) - 4
    wild = whole[:end] + struct.pack("<HH", 1, 200) + whole[end:]
    longer = struct.pack("<I", end + 8 - at)
    yield Case("pcapng: a comment longer than its block",
               overwritten(overwritten(wild, at + 4, longer), end + 4, longer), packets)
    yield Case("pcapng: no byte order magic", overwritten(whole, 8, b"zzzz"), [])
    ethernet = Packet(packets[0].ns, bytes(60), 60)
    yield Case("pcapng: an Ethernet interface beside",
               section_header() + interface() + interface(1) + packet_block(ethernet, 1)
               + b"".join(packet_block(p) for p in packets), packets, is_damaged=False)
    yield Case("pcapng: two sections, the second big-endian", whole + pcapng(packets, ">").joined(), packets + packets,
               is_damaged=False)
    yield Case("pcapng: two sections, the first cut", whole[:-9] + pcapng(packets).joined(), packets[:-1] + packets)
    late = Packet(packets[0].ns + 10**18, packets[0].data[:20], packets[0].wire)
    yield Case("pcapng: unknown block like a packet of another time",
               parts.header + block(0x00C0FFEE, packet_block(late)[8:-4]) + b"".join(parts.records), packets,
               is_damaged=False)
    yield Case("pcapng: unknown block", parts.header + block(0x00C0FFEE, bytes(40)) + b"".join(parts.records), packets,
               is_damaged=False)


def compressed(packets):
    """Compressed files."""
    whole = pcap(packets).joined()
    half = Parts(whole[:24], pcap(packets).records).offset(len(packets) // 2)
    kinds = (("gzip", gzipped, gzipped_with_bad_block, 4), ("zstd", zstd_compressed, zstd_with_bad_block, 0))
    for label, compress, compress_badly, behind in kinds:
        file = compress(whole)
        wrong = len(file) - behind - 4
        yield Case(f"{label}: sound", file, packets, is_damaged=False)
        yield Case(f"{label}: two members", compress(whole[:half]) + compress(whole[half:]), packets, is_damaged=False)
        yield Case(f"{label}: second member cut", compress(whole[:half]) + compress(whole[half:])[:10],
                   packets[: len(packets) // 2])
        yield Case(f"{label}: second block damaged", compress_badly(whole[:half]), packets[: len(packets) // 2])
        yield Case(f"{label}: junk behind", file + junk(50), packets)
        yield Case(f"{label}: wrong checksum", overwritten(file, wrong, bytes([file[wrong] ^ 1])), packets)
        yield Case(f"{label}: first member's checksum wrong, a second behind it",
                   overwritten(file, wrong, bytes([file[wrong] ^ 1])) + file, packets + packets)
        yield Case(f"{label}: first member damaged, a second behind it", compress_badly(whole[:half]) + file,
                   packets[: len(packets) // 2] + packets)
        yield Case(f"{label}: first member damaged, the capture goes on in a second",
                   compress_badly(whole[: half + 30]) + compress(whole[half + 30 :]), without(packets, len(packets) // 2))
        yield Case(f"{label}: junk between two members", file + junk(50) + file, packets + packets)
        yield Case(f"{label}: nothing but its magic", file[:5], [])
        yield Case(f"{label}: capture inside damaged", compress(overwritten(whole, half, bytes(64))),
                   without(packets, len(packets) // 2))
    for label, compress, without_end in (("gzip", gzipped, gzipped_without_end), ("zstd", zstd_compressed, zstd_without_end)):
        yield Case(f"{label}: first member's last 100 bytes lost, two behind it",
                   without_end(whole[:half], 100) + compress(whole) * 2, packets[: len(packets) // 2] + packets + packets)
        yield Case(f"{label}: first member's last bytes lost, more than a second behind it has",
                   without_end(whole[:half], len(compress(whole)) + 1) + compress(whole),
                   packets[: len(packets) // 2] + packets)
        yield Case(f"{label}: cut in a block of bytes that are not compressed", without_end(whole[: half + 30], 5000),
                   packets[: len(packets) // 2])
    trailer = 8
    yield Case("gzip: first member's end lost, that of a second is in its place",
               gzipped_without_end(whole[:half], len(gzipped(whole)) - trailer) + gzipped(whole),
               packets[: len(packets) // 2] + packets)
    # Its only block lacks bytes, in whose place the next frame begins.
    yield Case("zstd: 30 bytes lost in the first member, a second behind it", file[:100] + file[130:] + file, packets)


def all_cases(packets):
    assert LINK_TYPE_VSOCK == 271
    for group in (cuts, lost_and_inserted, wild_fields, carried, clocks, cut_packets, pcapng_blocks, compressed):
        yield from group(packets)
