# SPDX-License-Identifier: GPL-2.0-or-later
"""-C and -G while capturing, full disks and vanished folders, and the processes that take part."""

import os
import re
import signal
import struct
import subprocess
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.pcap import readPcap
from lab.tap import load
from lab.vsdump import Vsdump, eventually, flood, run, taps

FOLDER = Path("/root/captures")
PACKET, STATISTICS = 6, 5  # blocks of pcapng
DAC_OVERRIDE = f"{1 << 1:016x}"
TESTS = Path(os.environ.get("VSDUMP_BUILD", "build/dev")) / "tests/capture/vsdump_capture_tests"


def setUpModule():
    load("vsock_loopback")


def openers():
    """The processes that open files, with their status."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if text.startswith("Name:\tvsdump-opener\n") and "State:\tZ" not in text:
            found[int(path.parent.name)] = dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))
    return found


def blocks(path):
    """Type and body of each block of a pcapng file."""
    data, offset = path.read_bytes(), 0
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        yield kind, data[offset + 8:offset + length - 4]
        offset += length


def passedFilter(statistics):
    """What the body of a statistics block says of packets that passed the filter."""
    offset = 12
    while (option := struct.unpack_from("<HHQ", statistics, offset))[0] != 6:
        offset += 4 + option[1]
    return option[2]


@contextmanager
def smallDisk(size):
    """A file system of this size."""
    place = Path("/mnt/small")
    place.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", f"size={size}", "small", place)
    try:
        yield place
    finally:
        run("umount", "-l", place)


@contextmanager
def diskWithQuota(user, kib):
    """A file system with room, of which this user may have so much."""
    place, image = Path("/mnt/quota"), Path("/root/quota.img")
    place.mkdir(parents=True, exist_ok=True)
    for module in ("loop", "ext4", "quota_v2"):
        load(module)
    run("truncate", "-s", "64M", image)
    run("mkfs.ext4", "-q", "-O", "quota", "-E", "quotatype=usrquota", image)
    run("mount", "-o", "loop,usrquota", image, place)
    try:
        run("setquota", "-u", user, "0", kib, "0", "0", place)
        place.chmod(0o777)
        yield place
    finally:
        run("umount", "-l", place)


class Rotation(unittest.TestCase):
    def setUp(self):
        run("rm", "-rf", FOLDER)
        FOLDER.mkdir(mode=0o700)

    def records(self):
        """How many packets each file has, in the order of the names."""
        return [len(readPcap(path)) for path in sorted(FOLDER.iterdir())]

    def testLosesNoPacketAndRingsAreOfTheNewest(self):
        with Vsdump("-C", "1k", "-W", "999", "-w", FOLDER / "a", "-Z", "bin") as capture:
            (opener,) = openers().values()
            self.assertEqual((opener["CapPrm"], opener["CapEff"], opener["CapBnd"]), (DAC_OVERRIDE, DAC_OVERRIDE, "0" * 16))
            self.assertEqual((opener["Uid"].split(), opener["NoNewPrivs"]), (["2"] * 4, "1"))
            self.assertEqual(capture.procStatus()["CapPrm"], "0" * 16)
            traffic.burst(Log(), count=2000)
            self.assertEqual(capture.end().status, 0)
        self.assertGreater(len(self.records()), 100)
        self.assertEqual(sum(self.records()), capture.counters().captured)
        self.assertEqual(capture.counters().dropped, 0)
        self.assertEqual({path.stat().st_uid for path in FOLDER.iterdir()}, {2})
        self.assertTrue(eventually(lambda: not openers()))

    def testByTimeGoesOnUnderLoad(self):
        with flood(), Vsdump("-G", "1", "-w", FOLDER / "%s.pcap") as capture:
            self.assertTrue(eventually(lambda: len(list(FOLDER.iterdir())) >= 4))
            self.assertEqual(capture.end().status, 0)
        counted = capture.counters()
        self.assertEqual(counted.captured, counted.received - counted.dropped)
        self.assertEqual(sum(self.records()), counted.captured)

    def testOfPcapngHasInEachFileCountersThatAreOfItsEnd(self):
        with flood(size=4000), Vsdump("-C", "1", "-w", FOLDER / "a.pcapng") as capture:
            self.assertTrue(eventually(lambda: len(list(FOLDER.iterdir())) >= 8))
            self.assertEqual(capture.end().status, 0)
        packets = 0
        for path in sorted(FOLDER.iterdir(), key=lambda path: int("0" + path.name[len("a.pcapng"):])):
            found = list(blocks(path))
            packets += sum(kind == PACKET for kind, _ in found)
            (counters,) = (body for kind, body in found if kind == STATISTICS)
            with self.subTest(path=path.name):
                self.assertGreaterEqual(passedFilter(counters), packets)
        self.assertEqual(packets, capture.counters().captured)

    def testOfOneFileEndsTheCaptureWithIt(self):
        """The packet that comes too late for it is counted, as tcpdump does."""
        with flood(), Vsdump("-G", "1", "-W", "1", "-w", FOLDER / "a") as capture:
            self.assertEqual(capture.wait().status, 0)
        self.assertEqual(self.records(), [capture.counters().captured - 1])

    def testIntoAFullDiskLeavesWholePackets(self):
        for arguments in ([], ["-C", "1"]):
            with self.subTest(arguments=arguments), smallDisk("3m") as place, flood(size=60_000):
                with Vsdump("-w", place / "a.pcap", *arguments) as capture:
                    self.assertEqual(capture.wait().status, 2)
                self.assertRegex(capture.stderr, r"No space left on device\. It holds \d+ whole packets? now")
                self.assertGreater(sum(len(readPcap(path)) for path in place.iterdir()), 10)
        self.assertTrue(eventually(lambda: taps() == 0 and not openers()))

    def testBeyondAQuotaLeavesWholePackets(self):
        """That of the user dropped to, which root's rights would pass."""
        for arguments in ([], ["-C", "1"]):
            with self.subTest(arguments=arguments), diskWithQuota("bin", 3000) as place, flood(size=60_000):
                with Vsdump("-Z", "bin", "-w", place / "a", *arguments) as capture:
                    self.assertEqual(capture.wait().status, 2)
                self.assertRegex(capture.stderr, r"Disk quota exceeded\. It holds \d+ whole packets? now")
                files = [path for path in place.iterdir() if path.is_file()]
                self.assertGreater(sum(len(readPcap(path)) for path in files), 10)
        self.assertTrue(eventually(lambda: taps() == 0 and not openers()))

    def testIntoAFolderThatVanishesIsSaidAndWhatWasWrittenIsWhole(self):
        for arguments in ([], ["-C", "500k"]):
            with self.subTest(arguments=arguments):
                FOLDER.mkdir(exist_ok=True)
                with Vsdump(*arguments, "-w", FOLDER / "a") as capture, open(FOLDER / "a", "rb") as first:
                    run("rm", "-rf", FOLDER)
                    with flood(size=60_000):
                        self.assertEqual(capture.wait().status, 2)
                    said = re.search(
                        rf"cannot write to {FOLDER}/a: it was removed while it was written\. (\d+) whole packets? had been",
                        capture.stderr)
                    self.assertTrue(said, capture.stderr)
                    self.assertEqual(len(readPcap(f"/proc/self/fd/{first.fileno()}")), int(said[1]))
                if arguments:
                    # The same name where that is found out before the file is full, and else the next one.
                    self.assertRegex(capture.stderr, rf"cannot write to {FOLDER}/a1?: No such file or directory")

    def testEndsWhenItsOpenerIsKilled(self):
        with Vsdump("-C", "1k", "-w", FOLDER / "a") as capture:
            (opener,) = openers()
            os.kill(opener, signal.SIGKILL)
            traffic.burst(Log(), count=200)
            self.assertEqual(capture.wait().status, 2)
            self.assertIn("cannot open the next output file: the process that opens them has ended", capture.stderr)

    def testOfAParserThatIsKilledLeavesNothingRunning(self):
        with flood(), Vsdump("-U", "-C", "1", "-w", FOLDER / "a") as capture:
            time.sleep(0.5)
            capture.end(signal.SIGKILL)
        self.assertTrue(eventually(lambda: taps() == 0 and not openers()))
        self.assertEqual(run("vsdump", "-q", "-Z", "root", "--count", "-r", FOLDER / "a", stderr=subprocess.DEVNULL)[-9:], " packets\n")


class Reader(unittest.TestCase):
    def testThatGoesAwayIsTheEndThoughNoPacketsCome(self):
        reading, writing = os.pipe()
        with Vsdump("-w", "-", stdout=writing) as capture:
            os.close(writing)
            os.close(reading)
            self.assertEqual(capture.wait().status, 2)
            self.assertIn("cannot write to standard output: Broken pipe", capture.stderr)

    def testOfPcapngOnAPipeGetsTheCountersEachSecond(self):
        path = Path("/tmp/piped.pcapng")
        with open(path, "wb") as file, subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file) as cat:
            with Vsdump("--pcapng", "-w", "-", stdout=cat.stdin) as capture:
                cat.stdin.close()
                time.sleep(1)
                before = self.statisticsIn(path)
                time.sleep(4)
                idle = self.statisticsIn(path) - before
                capture.end()
        # In four seconds, without those of the beginning and the end.
        self.assertGreaterEqual(idle, 3)

    def statisticsIn(self, path):
        return sum(kind == STATISTICS for kind, _ in blocks(path))


class Sandbox(unittest.TestCase):
    def testStopsWhatItIsForToStop(self):
        """The tests that break it, on this kernel."""
        said = run(TESTS, "--gtest_filter=Sandbox.*")
        self.assertIn("[  PASSED  ]", said)
