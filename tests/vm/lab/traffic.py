#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""AF_VSOCK traffic of every kind, both ends on one kernel.

As a program: `traffic.py NAME [key=value ...]` does one of the scenarios and prints what it did as JSON lines;
without a name it lists them. As a module: call a scenario with a Log."""

import inspect
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

if __package__:
    from .log import Log, digest, pattern
else:
    from log import Log, digest, pattern

LOCAL, HOST, ANY = 1, 2, socket.VMADDR_CID_ANY
BUFFER_SIZE, BUFFER_MIN, BUFFER_MAX = 0, 1, 2  # SO_VM_SOCKETS_BUFFER_*, linux/vm_sockets.h
SCENARIOS = {}


def scenario(function):
    """Makes a function a scenario of the command line."""
    SCENARIOS[function.__name__] = function
    return function


class End:
    """One end of a connection that logs what it does."""

    def __init__(self, log, side, sock):
        self.log, self.side, self.sock = log, side, sock

    def note(self, event, **fields):
        self.log(event, side=self.side, local=list(self.sock.getsockname()), **fields)

    def send(self, data, flags=0):
        """Sends all of it; returns how many bytes went."""
        sent = 0
        while sent < len(data):
            sent += self.sock.send(data[sent:], flags)
        self.note("send", bytes=len(data), digest=digest(data), eor=bool(flags & socket.MSG_EOR))
        return sent

    def fill(self, piece=65536):
        """Sends until the peer's buffer is full; returns how many bytes went."""
        self.sock.setblocking(False)
        total = 0
        try:
            while True:
                total += self.sock.send(pattern(piece))
        except BlockingIOError:
            self.note("stalled", bytes=total)
        self.sock.setblocking(True)
        return total

    def receive(self, size):
        """Exactly that many bytes, or what comes before the end."""
        data = b""
        while len(data) < size and (piece := self.sock.recv(size - len(data))):
            data += piece
        self.note("receive", bytes=len(data), digest=digest(data))
        return data

    def message(self, limit=1 << 20):
        """One SEQPACKET message."""
        data, _, flags, _ = self.sock.recvmsg(limit)
        self.note("receive", bytes=len(data), digest=digest(data), eor=bool(flags & socket.MSG_EOR))
        return data

    def toTheEnd(self):
        """Everything until the peer stops sending."""
        data = b""
        while piece := self.sock.recv(65536):
            data += piece
        self.note("receive", bytes=len(data), digest=digest(data), end=True)
        return data

    def shutdown(self, how):
        self.note("shutdown", how=how)
        self.sock.shutdown(how)

    def close(self):
        self.note("close")
        self.sock.close()


def listener(port, kind=socket.SOCK_STREAM, backlog=16, bufferSize=None):
    """A listening socket."""
    sock = socket.socket(socket.AF_VSOCK, kind)
    if bufferSize is not None:
        for option in (BUFFER_MIN, BUFFER_MAX, BUFFER_SIZE):
            sock.setsockopt(socket.AF_VSOCK, option, bufferSize)
    sock.bind((ANY, port))
    sock.listen(backlog)
    return sock


@contextmanager
def connection(log, cid, port, kind=socket.SOCK_STREAM, bufferSize=None):
    """A client's and a server's End of a new connection; closed after the block, the client's end first."""
    with listener(port, kind, bufferSize=bufferSize) as listening:
        client = socket.socket(socket.AF_VSOCK, kind)
        client.settimeout(60)
        client.connect((cid, port))
        accepted, _ = listening.accept()
        accepted.settimeout(60)
        ends = End(log, "client", client), End(log, "server", accepted)
        ends[0].note("connect", peer=[cid, port])
        try:
            yield ends
        finally:
            for end in ends:
                if end.sock.fileno() >= 0:
                    end.close()


def together(*functions):
    """Runs functions at the same time and returns what they return."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(function) for function in functions]]


@scenario
def hello(log, cid=LOCAL, port=5000):
    """A greeting and an answer."""
    with connection(log, cid, port) as (client, server):
        client.send(b"Hello, vsock!\n")
        server.receive(14)
        server.send(b"Hello yourself.\n")
        client.receive(16)
        client.close()
        server.toTheEnd()


@scenario
def messages(log, cid=LOCAL, port=5001, sizes="1,100,65536,70000,200000"):
    """SEQPACKET messages, the last of them with MSG_EOR; one above 64 KiB takes several packets."""
    lengths = [int(size) for size in str(sizes).split(",")]
    with connection(log, cid, port, socket.SOCK_SEQPACKET) as (client, server):
        for number, length in enumerate(lengths):
            last = number == len(lengths) - 1
            client.sock.sendmsg([pattern(length, number)], [], socket.MSG_EOR if last else 0)
            client.note("send", bytes=length, digest=digest(pattern(length, number)), eor=last)
            server.message()


@scenario
def refused(log, cid=LOCAL, port=5002):
    """Nobody listens."""
    refusal(log, cid, port, socket.SOCK_STREAM)


@scenario
def wrongType(log, cid=LOCAL, port=5003):
    """A SEQPACKET client knocks at a STREAM listener."""
    with listener(port):
        refusal(log, cid, port, socket.SOCK_SEQPACKET)


def refusal(log, cid, port, kind):
    """A connect() that must fail."""
    with socket.socket(socket.AF_VSOCK, kind) as client:
        client.settimeout(60)
        try:
            client.connect((cid, port))
        except OSError as error:
            log("refused", side="client", peer=[cid, port], errno=error.errno)
            return
    raise RuntimeError(f"somebody answers at {cid}:{port}")


@scenario
def backlogFull(log, cid=LOCAL, port=5004):
    """More clients than a listener's queue holds, which nobody accepts."""
    with listener(port, backlog=1):
        clients = [socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) for _ in range(4)]
        for client in clients:
            client.settimeout(60)
            try:
                client.connect((cid, port))
                log("connect", side="client", local=list(client.getsockname()), peer=[cid, port])
            except OSError as error:
                log("refused", side="client", peer=[cid, port], errno=error.errno)
        for client in clients:
            client.close()


@scenario
def stall(log, cid=LOCAL, port=5005):
    """A sender fills the peer's buffer and waits; reading a quarter frees it only in truth, reading all frees it in words too."""
    with connection(log, cid, port) as (client, server):
        filled = client.fill()
        server.receive(filled // 4)
        client.fill()  # Linux has said nothing of the freed quarter yet
        server.receive(filled - filled // 4)
        again = client.fill()
        client.shutdown(socket.SHUT_WR)
        server.receive(again)
        server.toTheEnd()


@scenario
def slowReader(log, cid=LOCAL, port=5012, bufferSize=81920, little=8192, wait=1, more=1000):
    """A sender that fills the buffer of a sleeping reader and waits with more in hand. The reader takes a little, of
    which Linux does not tell, and later the rest."""
    with connection(log, cid, port, bufferSize=bufferSize) as (client, server):
        filled = client.fill(16384)

        def push():
            client.send(pattern(more))
            client.shutdown(socket.SHUT_WR)

        def read():
            for size in (little, filled - little):
                time.sleep(wait)
                server.receive(size)
            server.toTheEnd()

        together(push, read)


@scenario
def stalls(log, cid=LOCAL, port=5013, bufferSize=65536, rounds="6,1", wait=0.5):
    """First the client, then the server fills the other's buffer and waits for it to be read, again and again."""
    data, filled = pattern(bufferSize), threading.Semaphore(0)
    with connection(log, cid, port, bufferSize=bufferSize) as (client, server):
        for option in (BUFFER_MIN, BUFFER_MAX, BUFFER_SIZE):
            client.sock.setsockopt(socket.AF_VSOCK, option, bufferSize)

        def push(end, count):
            for number in range(count):
                end.note("fill", bytes=bufferSize)
                end.send(data)  # waits from the second on
                if number:
                    end.note("resumed")
                filled.release()
            end.send(b"last")
            end.note("resumed")

        def read(end, count):
            for _ in range(count):
                filled.acquire()
                time.sleep(wait)
                end.note("read")
                end.receive(bufferSize)
            end.receive(4)

        for (sender, reader), count in zip(((client, server), (server, client)), map(int, str(rounds).split(","))):
            together(lambda s=sender, c=count: push(s, c), lambda r=reader, c=count: read(r, c))


@scenario
def burst(log, cid=LOCAL, port=5006, count=10000, size=64):
    """Many small packets as fast as they go."""
    with connection(log, cid, port) as (client, server):

        def push():
            data = pattern(size)
            for _ in range(count):
                client.sock.sendall(data)
            client.note("send", bytes=count * size, packets=count)
            client.shutdown(socket.SHUT_WR)

        together(push, server.toTheEnd)


@scenario
def flood(log, cid=LOCAL, port=5012, size=64, seconds=60):
    """Packets as fast as they go for a while or until SIGTERM; nothing of it is kept."""
    isOver = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: isOver.set())
    with connection(log, cid, port) as (client, server):

        def push():
            data, end = pattern(size), time.monotonic() + seconds
            while time.monotonic() < end and not isOver.is_set():
                client.sock.sendall(data)
            client.shutdown(socket.SHUT_WR)

        def drain():
            while server.sock.recv(1 << 18):
                pass

        together(push, drain)


@scenario
def transfer(log, cid=LOCAL, port=5007, size=1000000):
    """A stream in large pieces one way and its digest back."""
    with connection(log, cid, port) as (client, server):

        def upload():
            client.send(pattern(size))
            client.shutdown(socket.SHUT_WR)
            return client.toTheEnd()

        def answer():
            server.send(digest(server.toTheEnd()).encode())
            server.close()

        answered, _ = together(upload, answer)
        if answered.decode() != digest(pattern(size)):
            raise RuntimeError("other bytes arrived than were sent")


@scenario
def halfClose(log, cid=LOCAL, port=5008):
    """The client stops sending, the server answers after that and closes."""
    with connection(log, cid, port) as (client, server):
        client.send(b"the question\n")
        client.shutdown(socket.SHUT_WR)
        server.toTheEnd()
        server.send(b"the answer comes later\n")
        server.close()
        client.toTheEnd()


@scenario
def unread(log, cid=LOCAL, port=5009, wait=9):
    """The client closes while the server has not read: no answer to SHUTDOWN, and a RST from the client's kernel after 8 s."""
    with connection(log, cid, port) as (client, server):
        client.send(pattern(1000))
        client.close()
        time.sleep(wait)


@scenario
def bufferSizes(log, cid=LOCAL, port=5010):
    """A receiver with a small buffer that it makes larger, and a sender that waits for it."""
    with connection(log, cid, port, bufferSize=4096) as (client, server):
        client.fill(1024)
        for option in (BUFFER_MAX, BUFFER_SIZE):
            server.sock.setsockopt(socket.AF_VSOCK, option, 16384)
        client.fill(1024)
        client.shutdown(socket.SHUT_WR)
        server.toTheEnd()


@scenario
def many(log, cid=LOCAL, port=5011, connections=50):
    """Connections one after the other, each with a question and an answer."""
    for number in range(connections):
        with connection(log, cid, port) as (client, server):
            client.send(b"number %d" % number)
            server.receive(len(b"number %d" % number))
            server.send(b"ok")
            client.receive(2)


def main(arguments, scenarios):
    """A program that does one of the scenarios."""
    if not arguments or arguments[0] not in scenarios:
        for name, function in scenarios.items():
            keys = [f"{p.name}={p.default}" for p in list(inspect.signature(function).parameters.values())[1:]]
            print(f"{name:12} {function.__doc__}\n{'':12} {' '.join(keys)}")
        return 2 if arguments else 0
    values = dict(argument.split("=", 1) for argument in arguments[1:])
    scenarios[arguments[0]](Log(sys.stdout), **{k: int(v) if v.isdigit() else v for k, v in values.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], SCENARIOS))
