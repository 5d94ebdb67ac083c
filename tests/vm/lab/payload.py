#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients and servers of payload protocols: payload.py NAME [key=value ...].

A client prints a JSON line for each call: its method, what became of it, how long it took by its own clock."""

import json
import socket
import sys
import time
from concurrent import futures

LOCAL = 1
PROGRAMS = {}


def program(function):
    """Makes a function a program of the command line."""
    PROGRAMS[function.__name__] = function
    return function


def timed(method, call):
    """Makes a call, which returns what became of it, and prints that."""
    begin = time.monotonic_ns()
    code = call()
    print(json.dumps({"method": method, "code": code, "latency_ns": time.monotonic_ns() - begin}), flush=True)


@program
def grpcServer(path):
    """gRPC on a UNIX socket; bodies are bytes, so no definitions are needed. Some names are those of Kata 1.x."""
    import grpc

    def pay(request, context):
        time.sleep(1)
        if request == b"\x08\x07":
            context.abort(grpc.StatusCode.NOT_FOUND, "no account 7")
        return b"\x08\x01"

    def watch(request, context):
        for number in range(3):
            time.sleep(0.01)
            yield bytes([8, number])

    def handlers(**methods):
        return {name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()}

    till = {**handlers(Pay=pay), "Watch": grpc.unary_stream_rpc_method_handler(watch)}
    agent = handlers(ExecProcess=lambda request, context: b"")
    server = grpc.server(futures.ThreadPoolExecutor(2))
    for service, methods in {"shop.Till": till, "grpc.AgentService": agent}.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    server.add_insecure_port(f"unix:{path}")
    server.start()
    server.wait_for_termination()


@program
def grpcClient(path):
    """The calls that grpcServer answers, and one that it does not know."""
    import grpc

    def unary(method, request):
        def call():
            try:
                channel.unary_unary(method)(request, timeout=60, metadata=(("authorization", "Bearer hunter2"),))
                return "OK"
            except grpc.RpcError as error:
                return error.code().name

        timed(method, call)

    def stream(method, request):
        timed(method, lambda: "OK" if len(list(channel.unary_stream(method)(request, timeout=60))) == 3 else "SHORT")

    with grpc.insecure_channel(f"unix:{path}") as channel:
        grpc.channel_ready_future(channel).result(timeout=60)
        for _ in range(3):
            unary("/shop.Till/Pay", b"\x08\x01")
        unary("/shop.Till/Pay", b"\x08\x07")
        stream("/shop.Till/Watch", b"\x08\x01")
        unary("/grpc.AgentService/ExecProcess", b"\x0a\x02c1\x12\x02e1")
        unary("/shop.Till/Refund", b"")


@program
def httpServer(port, seconds="1"):
    """HTTP/1.1 on TCP that takes its time over each page."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            time.sleep(float(seconds))
            page = f"This is {self.path}.\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    ThreadingHTTPServer(("127.0.0.1", int(port)), Pages).serve_forever()


@program
def agentClient(port):
    """Commands for QEMU's guest agent, one after the other."""
    commands = (
        {"execute": "guest-sync", "arguments": {"id": 4711}},
        {"execute": "guest-ping"},
        {"execute": "guest-get-time"},
        {"execute": "guest-file-open", "arguments": {"path": "/does/not/exist"}},
        {"execute": "guest-get-host-name"},
    )
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as agent:
        agent.connect((LOCAL, int(port)))
        replies = agent.makefile("r")

        def ask(command):
            agent.sendall(json.dumps(command).encode() + b"\n")
            return "error" if "error" in json.loads(replies.readline()) else "ok"

        for command in commands:
            timed(command["execute"], lambda: ask(command))


@program
def hybridClient(path, port):
    """Asks Firecracker's UNIX socket for a port of the guest, and then asks what is there for a page."""
    with socket.socket(socket.AF_UNIX) as firecracker:
        firecracker.connect(path)

        def ask(request, begin, end):
            firecracker.sendall(request)
            answer = b""
            while not answer.endswith(end):
                piece = firecracker.recv(4096)
                if not piece:
                    return "error"
                answer += piece
            return "ok" if answer.startswith(begin) else "error"

        timed("CONNECT", lambda: ask(f"CONNECT {port}\n".encode(), b"OK ", b"\n"))
        timed("GET", lambda: ask(b"GET /page HTTP/1.1\r\nHost: guest\r\n\r\n", b"HTTP/1.1 200 ", b"This is /page.\n"))


@program
def notify(port):
    """What systemd tells a hypervisor while it boots: a connection a message, from a port below 1024."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_SEQPACKET) as listener:
        listener.bind((socket.VMADDR_CID_ANY, int(port)))
        listener.listen()
        for number, text in enumerate(("X_SYSTEMD_UNIT_ACTIVE=basic.target", "READY=1\nSTATUS=Startup finished in 1.2s.")):
            with socket.socket(socket.AF_VSOCK, socket.SOCK_SEQPACKET) as sender:
                sender.bind((socket.VMADDR_CID_ANY, 1023 - number))
                sender.connect((LOCAL, int(port)))
                receiver, _ = listener.accept()
                with receiver:
                    sender.sendall(text.encode())
                    sender.shutdown(socket.SHUT_WR)
                    assert receiver.recv(4096) == text.encode()
                    assert receiver.recv(4096) == b""
                assert sender.recv(1) == b""


def main():
    """The program."""
    name, *words = sys.argv[1:] or [""]
    if name not in PROGRAMS:
        sys.exit(f"usage: payload.py {'|'.join(PROGRAMS)} [key=value ...]")
    PROGRAMS[name](**dict(word.split("=", 1) for word in words))


if __name__ == "__main__":
    main()
