#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live capture on a real kernel: tests/vm/run tests/vm/live/live_test.py PROBE [unittest's arguments]."""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from collections import namedtuple
from pathlib import Path

PROBE = None  # the program that captures
LOCAL = socket.VMADDR_CID_LOCAL if hasattr(socket, "VMADDR_CID_LOCAL") else 1

Frame = namedtuple("Frame", "number time length wire_length header")
Counters = namedtuple("Counters", "captured received dropped")
OP_REQUEST, OP_RESPONSE, OP_RW = 1, 2, 5


def op(frame):
    """The virtio op."""
    return struct.unpack_from("<H", frame.header, 62)[0]


def ports(frame):
    """Source and destination port."""
    return struct.unpack_from("<II", frame.header, 16)


def parseFrame(line):
    """A line of the probe."""
    _, number, when, length, wireLength, header = line.split()
    return Frame(int(number), when, int(length), int(wireLength), bytes.fromhex(header))


def parseCounters(text):
    """The last counters in what the probe said."""
    return Counters(*map(int, re.findall(r"counters captured=(\d+) received=(\d+) dropped=(\d+)", text)[-1]))


def eventually(condition, seconds=10):
    """Whether the condition becomes true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def run(*command, check=True):
    """Runs a program and returns what it has printed."""
    return subprocess.run(command, check=check, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def devices():
    """The network devices of this namespace."""
    return set(os.listdir("/sys/class/net"))


def taps():
    """How many vsockmon devices are up, in all namespaces."""
    path = Path("/sys/module/vsockmon/refcnt")
    return int(path.read_text()) if path.exists() else 0


@contextlib.contextmanager
def device(name, up=True):
    """A vsockmon device in the open."""
    run("ip", "link", "add", name, "type", "vsockmon")
    if up:
        run("ip", "link", "set", name, "up")
    try:
        yield name
    finally:
        subprocess.run(["ip", "link", "del", name], stderr=subprocess.DEVNULL, check=False)


class Capture:
    """The probe at work."""

    def __init__(self, *arguments, before=()):
        self.process = subprocess.Popen([*before, PROBE, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.words = [], []
        self.readers = [self.collect(self.process.stdout, self.lines), self.collect(self.process.stderr, self.words)]
        assert eventually(lambda: self.said("listening on") or self.process.poll() is not None), "it never listened"

    @staticmethod
    def collect(stream, into):
        """Reads a stream to its end in the background."""

        def read():
            with stream:
                for line in stream:
                    into.append(line)

        thread = threading.Thread(target=read)
        thread.start()
        return thread

    def text(self):
        """What it has said on standard error."""
        return "".join(self.words)

    def said(self, words):
        """Whether it has said that on standard error."""
        return words in self.text()

    def end(self, number=signal.SIGINT):
        """Stops it, if a signal is given, and waits for its end."""
        if number is not None:
            self.process.send_signal(number)
        self.status = self.process.wait(60)
        for reader in self.readers:
            reader.join()
        self.frames = [parseFrame(line) for line in self.lines if line.startswith("frame ")]
        return self

    def counters(self):
        """Its last counters."""
        return parseCounters(self.text())


def exchange(sends, size=16, port=5000, pause=0.0):
    """A connection over loopback: its client sends, its server only reads."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listener:
        listener.bind((LOCAL, port))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection:
                while connection.recv(1 << 18):
                    pass

        server = threading.Thread(target=serve)
        server.start()
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
            client.connect((LOCAL, port))
            data = b"x" * size
            for _ in range(sends):
                client.sendall(data)
                if pause:
                    time.sleep(pause)
        server.join()


class Load:
    """Traffic that goes on until it is told not to."""

    def __enter__(self):
        self.over = False
        self.thread = threading.Thread(target=self.work)
        self.thread.start()
        return self

    def work(self):
        while not self.over:
            exchange(200, port=5001)

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


class PrivateDevice(unittest.TestCase):
    def testIsSeenByNobodyElse(self):
        before = devices()
        capture = Capture()
        self.assertEqual(devices(), before)
        self.assertEqual(taps(), 1)
        self.assertEqual(os.readlink(f"/proc/{capture.process.pid}/ns/net"), os.readlink("/proc/self/ns/net"))
        capture.end()
        self.assertIn("message: no vsockmon device is up: made a private one", capture.text())

    def testGoesAwayHoweverTheCaptureEnds(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
            with self.subTest(signal=number):
                before = devices()
                capture = Capture()
                self.assertEqual(taps(), 1)
                capture.end(number)
                self.assertEqual(capture.status, 0 if number in (signal.SIGINT, signal.SIGTERM) else -number)
                self.assertTrue(eventually(lambda: taps() == 0))
                self.assertEqual(devices(), before)

    def testBearsTheNameThatWasAskedFor(self):
        capture = Capture("-i", "vsockmon7").end()
        self.assertIn("there was no device vsockmon7: made a private one of that name", capture.text())
        self.assertIn("listening on vsockmon7 ", capture.text())

    def testIsMadeUnderAnotherNameWhereAnEqualOneIsDown(self):
        with device("vsockmon0", up=False):
            self.assertIn("listening on vsockmon1 ", Capture().end().text())


class DeviceInTheOpen(unittest.TestCase):
    def testIsUsedWhenItIsUp(self):
        with device("vsockmon3"):
            capture = Capture()
            exchange(3)
            capture.end()
            self.assertIn("listening on vsockmon3 ", capture.text())
            self.assertNotIn("message:", capture.text())
            self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 3)

    def testIsBroughtUpAndLeftUp(self):
        with device("vsockmon3", up=False):
            capture = Capture("-i", "vsockmon3")
            exchange(3)
            capture.end()
            self.assertIn("message: the device vsockmon3 was down: brought it up (it stays up)", capture.text())
            self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 3)
            self.assertIn("UP", run("ip", "-br", "link", "show", "vsockmon3"))

    def testIsFoundByItsNumber(self):
        with device("vsockmon3"), device("vsockmon4"):
            self.assertIn("listening on vsockmon4 ", Capture("-i", "2").end().text())
            refused = Capture("-i", "3").end(None)
            self.assertIn("-D lists 2 vsockmon devices", refused.text())
            self.assertIn("vsock traffic is seen on vsockmon3, vsockmon4.", refused.text())

    def testIsListedWithItsCounters(self):
        with device("vsockmon3"), device("vsockmon4", up=False):
            exchange(3)
            first, second = run(PROBE, "-D").splitlines()
            self.assertRegex(first, r"^vsockmon3 index \d+ up packets [1-9]\d* bytes [1-9]\d+$")
            self.assertRegex(second, r"^vsockmon4 index \d+ down packets 0 bytes 0$")

    def testIsRemoved(self):
        with device("vsockmon3"):
            run(PROBE, "-R", "vsockmon3")
            self.assertNotIn("vsockmon3", devices())
        self.assertIn("cannot remove the vsockmon device lo: there is no", run(PROBE, "-R", "lo", check=False))

    def testThatIsRemovedEndsTheCaptureWithEverythingBeforeIt(self):
        for _ in range(3):
            with device("vsockmon3"):
                capture = Capture("-i", "vsockmon3")
                exchange(50)
                run("ip", "link", "del", "vsockmon3")
                capture.end(None)
                self.assertEqual(capture.status, 2)
                self.assertIn("notice: the device vsockmon3 was removed while capturing", capture.text())
                self.assertNotIn("taken down", capture.text())
                self.assertIn("state damaged", capture.text())
                self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 50)
                self.assertEqual(capture.counters().captured, capture.counters().received)

    def testThatIsRemovedUnderLoadEndsTheCaptureToo(self):
        with device("vsockmon3"), Load():
            capture = Capture("-i", "vsockmon3", "-q")
            time.sleep(0.5)
            run("ip", "link", "del", "vsockmon3")
            capture.end(None)
            counted = capture.counters()
            self.assertIn("state damaged", capture.text())
            self.assertGreater(counted.captured, 0)
            self.assertEqual(counted.captured, counted.received - counted.dropped)

    def testMayGoDownAndUpAgain(self):
        with device("vsockmon3"):
            capture = Capture("-i", "vsockmon3")
            run("ip", "link", "set", "vsockmon3", "down")
            self.assertTrue(eventually(lambda: capture.said("notice: the device vsockmon3 was taken down")))
            exchange(5)
            run("ip", "link", "set", "vsockmon3", "up")
            self.assertTrue(eventually(lambda: capture.said("notice: the device vsockmon3 is up again")))
            exchange(7)
            capture.end()
            self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 7)
            self.assertEqual(capture.status, 0)

    def testOfAnotherKindIsRefused(self):
        refused = Capture("-i", "lo").end(None)
        self.assertEqual(refused.status, 2)
        self.assertIn("cannot capture on lo: vsock traffic passes vsockmon devices only", refused.text())


class Packets(unittest.TestCase):
    def testOfAConnectionAreSeenInOrder(self):
        capture = Capture()
        exchange(5, size=100, port=5005)
        capture.end()
        frames = [frame for frame in capture.frames if 5005 in ports(frame)]
        self.assertEqual([op(frame) for frame in frames][:2], [OP_REQUEST, OP_RESPONSE])
        self.assertEqual([frame.length for frame in frames if op(frame) == OP_RW], [176] * 5)
        self.assertEqual([frame.number for frame in capture.frames], list(range(1, len(capture.frames) + 1)))
        times = [frame.time for frame in frames]
        self.assertEqual(times, sorted(times))
        self.assertAlmostEqual(float(times[0]), time.time(), delta=60)

    def testAreHandedOutAtOnceOrWithinATenth(self):
        for arguments in ([], ["-I"]):
            with self.subTest(arguments=arguments):
                capture = Capture(*arguments)
                exchange(1)
                self.assertTrue(eventually(lambda: len(capture.lines) > 2, 0.5))
                capture.end()

    def testOfABurstAreAllSeen(self):
        for arguments in ([], ["-I"]):
            with self.subTest(arguments=arguments):
                capture = Capture(*arguments)
                exchange(10_000)
                capture.end()
                counted = capture.counters()
                self.assertEqual(counted.dropped, 0)
                self.assertEqual(counted.captured, counted.received)
                self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 10_000)

    def testOf64KiBAreWhole(self):
        capture = Capture()
        exchange(300, size=65536)
        capture.end()
        whole = [frame for frame in capture.frames if op(frame) == OP_RW]
        self.assertEqual({(frame.length, frame.wire_length) for frame in whole}, {(65612, 65612)})
        self.assertEqual(len(whole), 300)

    def testAreCutAtTheSnapshotLength(self):
        capture = Capture("-s", "76")
        exchange(10, size=1000)
        capture.end()
        cut = [frame for frame in capture.frames if op(frame) == OP_RW]
        self.assertEqual({(frame.length, frame.wire_length) for frame in cut}, {(76, 1076)})
        self.assertIn("snapshot 76", capture.text())

    def testAreSeenByTwoCapturesAtOnce(self):
        first, second = Capture(), Capture()
        self.assertEqual(taps(), 2)
        exchange(500)
        first.end()
        second.end()
        self.assertEqual([frame.header for frame in first.frames], [frame.header for frame in second.frames])
        self.assertGreater(len(first.frames), 500)
        self.assertTrue(eventually(lambda: taps() == 0))


class Stop(unittest.TestCase):
    def assertNothingIsMissing(self, capture):
        counted = capture.counters()
        self.assertEqual(capture.status, 0, capture.text())
        self.assertIn("state end", capture.text())
        self.assertNotIn("notice:", capture.text())
        self.assertEqual(counted.captured, counted.received - counted.dropped)
        return counted

    def testUnderLoadLosesNothing(self):
        with Load():
            for arguments in [["-q"]] * 5 + [["-q", "-I"], ["-q", "-s", "76"]]:
                with self.subTest(arguments=arguments):
                    capture = Capture(*arguments)
                    time.sleep(0.3)
                    self.assertGreater(self.assertNothingIsMissing(capture.end()).captured, 0)

    def testOfASlowReaderHandsOutWhatHasPiledUp(self):
        with Load():
            capture = Capture("-q", "-P", "500")
            time.sleep(2)
            self.assertGreater(self.assertNothingIsMissing(capture.end()).captured, 100)

    def testAfterDropsStillAddsUp(self):
        capture = Capture("-q", "-B", "1024", "-P", "300")
        exchange(500, size=60000)
        capture.process.send_signal(signal.SIGUSR1)
        self.assertTrue(eventually(lambda: capture.said("counters")))
        self.assertGreater(self.assertNothingIsMissing(capture.end()).dropped, 0)

    def testWhileStoppedCountsTheDrops(self):
        capture = Capture("-q", "-B", "1024")
        capture.process.send_signal(signal.SIGSTOP)
        exchange(200, size=60000)
        capture.process.send_signal(signal.SIGCONT)
        self.assertGreater(self.assertNothingIsMissing(capture.end()).dropped, 0)

    def testWithoutTrafficIsQuick(self):
        capture = Capture()
        start = time.monotonic()
        self.assertEqual(self.assertNothingIsMissing(capture.end()), Counters(0, 0, 0))
        self.assertLess(time.monotonic() - start, 1)


class Filter(unittest.TestCase):
    def testCountsOnlyWhatItLetsPass(self):
        capture = Capture("-f", "greater 100")
        exchange(10, size=100)
        counted = capture.end().counters()
        self.assertEqual({op(frame) for frame in capture.frames}, {OP_RW})
        self.assertEqual(counted, Counters(10, 10, 0))

    def testHoldsForPacketsThatCameBeforeIt(self):
        with Load():
            for _ in range(5):
                capture = Capture("-q", "-f", "greater 80")
                time.sleep(0.2)
                counted = capture.end().counters()
                self.assertGreater(counted.captured, 0)
                self.assertEqual(counted.captured, counted.received - counted.dropped)

    def testOfAnotherLanguageIsRefused(self):
        refused = Capture("-f", "port 22").end(None)
        self.assertEqual(refused.status, 2)
        self.assertIn('error: cannot compile the filter "port 22": ', refused.text())


class DirectionOption(unittest.TestCase):
    def testIsRefusedWhereThereIsOnlyLoopback(self):
        self.assertFalse(Path("/sys/module/vhost_vsock").exists())
        refused = Capture("-Q", "in").end(None)
        self.assertEqual(refused.status, 2)
        self.assertIn("this machine has no CID of its own", refused.text())

    def testLeavesLoopbackOutOnAHost(self):
        run("modprobe", "vhost_vsock")
        try:
            for direction in ("in", "out"):
                capture = Capture("-Q", direction)
                exchange(3)
                self.assertEqual(capture.end().counters(), Counters(0, 0, 0))
                self.assertIn("state end", capture.text())
        finally:
            self.assertTrue(eventually(lambda: not run("rmmod", "vhost_vsock", check=False)))


class Rights(unittest.TestCase):
    NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]

    def refused(self, before, *arguments):
        capture = Capture(*arguments, before=before).end(None)
        self.assertEqual(capture.status, 2)
        return capture.text()

    def testAreNamedWhenTheyAreMissing(self):
        words = self.refused(self.NOBODY)
        self.assertIn("error: cannot make a private network namespace: Operation not permitted", words)
        self.assertIn("CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW", words)

    def testOfRootMayBeBoundedAndAreNamedThen(self):
        for capability, words in {
            "sys_admin": "cannot make a private network namespace: Operation not permitted. Making a device",
            "net_admin": "cannot create the vsockmon device vsockmon0: Operation not permitted. That needs the capability CAP_NET_ADMIN",
            "net_raw": "Capturing needs the capability CAP_NET_RAW",
        }.items():
            with self.subTest(capability=capability):
                self.assertIn(words, self.refused(["setpriv", "--bounding-set", f"-{capability}"]))
                self.assertTrue(eventually(lambda: taps() == 0))

    def testToTakeADeviceUpAreNamed(self):
        with device("vsockmon0", up=False):
            words = self.refused(self.NOBODY, "-i", "vsockmon0")
            self.assertIn("cannot bring up the device vsockmon0: Operation not permitted. That needs the capability CAP_NET_ADMIN", words)

    def testToCaptureOnADeviceThatIsUpAreOne(self):
        with device("vsockmon0"):
            self.assertIn("CAP_NET_RAW", self.refused(self.NOBODY))
            capture = Capture(before=[*self.NOBODY, "--inh-caps", "+net_raw", "--ambient-caps", "+net_raw"])
            status = Path(f"/proc/{capture.process.pid}/status").read_text()
            exchange(3)
            capture.end()
            self.assertEqual(sum(op(frame) == OP_RW for frame in capture.frames), 3)
            self.assertRegex(status, r"CapPrm:\t0+\nCapEff:\t0+\n")

    def testOfRootAreGoneOnceTheSocketIsOpen(self):
        for environment, user in (({}, "nobody"), ({"SUDO_UID": "1"}, "daemon"), ({"PKEXEC_UID": "2"}, "bin"), ({"SUDO_UID": "0"}, "nobody")):
            with self.subTest(environment=environment):
                capture = Capture(before=["env", *(f"{name}={value}" for name, value in environment.items())])
                status = Path(f"/proc/{capture.process.pid}/status").read_text()
                self.assertIn(f" as {user}\n", capture.end().text())
                uid = {"nobody": 65534, "daemon": 1, "bin": 2}[user]
                self.assertRegex(status, rf"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
                self.assertRegex(status, r"CapInh:\t0+\nCapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\nCapAmb:\t0+\nNoNewPrivs:\t1\n")
                self.assertNotRegex(status, r"Groups:\t(.* )?0 ")


class MissingModule(unittest.TestCase):
    def testIsNamedWithWhatToDo(self):
        configuration = Path("/etc/modprobe.d/no-vsockmon.conf")
        configuration.write_text("install vsockmon /bin/false\n")
        try:
            self.assertTrue(eventually(lambda: taps() == 0))
            subprocess.run(["rmmod", "vsockmon"], stderr=subprocess.DEVNULL, check=False)
            refused = Capture().end(None)
            self.assertEqual(refused.status, 2)
            self.assertIn("cannot create the vsockmon device vsockmon0: Operation not supported. ", refused.text())
            self.assertIn("`modprobe vsockmon` says why", refused.text())
        finally:
            configuration.unlink()


if __name__ == "__main__":
    if "VSDUMP_VM" not in os.environ:
        sys.exit("live_test.py: run it through tests/vm/run: it opens AF_VSOCK sockets and makes devices")
    PROBE = str(Path(sys.argv.pop(1)).resolve())
    run("modprobe", "vsock_loopback")
    unittest.main(verbosity=2)
