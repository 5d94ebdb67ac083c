# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump messages while real programs talk: the traffic of the samples, live over loopback."""

import functools
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import unittest
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import dedent

from harness import ttrpcpair
from lab.tap import load
from lab.vsdump import Vsdump, eventually, run

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "samples"))
from making.record import PREAMBLE  # noqa: E402
from making.table import SAMPLES  # noqa: E402


def setUpModule():
    load("vsock_loopback", "vsock_diag")
    os.environ["TTRPC_PAIR"] = str(ttrpcpair.build())


def logged():
    """What the client of a sample says of its calls."""
    return [json.loads(line) for line in Path("/tmp/calls").read_text().splitlines()]


def paired(messages, calls):
    """Each call with its message: the first of a method with the first of that name, and so on."""
    left = list(messages)
    for call in calls:
        method = call["method"].rpartition("/")[2]
        message = next(message for message in left if message["call"] == method)
        left.remove(message)
        yield call, message


def gist(lines):
    """What does not change from one run to another; connections at once may come in any order."""
    messages = [json.loads(line) for line in lines]
    return sorted((m["protocol"], m["call"], m["direction"], m["outcome"]) for m in messages)


class Delayed(AssertionError):
    """A client waited for much longer than for the wire: the machine had other things to do."""


def measures(test):
    """Tries a test anew where the client was delayed: then its figures say little about those of the wire."""

    @functools.wraps(test)
    def tries(self):
        for _ in range(3):
            with suppress(Delayed):
                return test(self)
        return test(self)

    return tries


def removeFilesOf(commands):
    """Removes what the commands of a sample have left in /tmp: tried once more they need its places."""
    for path in {Path(word) for word in re.findall(r"/tmp/[\w.]+", commands)}:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def lateRelay(listens, port):
    """A change of a sample's commands: a server's relay takes its time. Else the client's relay takes more of it than the wire."""
    return f"{listens} TCP:127.0.0.1:{port}", rf"{listens} SYSTEM:'sleep 1; exec socat - TCP\:127.0.0.1\:{port}'"


LONGEST = 300  # seconds that the commands of a sample may take, in an emulated machine beside other work


@contextmanager
def done(commands):
    """Runs commands of bash, and ends at last what they have left behind: tried once more they need its ports."""
    with subprocess.Popen(["bash", "-c", commands], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True) as shell:
        try:
            if shell.wait(LONGEST) != 0:
                raise subprocess.CalledProcessError(shell.returncode, commands)
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


def traced(sent, received):
    """Nanoseconds from where strace has seen a program begin to write what begins so until it had read what begins so."""
    begin = None
    for line in Path("/tmp/trace").read_text().splitlines():
        call = re.match(r'(?:\d+ +)?([\d.]+) (write|sendto|read|recvfrom)\(\d+, "((?:[^"\\]|\\.)*)".* = \d+ <([\d.]+)>', line)
        if not call:
            continue
        time, took = float(call[1]), float(call[4])
        if begin is None and call[2] in ("write", "sendto") and call[3].startswith(sent):
            begin = time
        elif begin is not None and call[2] in ("read", "recvfrom") and call[3].startswith(received):
            return (time + took - begin) * 1e9
    raise AssertionError(f"strace has seen no {sent} with {received}")


# What traced() needs, before a program's name.
STRACE = "strace -f --seccomp-bpf -ttt -T -e trace=write,sendto,read,recvfrom -o /tmp/trace"


class Messages(unittest.TestCase):
    def tellsTheSameAs(self, name, changes=()):
        """Live, the programs of a sample are told to say what the sample has; changes are pairs of words of its commands."""
        sample = next(sample for sample in SAMPLES if sample.name == name)
        # Tried once more, relays need the ports of connections that have just ended.
        commands = re.sub(r"TCP-LISTEN:\d+", r"\g<0>,reuseaddr", sample.commands)
        for old, new in changes:
            self.assertIn(old, commands)
            commands = commands.replace(old, new)
        removeFilesOf(commands)
        expected = gist(run("vsdump", "messages", "--json", "-r", ROOT / "samples" / sample.file).splitlines())
        with Vsdump("messages", "--json", *sample.keeps.split()) as command, done(PREAMBLE + dedent(commands)):
            eventually(lambda: len(command.lines) >= len(expected))
            command.end()
        self.assertEqual(command.status, 0)
        self.assertEqual(gist(command.lines), expected)
        return [json.loads(line) for line in command.lines]

    def agree(self, messages, calls):
        """Methods, outcomes and errors are those of the client's log, and no latency is above the client's own."""
        self.assertEqual(len(messages), len(calls))
        for call, message in paired(messages, calls):
            code = re.sub("(?<=[a-z])(?=[A-Z])", "_", call["code"]).upper()
            self.assertEqual((message["error"] or "OK").partition(":")[0], code, call)
            # Where a client has stopped waiting, the reply may come after that.
            if code != "DEADLINE_EXCEEDED":
                self.assertLessEqual(message["latency_ns"], call["latency_ns"], call)

    def agreeInLatency(self, messages, calls, method):
        """Those of one method, too."""
        pairs = [pair for pair in paired(messages, calls) if pair[1]["call"] == method]
        self.waitedFor([message["latency_ns"] for _, message in pairs], [call["latency_ns"] for call, _ in pairs])

    def waitedFor(self, seen, waited):
        """No latency is above the client's own figure, and the wire saw nearly all of what the client waited."""
        self.assertEqual(len(seen), len(waited))
        for latency, figure in zip(seen, waited):
            self.assertLessEqual(latency, figure)
        if statistics.median(seen) <= 0.9 * statistics.median(waited) - 5e6:
            raise Delayed(f"the wire saw {seen}, where the client waited {waited}")

    def curlsTimes(self):
        """Nanoseconds between the last two times that curl has logged of each request."""
        for line in Path("/tmp/calls").read_text().splitlines():
            begin, end = line.split()[-2:]
            yield (float(end) - float(begin)) * 1e9

    @measures
    def testTellsWhatKatasMethodsAnswerOverTtrpc(self):
        messages = self.tellsTheSameAs("ttrpc")
        self.agree(messages, logged())
        self.agreeInLatency(messages, logged(), "StatsContainer")
        self.assertNotIn("hunter2", json.dumps(messages))
        self.assertEqual([m["detail"]["program"] for m in messages if m["call"] == "CreateContainer"], ["/bin/sh"])

    @measures
    def testTellsWhatMethodsAnswerOverGrpc(self):
        messages = self.tellsTheSameAs("grpc")
        calls = [m for m in messages if m["call"] != "GOAWAY"]
        self.agree(calls, logged())
        self.agreeInLatency(calls, logged(), "Pay")
        self.assertNotIn("hunter2", json.dumps(messages))
        exec_process = next(m for m in messages if m["protocol"] == "kata")
        # grpc's client says what is left of the minute as it sees fit: "1M", or "60100m".
        timeout = exec_process["detail"].pop("timeout")
        self.assertAlmostEqual(int(timeout[:-1]) * {"M": 60, "S": 1, "m": 1e-3, "u": 1e-6}[timeout[-1]], 60, delta=1)
        self.assertEqual(exec_process["detail"], {"id": "c1", "exec_id": "e1"})

    @measures
    def testTellsWhatCurlAsksOverHttp2(self):
        late = lateRelay("VSOCK-LISTEN:8080,fork", 8002)
        messages = [m for m in self.tellsTheSameAs("http2", [late]) if m["call"] == "GET"]
        lines = [line.split() for line in Path("/tmp/calls").read_text().splitlines()]
        self.assertEqual([(m["reply"]["status"], m["reply"]["bytes"]) for m in messages], [(int(s), int(b)) for s, b, _ in lines])
        self.waitedFor([m["latency_ns"] for m in messages], [float(seconds) * 1e9 for _, _, seconds in lines])

    @measures
    def testTellsWhatCurlAsksAcrossAnUpgrade(self):
        messages = self.tellsTheSameAs("http2-upgrade")
        calls = [line.split() for line in Path("/tmp/calls").read_text().splitlines()]
        upgrade, = (m for m in messages if m["reply"].get("upgrade") == "h2c")
        self.assertEqual([call[0] for call in calls], ["1.1", "1.1", "2", "2", "2", "2"])
        # What was upgraded is answered by the new protocol.
        self.assertEqual([m["protocol"] for m in messages], ["http", "http", "http", "http2", "http2", "http2"])
        self.assertEqual(upgrade, messages[2])
        self.assertEqual([(m["reply"]["status"], m["reply"]["bytes"]) for m in messages], [(int(c[1]), int(c[2])) for c in calls])
        self.assertEqual([m["detail"]["target"] for m in messages], [f"/page{n}" for n in range(1, 7)])
        took = list(self.curlsTimes())
        for part in (slice(2), slice(2, 3), slice(3, None)):
            self.waitedFor([m["latency_ns"] for m in messages[part]], took[part])

    @measures
    def testTellsWhatFioAndQemuImgWait(self):
        messages = self.tellsTheSameAs("nbd-clients")
        transfers = [m for m in messages if m["call"] in ("READ", "WRITE")]
        ofQemu = [m for m in transfers if m["connection"] == transfers[0]["connection"]]
        self.assertEqual([(m["call"], m["detail"]["offset"], m["detail"]["length"]) for m in ofQemu], [("WRITE", 512 * n, 512) for n in range(3)])
        seconds = float(re.search(r"completed in ([\d.]+) seconds", Path("/tmp/bench").read_text())[1])
        # It rounds to milliseconds, and counts what it does between its requests.
        self.assertLessEqual(sum(m["latency_ns"] for m in ofQemu), seconds * 1e9 + 5e5)
        # fio's log: milliseconds, nanoseconds, 0 for a read, size, offset.
        log = [[int(word) for word in line.split(",")[:5]] for line in Path("/tmp/fio_lat.1.log").read_text().splitlines()]
        ofFio = [m for m in transfers if m not in ofQemu]
        seen = sorted((m["call"], m["detail"]["offset"], m["detail"]["length"]) for m in ofFio)
        self.assertEqual(seen, sorted((("READ", "WRITE")[kind], offset, size) for _, _, kind, size, offset in log))
        for kind, call in enumerate(("READ", "WRITE")):
            self.waitedFor([m["latency_ns"] for m in ofFio if m["call"] == call], [took for _, took, of, _, _ in log if of == kind])

    @measures
    def testTellsHowIperf3sTestWent(self):
        # A second, for its figures to mean something.
        messages = self.tellsTheSameAs("iperf3", [("-n 16K", "-t 1 -b 400K"), ("iperf3 -c", f"{STRACE} iperf3 -c")])
        test = next(m for m in messages if m["call"] == "test")
        data = [m["detail"] for m in messages if m["call"] == "data"]
        said = json.loads(Path("/tmp/calls").read_text())["end"]["sum_sent"]
        self.assertEqual(test["reply"]["client_bytes"], said["bytes"])
        self.assertEqual(sum(detail["bytes"] for detail in data), said["bytes"])
        self.waitedFor([test["latency_ns"]], [traced(r'{\"tcp\"', r'{\"cpu_util')])
        # The wire has the connections for longer than the client counts.
        self.assertLessEqual(sum(detail["bits_per_second"] for detail in data), said["bits_per_second"])

    @measures
    def testTellsWhatQemusAgentAnswers(self):
        messages = self.tellsTheSameAs("qemu-agent")
        self.assertEqual([m["outcome"] for m in messages], [c["code"] for c in logged()])
        pairs = list(paired(messages, logged()))
        self.waitedFor([message["latency_ns"] for _, message in pairs], [call["latency_ns"] for call, _ in pairs])

    @measures
    def testTellsWhatIsSaidToFirecrackersSocket(self):
        messages = self.tellsTheSameAs("hybrid-vsock")
        self.agree(messages, logged())
        self.agreeInLatency(messages, logged(), "GET")
        self.assertEqual(messages[0]["reply"]["host_port"], 1 << 30)

    def testTellsWhichEntriesAJournalForwards(self):
        messages = self.tellsTheSameAs("journal")
        said = [json.loads(line) for line in run("journalctl", "--identifier=till", "--output=json").splitlines()]
        for message, entry in zip(messages, said, strict=True):
            self.assertEqual(message["detail"]["text"], entry["MESSAGE"].replace("\n", "\\n"))
            self.assertEqual(message["detail"]["priority"], entry["PRIORITY"])

    def testTellsWhatSystemdSays(self):
        messages = self.tellsTheSameAs("sd-notify")
        self.assertEqual(messages[0]["detail"], {"X_SYSTEMD_UNIT_ACTIVE": "basic.target"})
        self.assertEqual(messages[1]["detail"]["READY"], "1")

    @measures
    def testTellsWhatCurlAsks(self):
        messages = self.tellsTheSameAs("http", [lateRelay("VSOCK-LISTEN:80,fork", 8000)])
        self.assertEqual([m["reply"]["status"] for m in messages], [200, 404, 200])
        self.waitedFor([m["latency_ns"] for m in messages], list(self.curlsTimes()))

    def testTellsWhatNbdcopyCopies(self):
        messages = self.tellsTheSameAs("nbd")
        self.assertEqual(sum(m["detail"]["length"] for m in messages if m["call"] == "WRITE"), 16384)

    @measures
    def testTellsWhichServerOpensslIsAskedFor(self):
        late = lateRelay("VSOCK-LISTEN:443", 4433)
        messages = self.tellsTheSameAs("tls", [late, ("curl -s", f"{STRACE} curl -s")])
        self.assertEqual(messages[0]["detail"]["server_name"], "tls.example")
        self.waitedFor([messages[0]["latency_ns"]], [traced(r"\26\3\1", r"\26\3\3")])

    def testTellsWhatTraceCmdAsksItsAgent(self):
        messages = self.tellsTheSameAs("trace-cmd")
        sent, = (m["detail"]["bytes"] for m in messages if m["call"] == "SEND_DATA")
        # What the agent has said of its machine is the beginning of the file, which goes on behind it.
        self.assertEqual(re.search(r"\[Option DONE, 8 bytes]\n(\d+)", run("trace-cmd", "dump", "--options", "/tmp/trace-1.dat"))[1], str(sent))

    def testTellsWhichKeysSshExchanges(self):
        messages = self.tellsTheSameAs("ssh")
        self.assertIn("kex", messages[-1]["detail"])


if __name__ == "__main__":
    unittest.main()
