# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of what no package of Debian's speaks: their bytes are put together from the protocols' documents."""

import json
import socket
import struct
from pathlib import Path

STREAM, DGRAM = 1, 3
REQUEST, RESPONSE, RST, SHUTDOWN, RW = 1, 2, 3, 4, 5
MONITOR_OP = {REQUEST: 1, RESPONSE: 1, RST: 2, SHUTDOWN: 2, RW: 4}
HYPERVISOR, HOST = 0, 2
MS = 1000


class Capture:
    """Packets in the order in which they pass."""

    def __init__(self):
        self.now = 1_700_000_000_000_000
        self.records = [struct.pack("<IHHQII", 0xA1B2C3D4, 2, 4, 0, 262144, 271)]

    def packet(self, source, target, op, payload=b"", *, kind=STREAM, flags=0, buffer=262144, consumed=0, after=MS):
        """One packet, so many microseconds after the one before; ends are pairs of CID and port."""
        ends = struct.pack("<QQII", source[0], target[0], source[1], target[1])
        header = struct.pack("<IHHIII", len(payload), kind, op, flags, buffer, consumed)
        record = ends + struct.pack("<HHHH", MONITOR_OP[op], 2, 44, 0) + ends + header + payload
        self.now += after
        self.records.append(struct.pack("<IIII", self.now // 1_000_000, self.now % 1_000_000, len(record), len(record)) + record)

    def datagram(self, source, target, payload, after=MS):
        """One datagram, which has no credit."""
        self.packet(source, target, RW, payload, kind=DGRAM, buffer=0, after=after)

    def write(self, path):
        """The file; how many packets it has."""
        Path(path).write_bytes(b"".join(self.records))
        return len(self.records) - 1


class Connection:
    """A STREAM connection; `with` opens and closes it."""

    def __init__(self, capture, client, server, serverBuffer=262144, clientBuffer=262144):
        self.capture = capture
        self.ends = (client, server)
        self.buffers = (clientBuffer, serverBuffer)
        self.sent = [0, 0]

    def __enter__(self):
        self.packet(0, REQUEST)
        self.packet(1, RESPONSE)
        return self

    def __exit__(self, *_):
        self.packet(0, SHUTDOWN, flags=3)
        self.packet(1, RST)

    def packet(self, side, op, payload=b"", **more):
        """One packet of the client (0) or the server (1)."""
        self.capture.packet(
            self.ends[side], self.ends[1 - side], op, payload, buffer=self.buffers[side], consumed=self.sent[1 - side], **more
        )
        self.sent[side] += len(payload)

    def toServer(self, payload, after=MS):
        self.packet(0, RW, payload, after=after)

    def toClient(self, payload, after=MS):
        self.packet(1, RW, payload, after=after)


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"


def get(path, host):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def tsi():
    """libkrun's Transparent Socket Impersonation, version 3, as the guest's kernel sees it."""
    capture = Capture()
    guest, buffer = 3, 8 << 20
    junk = bytes(range(256)) * 2

    def inet(address, port):
        return struct.pack("<H", socket.AF_INET) + struct.pack(">H", port) + socket.inet_aton(address) + bytes(8)

    def field(address):
        # What stands behind the address was in memory before.
        return struct.pack("<I", len(address)) + address + junk[: 128 - len(address)]

    def ask(control, port, request, result=None, after=MS):
        capture.datagram((guest, control), (HOST, port), request)
        if result is not None:
            capture.datagram((HOST, port), (guest, control), result + junk, after=after)

    def create(control, svm, family, kind):
        ask(control, 1024, struct.pack("<IHH", svm, family, kind))

    number = lambda value: struct.pack("<i", value)  # noqa: E731

    # A stream to a web server.
    create(50000, 2000, socket.AF_INET, 1)
    ask(50000, 1025, struct.pack("<I", 2000) + field(inet("192.0.2.10", 80)), number(0), 12 * MS)
    with Connection(capture, (guest, 2000), (HOST, 620), buffer) as web:
        web.toServer(get("/index.txt", "web.example"))
        web.toClient(PAGE, after=20 * MS)
    ask(50000, 1031, struct.pack("<II", 2000, 620))

    # A UNIX socket of the host that nobody listens at.
    create(50001, 2001, socket.AF_UNIX, 1)
    ask(50001, 1025, struct.pack("<I", 2001) + field(struct.pack("<H", socket.AF_UNIX) + b"/run/db.sock"), number(-111))

    # Datagrams to two servers; the host sends the answers in the guest's name.
    create(50002, 2002, socket.AF_INET, 2)
    for address in ("192.0.2.53", "198.51.100.53"):
        ask(50002, 1027, struct.pack("<I", 2002) + field(inet(address, 53)))
        capture.datagram((guest, 2002), (HOST, 1028), b"\x12\x34\x01\x00\x00\x01 a question")
        capture.datagram((guest, 0), (HOST, 2002), b"\x12\x34\x81\x80\x00\x01 an answer", after=5 * MS)

    # A server in the guest, which somebody connects to.
    create(50003, 2003, socket.AF_INET, 1)
    ask(50003, 1029, struct.pack("<IIi", 2003, 8080, 16) + field(inet("0.0.0.0", 8080)), number(0))
    ask(50003, 1030, struct.pack("<Ii", 2003, 0))
    with Connection(capture, (HOST, 123456), (guest, 8080), clientBuffer=buffer) as visit:
        capture.datagram((HOST, 1030), (guest, 50003), number(0) + junk)
        ask(50003, 1026, struct.pack("<III", 8080, 123456, 1), number(0) + field(inet("203.0.113.7", 40000)))
        visit.toServer(get("/health", "guest.example"))
        visit.toClient(PAGE)

    # The host has slept, and tells what time it is.
    capture.datagram((HOST, 123), (guest, 123), struct.pack("<Q", 1_700_000_000_500_000_000) + junk)
    return capture


def clientHello(name):
    """TLS 1.2's, with a server name."""
    host = name.encode()
    serverName = struct.pack(">HBH", len(host) + 3, 0, len(host)) + host
    extensions = struct.pack(">HH", 0, len(serverName)) + serverName
    body = struct.pack(">H", 0x0303) + bytes(32) + b"\0" + struct.pack(">HHBB", 2, 0xC02F, 1, 0)
    body += struct.pack(">H", len(extensions)) + extensions
    return struct.pack(">BHH", 22, 0x0301, len(body) + 4) + b"\1" + len(body).to_bytes(3, "big") + body


def serverHello():
    body = struct.pack(">H", 0x0303) + bytes(32) + b"\0" + struct.pack(">HBH", 0xC02F, 0, 0)
    return struct.pack(">BHH", 22, 0x0303, len(body) + 4) + b"\2" + len(body).to_bytes(3, "big") + body


def nitro():
    """An AWS Nitro enclave, CID 16, as its parent sees it."""
    capture = Capture()
    parent, enclave = 3, 16
    with Connection(capture, (parent, 40000), (HYPERVISOR, 10000 + enclave)) as console:
        console.toClient(b"[    0.000000] Linux version 4.14.256\r\n")
        console.toClient(b"[    0.612345] nsm: loading driver\r\n", after=600 * MS)
        with Connection(capture, (enclave, 40001), (parent, 9000)) as heartbeat:
            heartbeat.toServer(b"\xb7")
            heartbeat.toClient(b"\xb7")
        with Connection(capture, (enclave, 40002), (parent, 8000)) as proxy:
            proxy.toServer(clientHello("kms.eu-west-1.amazonaws.com"))
            proxy.toClient(serverHello(), after=30 * MS)
        with Connection(capture, (parent, 40003), (enclave, 10000)) as token:
            token.toServer(b"POST / HTTP/1.1\r\nHost: vtok\r\nContent-Length: 2\r\n\r\n{}")
            token.toClient(PAGE)
        for command, text, reply in ((0, b"whoami", b'{"stdout":"root\\n","stderr":"","rc":0}'), (1, b"/etc/hosts", b"127.0.0.1 localhost\n")):
            number = lambda value: struct.pack("<QB", value, 0)  # noqa: E731
            with Connection(capture, (parent, 40004 + command), (enclave, 5005)) as run:
                run.toServer(number(command))
                run.toServer(number(len(text)) + text)
                run.toClient(number(len(reply)) + reply, after=8 * MS)
    return capture


def kata():
    """A sandbox that starts: the agent is connected to before it listens; then its log, its spans, a stream of a container."""
    capture = Capture()
    guest, first = 3, 1 << 30
    for attempt in range(20):
        capture.packet((HOST, first + attempt), (guest, 1024), REQUEST, buffer=65536, after=50 * MS)
        capture.packet((guest, 1024), (HOST, first + attempt), RST, buffer=0)

    def call(stream, method, body):
        request = b"".join(b"%c%c%s" % (number << 3 | 2, len(value), value) for number, value in ((1, b"grpc.AgentService"), (2, method), (3, body)))
        return struct.pack(">IIBB", len(request), stream, 1, 0) + request

    ok = struct.pack(">IIBB", 2, 1, 2, 0) + b"\x0a\x00"
    with Connection(capture, (HOST, first + 20), (guest, 1024), clientBuffer=65536) as agent:
        with Connection(capture, (HOST, first + 21), (guest, 1025), clientBuffer=65536) as log:
            for level, text in (("INFO", "ttRPC server started"), ("WARN", "no hooks")):
                line = {"msg": text, "level": level, "ts": "2023-11-14T22:13:21Z", "subsystem": "rpc"}
                log.toClient(json.dumps(line).encode() + b"\n")
            span = json.dumps({"name": "do_exec_process", "start_time": 1}).encode()
            with Connection(capture, (guest, 50000), (HOST, 10240), serverBuffer=65536) as forwarder:
                forwarder.toServer(struct.pack(">Q", len(span)) + span)
            agent.toServer(call(1, b"ExecProcess", b"\x0a\x02c1\x12\x02e1\x30" + b"\x96\x80\x80\x80\x04"))
            agent.toClient(ok, after=15 * MS)
            with Connection(capture, (HOST, first + 22), (guest, 1027), clientBuffer=65536) as output:
                output.toClient(b"standard output of a process\n")
    return capture


BUILDERS = {function.__name__: function for function in (tsi, nitro, kata)}


def build(name, path):
    """Makes a file; returns what there is to know of it."""
    return {"packets": BUILDERS[name]().write(path)}
