# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine as the host's kernel sees it, played through /dev/vhost-vsock.

`Guest` sends and receives packets as they are: every header field can be anything. `Guest.connect()`,
`listen()` and `GuestSocket` keep to the rules: credit, shutdown, reset. Everything is single-threaded: a call
that waits handles what comes in meanwhile. The host's side of a conversation is an ordinary AF_VSOCK socket of
the same script, in a thread of its own (traffic.together) where it blocks."""

import os
import socket
import struct
import subprocess
import time
from collections import deque
from dataclasses import astuple, dataclass

from .log import Log, digest

HOST_CID = 2
STREAM, SEQPACKET = 1, 2
INVALID, REQUEST, RESPONSE, RST, SHUTDOWN, RW, CREDIT_UPDATE, CREDIT_REQUEST = range(8)
SHUTDOWN_RECEIVE, SHUTDOWN_SEND = 1, 2
EOM, EOR = 1, 2
OP_NAMES = ("INVALID", "REQUEST", "RESPONSE", "RST", "SHUTDOWN", "RW", "CREDIT_UPDATE", "CREDIT_REQUEST")
MAX_PAYLOAD = 65536
DEFAULT_BUFFER = 262144


@dataclass(frozen=True)
class Header:
    """struct virtio_vsock_hdr, linux/virtio_vsock.h."""

    srcCid: int = 0
    dstCid: int = HOST_CID
    srcPort: int = 0
    dstPort: int = 0
    length: int = 0
    type: int = STREAM
    op: int = INVALID
    flags: int = 0
    bufAlloc: int = DEFAULT_BUFFER
    fwdCnt: int = 0

    FORMAT = struct.Struct("<QQIIIHHIII")

    def pack(self):
        return self.FORMAT.pack(*astuple(self))

    @classmethod
    def unpack(cls, data):
        return cls(*cls.FORMAT.unpack(data[: cls.FORMAT.size]))

    def opName(self):
        return OP_NAMES[self.op] if self.op < len(OP_NAMES) else str(self.op)


class Guest:
    """A guest with a CID. It answers nothing by itself; see pump() and handle()."""

    def __init__(self, program=None, cid=42, log=None, receiveSize=3776, receiveBuffers=256, hold=False, seqpacket=True):
        """`program` is the built vhost_guest; by default that below $VSDUMP_BUILD. With `hold` the host gets
        no receive buffers back before post()."""
        program = program or os.path.join(os.environ["VSDUMP_BUILD"], "tests/vm/guest/vhost_guest")
        self.cid = cid
        self.log = log or Log()
        self.unclaimed = deque()  # packets that no GuestSocket has taken
        self.sockets = {}
        self.listeners = {}
        self._command = [program, "--cid", cid, "--receive-size", receiveSize, "--receive-buffers", receiveBuffers]
        self._command += ["--hold"] * hold + ["--no-seqpacket"] * (not seqpacket)

    def __enter__(self):
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([str(word) for word in self._command], stdin=theirs)
        self._link.settimeout(30)
        if self._link.recv(1) != b"r":
            raise RuntimeError("vhost_guest did not start")
        return self

    def __exit__(self, *_):
        """Takes the device away, as a virtual machine that is switched off."""
        self._link.close()
        self._process.wait(30)

    def post(self, count):
        """Gives the host that many receive buffers more."""
        self._link.send(b"b" + struct.pack("<H", count))

    def sendRaw(self, data):
        """Hands bytes over to the host as one buffer, whatever they are."""
        self._link.settimeout(30)
        self._link.send(b"p" + data)

    def send(self, payload=b"", **fields):
        """Sends a packet. Fields are Header's; srcCid and length are right unless they are given."""
        header = Header(**{"srcCid": self.cid, "length": len(payload), **fields})
        self.log("guestSend", op=header.opName(), header=astuple(header), bytes=len(payload), digest=digest(payload))
        self.sendRaw(header.pack() + payload)
        return header

    def receive(self, timeout=10):
        """The next packet from the host as (Header, payload); None when none comes."""
        self._link.settimeout(max(timeout, 0.001))
        try:
            data = self._link.recv(1 << 18)
        except TimeoutError:
            return None
        if not data:
            raise RuntimeError("vhost_guest has ended")
        header, payload = Header.unpack(data[1:]), data[1 + Header.FORMAT.size :]
        self.log("guestReceive", op=header.opName(), header=astuple(header), bytes=len(payload), digest=digest(payload))
        return header, payload

    def listen(self, port, bufferSize=DEFAULT_BUFFER):
        """Lets pump() answer requests to a port; their sockets come out of accept()."""
        self.listeners[port] = (bufferSize, deque())

    def accept(self, port, timeout=10):
        """The next connection from the host to a port."""
        queue = self.listeners[port][1]
        self.pump(lambda: queue, timeout)
        return queue.popleft()

    def connect(self, port, localPort=1024, type=STREAM, bufferSize=DEFAULT_BUFFER, timeout=10):
        """A connection to the host; ConnectionResetError when it refuses."""
        opened = GuestSocket(self, localPort, port, type, bufferSize)
        opened.transmit(REQUEST)
        self.pump(lambda: opened.established or opened.isReset, timeout)
        if opened.isReset:
            raise ConnectionResetError(f"the host refuses {localPort} > {port}")
        return opened

    def pump(self, until, timeout=10):
        """Handles packets until something is true; TimeoutError when it does not come true in time."""
        end = time.monotonic() + timeout
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("what the script waits for did not come")
            if got := self.receive(left):
                self._dispatch(*got)

    def handle(self, seconds):
        """Handles what comes in for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if got := self.receive(left):
                self._dispatch(*got)

    def _dispatch(self, header, payload):
        """Gives a packet to its socket; a request to a listener makes one."""
        key = (header.dstPort, header.srcPort)
        if key in self.sockets:
            self.sockets[key].take(header, payload)
        elif header.op == REQUEST and header.dstPort in self.listeners:
            bufferSize, queue = self.listeners[header.dstPort]
            opened = GuestSocket(self, header.dstPort, header.srcPort, header.type, bufferSize)
            opened.established = True
            opened.hear(header)
            opened.transmit(RESPONSE)
            queue.append(opened)
        else:
            self.unclaimed.append((header, payload))


class GuestSocket:
    """A well-behaved connection of a guest."""

    def __init__(self, guest, port, peerPort, type, bufferSize):
        self.guest, self.port, self.peerPort, self.type, self.bufferSize = guest, port, peerPort, type, bufferSize
        self.established = False
        self.isReset = False
        self.peerShutdown = 0
        self.incoming = deque()  # (payload, flags) not read yet
        self.fwdCnt = self.sentCount = self.peerBufAlloc = self.peerFwdCnt = 0
        self.lastTold = 0
        guest.sockets[port, peerPort] = self

    def transmit(self, op, payload=b"", **fields):
        """A packet of this connection, with its credit."""
        common = {"srcPort": self.port, "dstPort": self.peerPort, "type": self.type, "bufAlloc": self.bufferSize, "fwdCnt": self.fwdCnt}
        self.lastTold = self.fwdCnt
        self.guest.send(payload, op=op, **{**common, **fields})

    def hear(self, header):
        """Takes the peer's credit from a header."""
        self.peerBufAlloc, self.peerFwdCnt = header.bufAlloc, header.fwdCnt

    def take(self, header, payload):
        """One packet for this connection."""
        if header.op != RST:
            self.hear(header)
        if header.op == RESPONSE:
            self.established = True
        elif header.op == RST:
            self.isReset = True
            self.guest.sockets.pop((self.port, self.peerPort), None)
        elif header.op == SHUTDOWN:
            self.peerShutdown |= header.flags
        elif header.op == RW:
            self.incoming.append((payload, header.flags))
        elif header.op == CREDIT_REQUEST:
            self.transmit(CREDIT_UPDATE)

    def credit(self):
        """How many bytes the peer takes now."""
        return self.peerBufAlloc - ((self.sentCount - self.peerFwdCnt) & 0xFFFFFFFF)

    def send(self, data, flags=0, piece=MAX_PAYLOAD, timeout=30):
        """Sends all of it as the peer's credit allows; `flags` go on the last packet."""
        while data and not self.isReset:
            self.guest.pump(lambda: self.credit() > 0 or self.isReset, timeout)
            part, data = data[: min(piece, self.credit())], data[min(piece, self.credit()) :]
            self.sentCount += len(part)
            self.transmit(RW, part, flags=0 if data else flags)

    def receive(self, size=None, timeout=30):
        """At least one byte and at most `size`; empty at the end. Tells the host of the freed space."""
        self.guest.pump(lambda: self.incoming or self.isReset or self.peerShutdown & SHUTDOWN_SEND, timeout)
        if not self.incoming:
            return b""
        payload, flags = self.incoming.popleft()
        if size is not None and len(payload) > size:
            self.incoming.appendleft((payload[size:], flags))
            payload = payload[:size]
        self.fwdCnt = (self.fwdCnt + len(payload)) & 0xFFFFFFFF
        if (self.fwdCnt - self.lastTold) & 0xFFFFFFFF > self.bufferSize // 4:
            self.transmit(CREDIT_UPDATE)
        return payload

    def receiveAll(self, timeout=30):
        """Everything until the host stops sending."""
        data = b""
        while piece := self.receive(timeout=timeout):
            data += piece
        return data

    def shutdown(self, flags=SHUTDOWN_RECEIVE | SHUTDOWN_SEND):
        self.transmit(SHUTDOWN, flags=flags)

    def reset(self):
        self.transmit(RST)
        self.guest.sockets.pop((self.port, self.peerPort), None)

    def close(self, timeout=10):
        """Ends the connection as Linux does: SHUTDOWN, or RST where the host has said SHUTDOWN already."""
        if self.isReset:
            return
        if self.peerShutdown == SHUTDOWN_RECEIVE | SHUTDOWN_SEND:
            self.reset()
            return
        self.shutdown()
        self.guest.pump(lambda: self.isReset, timeout)

