# SPDX-License-Identifier: GPL-2.0-or-later
"""The samples: each with the traffic that it records and what it shows. README.md is made from this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """A capture file.

    `commands` run in bash inside a test machine with that kernel, where `await PORT...` waits until somebody
    listens. `shows` is one or more whole sentences for a reader who has only the file."""

    name: str
    shows: str
    commands: str
    kernel: str = "6.1"
    modules: tuple = ("vsock_loopback",)
    capture: str = "tcpdump -i vsockmon0 -w {file}"
    suffix: str = "pcap"

    @property
    def file(self):
        return f"{self.name}.{self.suffix}"

    def captureCommand(self, path=None):
        """The words of the program that captures, without what the machine's recorder adds."""
        return self.capture.format(file=path or self.file)


SAMPLES = (
    Sample(
        "python-hello",
        "Two Python sockets on one kernel: a connection, one line each way, and a graceful close. The server's kernel"
        " answers SHUTDOWN with RST at once; the second RST comes from the server's own close() and is normal too.",
        """
        tests/vm/lab/traffic.py hello port=1234
        """,
    ),
    Sample(
        "refused",
        "Nobody listens at the port: a REQUEST is answered by a RST without credit, and connect() says"
        " ECONNRESET.",
        """
        ncat --vsock 1 4321 </dev/null || true
        """,
    ),
    Sample(
        "ncat",
        "ncat at both ends, one line each way.",
        """
        echo 'from the server' | ncat --vsock -l 5000 &
        await 5000
        echo 'from the client' | ncat --vsock 1 5000
        """,
    ),
    Sample(
        "socat",
        "socat with a program behind each connection: two clients, one after the other, are answered in capitals.",
        """
        socat VSOCK-LISTEN:5000,fork EXEC:'tr a-z A-Z' &
        await 5000
        echo 'the first client' | socat -t 5 - VSOCK-CONNECT:1:5000
        echo 'the second client' | socat -t 5 - VSOCK-CONNECT:1:5000
        """,
    ),
)
