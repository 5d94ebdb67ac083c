#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic between the host's kernel and a virtual machine that is played; vhost_vsock must be loaded.

As a program: `guests.py NAME [key=value ...]`, as traffic.py."""

import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lab.guest import EOM, EOR, HOST_CID, INVALID, REQUEST, RST, RW, SEQPACKET, SHUTDOWN, CREDIT_REQUEST, CREDIT_UPDATE, RESPONSE, Guest
from lab.log import pattern
from lab.traffic import End, listener, main, together

SCENARIOS = {}
DGRAM = 3


def scenario(function):
    """Makes a function a scenario of the command line."""
    SCENARIOS[function.__name__] = function
    return function


def connected(log, guest, port, kind=socket.SOCK_STREAM):
    """The host's End of a new connection to the guest, and the guest's."""
    client = socket.socket(socket.AF_VSOCK, kind)
    client.settimeout(60)
    accepted, _ = together(lambda: guest.accept(port, 30), lambda: client.connect((guest.cid, port)))
    return End(log, "host", client), accepted


@scenario
def hello(log, port=1234):
    """A greeting from the host to a service of the guest, and one from the guest to a service of the host."""
    with Guest(log=log) as guest, listener(port) as listening:
        guest.listen(port)
        host, service = connected(log, guest, port)
        host.send(b"hello, guest\n")
        service.receive()
        service.send(b"hello, host\n")
        host.receive(12)
        together(host.close, lambda: guest.pump(lambda: service.peerShutdown, 10))
        service.close()

        client = guest.connect(port, localPort=5000)
        served, _ = listening.accept()
        client.send(b"is the host there?\n")
        End(log, "host", served).receive(19)
        client.transmit(CREDIT_REQUEST)
        served.sendall(b"yes\n")
        client.receive()
        client.close()
        served.close()
        guest.handle(0.2)


@scenario
def split(log, port=1234, size=10000, message=8000):
    """A piece and a message from the host that are larger than the guest's receive buffers."""
    with Guest(log=log) as guest:
        guest.listen(port)
        for kind, length, flags in ((socket.SOCK_STREAM, size, 0), (socket.SOCK_SEQPACKET, message, socket.MSG_EOR)):
            host, service = connected(log, guest, port, kind)
            host.send(pattern(length), flags)
            received = b""
            while len(received) < length:
                received += service.receive()
            if received != pattern(length):
                raise RuntimeError("other bytes arrived than were sent")
            host.close()
            guest.pump(lambda end=service: end.peerShutdown, 10)
            service.close()
            guest.handle(0.2)


@scenario
def sibling(log, port=1234):
    """The guest knocks at another virtual machine, which Linux ignores without a word, then at the host."""
    with Guest(log=log) as guest:
        for attempt in range(2):
            guest.send(op=REQUEST, dstCid=43, srcPort=6000 + attempt, dstPort=port)
            guest.handle(2)
        guest.send(op=REQUEST, srcPort=6002, dstPort=port)
        guest.handle(0.5)


@scenario
def switchedOff(log, port=1234):
    """A virtual machine goes away in the middle of a connection, of which no packet tells, and comes back."""
    with listener(port) as listening:
        for life in range(2):
            with Guest(log=log) as guest:
                client = guest.connect(port, localPort=7000)
                served, _ = listening.accept()
                client.send(b"life %d\n" % life)
                End(log, "host", served).receive(7)
                if life:
                    client.close()
            served.close()
            time.sleep(0.5)


@scenario
def overrun(log, port=1234, bufferSize=4096):
    """A guest that does not keep to the credit that it was given."""
    with listener(port, bufferSize=bufferSize) as listening, Guest(log=log) as guest:
        client = guest.connect(port, localPort=8000)
        served, _ = listening.accept()
        client.transmit(RW, pattern(bufferSize))
        client.transmit(RW, pattern(100))
        guest.handle(0.5)
        served.close()


# What a guest can send in breach of the rules: the payload and Header's fields.
HOSTILE = (
    (b"", {"op": INVALID}),
    (b"", {"op": 9}),
    (b"", {"op": 0xFFFF}),
    (b"datagram", {"op": RW, "type": DGRAM}),
    (b"", {"op": REQUEST, "type": 0}),
    (b"", {"op": REQUEST, "type": 0xFFFF}),
    (b"for nobody", {"op": RW}),
    (b"", {"op": RW}),
    (b"", {"op": RESPONSE}),
    (b"", {"op": SHUTDOWN, "flags": 0}),
    (b"", {"op": SHUTDOWN, "flags": 0xFFFFFFFF}),
    (b"", {"op": RST}),
    (b"", {"op": CREDIT_UPDATE, "bufAlloc": 0}),
    (b"", {"op": CREDIT_REQUEST, "bufAlloc": 0xFFFFFFFF, "fwdCnt": 0xFFFFFFFF}),
    (b"stowaway", {"op": REQUEST}),
    (b"stowaway", {"op": RST}),
    (b"\x1b[31mred\x07\x00", {"op": RW}),
    (b"message", {"op": RW, "type": SEQPACKET, "flags": EOM | EOR | 0xF0}),
    (b"", {"op": REQUEST, "srcPort": 0xFFFFFFFF}),
    (b"", {"op": REQUEST, "dstPort": 0}),
    (b"", {"op": REQUEST, "srcCid": 3}),
    (b"", {"op": REQUEST, "srcCid": HOST_CID}),
    (b"", {"op": REQUEST, "srcCid": 42 | 1 << 32}),
    (b"", {"op": REQUEST, "dstCid": 0xFFFFFFFFFFFFFFFF}),
)


@scenario
def hostile(log, port=1234):
    """Packets that no driver sends: unknown ops and types, others' addresses, payload where none belongs."""
    with Guest(log=log) as guest:
        for number, (payload, fields) in enumerate(HOSTILE):
            guest.send(payload, **{"srcPort": 9000 + number, "dstPort": port, **fields})
            guest.handle(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], SCENARIOS))
