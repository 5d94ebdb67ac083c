# SPDX-License-Identifier: GPL-2.0-or-later
"""The device: found, brought up, made, gone again, taken away, refused."""

import os
import platform
import signal
import subprocess
import unittest
from contextlib import contextmanager
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import Vsdump, device, devices, eventually, flood, ops, run, taps


def setUpModule():
    load("vsock_loopback")


def speak():
    """A connection with one packet of payload each way."""
    traffic.hello(Log())


class Case(unittest.TestCase):
    def assertRefused(self, *arguments, before=()):
        """vsdump ends with an error without having captured; returns what it has said."""
        refused = Vsdump(*arguments, before=before).wait()
        self.assertEqual(refused.status, 2)
        self.assertEqual(refused.stdout, "")
        self.assertNotIn("captured", refused.stderr)
        self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)
        self.assertTrue(eventually(lambda: taps() == 0))
        return refused.stderr

    def assertListensOn(self, name, *arguments):
        """vsdump with these arguments uses that device; returns what it has said."""
        stderr = Vsdump(*arguments).end().stderr
        self.assertIn(f"listening on {name}, link-type VSOCK (Linux vsock), snapshot length 262144 bytes\n", stderr)
        return stderr


class PrivateDevice(Case):
    def testIsSeenByNobodyElseAndSeesAllTraffic(self):
        before = devices()
        with Vsdump("--json") as capture:
            self.assertEqual(devices(), before)
            self.assertEqual(taps(), 1)
            self.assertEqual(os.readlink(f"/proc/{capture.pid}/ns/net"), os.readlink("/proc/self/ns/net"))
            speak()
            capture.end()
            self.assertEqual(ops(capture.packets(), "rw"), 2)
        self.assertIn("vsdump: no vsockmon device is up: made a private one (it goes away when the capture ends)\n", capture.stderr)

    def testGoesAwayHoweverTheCaptureEnds(self):
        before = devices()
        good = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in (*good, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(signal=number.name), Vsdump() as capture:
                self.assertEqual(taps(), 1)
                self.assertEqual(capture.end(number).status, 0 if number in good else -number)
                self.assertTrue(eventually(lambda: taps() == 0))
                self.assertEqual(devices(), before)

    def testGoesAwayUnderTrafficToo(self):
        with flood():
            for number in (signal.SIGTERM, signal.SIGKILL):
                with self.subTest(signal=number.name), Vsdump(stdout=subprocess.DEVNULL) as capture:
                    capture.end(number)
                    self.assertTrue(eventually(lambda: taps() == 0))

    def testBearsTheNameThatWasAskedFor(self):
        stderr = self.assertListensOn("vsockmon7", "-i", "vsockmon7")
        self.assertIn("vsdump: there was no device vsockmon7: made a private one of that name (it goes away when the capture ends)\n", stderr)

    def testBearsAnyNameOnlyWithCreate(self):
        stderr = self.assertRefused("-i", "vskmon0")
        self.assertIn("cannot capture on vskmon0: there is no such device", stderr)
        self.assertIn("--create", stderr)
        self.assertListensOn("vskmon0", "-i", "vskmon0", "--create")

    def testIsMadeUnderAnotherNameWhereAnEqualOneIsDown(self):
        with device("vsockmon0", up=False):
            self.assertListensOn("vsockmon1")


class DeviceInTheOpen(Case):
    def testIsUsedWhenItIsUp(self):
        with device("vsockmon3"), Vsdump("--json") as capture:
            self.assertEqual(taps(), 1)
            speak()
            capture.end()
            self.assertIn("listening on vsockmon3,", capture.stderr)
            self.assertNotIn("made", capture.stderr)
            self.assertEqual(ops(capture.packets(), "rw"), 2)

    def testThatIsUpIsPreferredToAnOlderOneThatIsDown(self):
        with device("vsockmon0", up=False), device("vsockmon1"):
            self.assertNotIn("was down", self.assertListensOn("vsockmon1"))

    def testIsBroughtUpAndLeftUp(self):
        with device("vsockmon3", up=False), Vsdump("-i", "vsockmon3", "--json") as capture:
            speak()
            capture.end()
            self.assertIn("vsdump: the device vsockmon3 was down: brought it up (it stays up)\n", capture.stderr)
            self.assertEqual(ops(capture.packets(), "rw"), 2)
            self.assertIn("UP", run("ip", "-br", "link", "show", "vsockmon3"))

    def testIsFoundByItsNumber(self):
        with device("vsockmon3"), device("vsockmon4"):
            self.assertListensOn("vsockmon4", "-i", "2")
            refused = Vsdump("-i", "3").wait()
            self.assertEqual(refused.status, 2)
            self.assertIn("-D lists 2 vsockmon devices", refused.stderr)
            self.assertIn("vsockmon3, vsockmon4", refused.stderr)

    def testIsListed(self):
        with device("vsockmon3"), device("vsockmon4", up=False):
            self.assertEqual(run("vsdump", "-D"), "1.vsockmon3 [Up]\n2.vsockmon4 [Down]\n")
        self.assertEqual(run("vsdump", "-D"), "vsdump: there is no vsockmon device yet; a capture makes one for itself\n")

    def testTellsItsLinkTypesAndTimeStampsAsTcpdumpDoes(self):
        with device("vsockmon3"):
            for option in ("-L", "-J"):
                self.assertEqual(run("vsdump", "-i", "vsockmon3", option), run("tcpdump", "-i", "vsockmon3", option))

    def testThatIsRemovedEndsTheCaptureWithEverythingBeforeIt(self):
        for _ in range(3):
            with device("vsockmon3"), Vsdump("-i", "vsockmon3", "--json") as capture:
                traffic.burst(Log(), count=50)
                run("ip", "link", "del", "vsockmon3")
                capture.wait()
                self.assertEqual(capture.status, 2)
                self.assertIn("the device vsockmon3 was removed while capturing\n", capture.stderr)
                self.assertNotIn("taken down", capture.stderr)
                self.assertEqual(ops(capture.packets(), "rw"), 50)
                counted = capture.counters()
                self.assertEqual(counted.captured, counted.received)
                self.assertEqual(counted.captured, len(capture.lines))

    def testThatIsRemovedUnderLoadEndsTheCaptureToo(self):
        with device("vsockmon3"), flood(), Vsdump("-i", "vsockmon3") as capture:
            self.assertTrue(eventually(lambda: len(capture.lines) > 1000))
            run("ip", "link", "del", "vsockmon3")
            capture.wait()
            self.assertIn("the device vsockmon3 was removed while capturing\n", capture.stderr)
            self.assertEqual(capture.status, 2)
            counted = capture.counters()
            self.assertEqual(counted.captured, counted.received - counted.dropped)
            self.assertEqual(counted.captured, len(capture.lines))

    def testMayGoDownAndUpAgain(self):
        with device("vsockmon3"), Vsdump("-i", "vsockmon3", "--json") as capture:
            run("ip", "link", "set", "vsockmon3", "down")
            self.assertTrue(eventually(lambda: capture.said("the device vsockmon3 was taken down: it shows no packets until it is up again\n")))
            traffic.burst(Log(), count=5)
            run("ip", "link", "set", "vsockmon3", "up")
            self.assertTrue(eventually(lambda: capture.said("the device vsockmon3 is up again\n")))
            traffic.burst(Log(), count=7)
            capture.end()
            self.assertEqual(ops(capture.packets(), "rw"), 7)
            self.assertEqual(capture.status, 0)

    def testThatIsDownWhenTheCaptureStopsEndsItInGoodOrder(self):
        with device("vsockmon3"), Vsdump("-i", "vsockmon3", "--json") as capture:
            traffic.burst(Log(), count=5)
            run("ip", "link", "set", "vsockmon3", "down")
            capture.end()
            self.assertEqual(capture.status, 0)
            self.assertEqual(ops(capture.packets(), "rw"), 5)

    def testMayBeRenamedMeanwhile(self):
        with device("vsockmon3"), Vsdump("-i", "vsockmon3", "--json") as capture:
            run("ip", "link", "set", "vsockmon3", "down")
            run("ip", "link", "set", "vsockmon3", "name", "vsockmon9")
            run("ip", "link", "set", "vsockmon9", "up")
            speak()
            capture.end()
            run("ip", "link", "set", "vsockmon9", "down")
            run("ip", "link", "set", "vsockmon9", "name", "vsockmon3")
            self.assertEqual(capture.status, 0, capture.stderr)
            self.assertEqual(ops(capture.packets(), "rw"), 2)


class DeviceOfAnotherKind(Case):
    def testIsRefused(self):
        for name in ("lo", "any"):
            with self.subTest(name=name):
                self.assertIn(f"cannot capture on {name}: vsock traffic passes vsockmon devices only", self.assertRefused("-i", name))

    def testIsRefusedWithWhatThereIsInstead(self):
        run("ip", "link", "add", "eth0", "type", "dummy")
        try:
            self.assertIn("Leave -i out, and vsdump makes a vsockmon device", self.assertRefused("-i", "eth0"))
            with device("vsockmon3", up=False):
                stderr = self.assertRefused("-i", "eth0", "--create")
                self.assertIn("cannot capture on eth0: vsock traffic passes vsockmon devices only", stderr)
                self.assertIn("vsock traffic is seen on vsockmon3.", stderr)
        finally:
            run("ip", "link", "del", "eth0")

    def testIsRefusedWhateverItsName(self):
        run("ip", "link", "add", "vsockmon3", "type", "dummy")
        try:
            self.assertIn("vsock traffic passes vsockmon devices only", self.assertRefused("-i", "vsockmon3"))
            self.assertListensOn("vsockmon0")
        finally:
            run("ip", "link", "del", "vsockmon3")

    def testThatCannotBeIsRefused(self):
        for name in ("vsockmon 0", "vsockmon0123456789", "vsockmon/0"):
            with self.subTest(name=name):
                self.assertIn("a device's name has 1 to 15 characters", self.assertRefused("-i", name))


class MissingModule(Case):
    """A kernel without vsockmon: the module is taken out of this machine's memory and files for a while."""

    def setUp(self):
        self.assertTrue(eventually(lambda: taps() == 0))
        run("modprobe", "-r", "vsockmon")

    @contextmanager
    def renamed(self, path):
        """A file or folder under another name."""
        hidden = path.with_name(path.name + ".hidden")
        path.rename(hidden)
        try:
            yield
        finally:
            hidden.rename(path)

    def modules(self):
        return Path("/lib/modules") / platform.release()

    def testThatIsKeptFromLoadingIsSaid(self):
        configuration = Path("/etc/modprobe.d/no-vsockmon.conf")
        configuration.write_text("install vsockmon /bin/false\n")
        try:
            stderr = self.assertRefused()
            self.assertIn("cannot create the vsockmon device vsockmon0: Operation not supported. ", stderr)
            self.assertIn("`modprobe vsockmon` says why", stderr)
        finally:
            configuration.unlink()

    def testThatTheKernelDoesNotHaveIsNamed(self):
        (module,) = self.modules().glob("kernel/**/vsockmon.ko")
        with self.renamed(module):
            run("depmod", "-a")
            stderr = self.assertRefused("-i", "vsockmon0")
        run("depmod", "-a")
        self.assertIn("CONFIG_VSOCKMON", stderr)
        self.assertIn("linux-image-amd64", stderr)
        self.assertListensOn("vsockmon0")

    def testWithAllOthersIsSaidToNeedARestart(self):
        with self.renamed(self.modules()):
            stderr = self.assertRefused()
        self.assertIn(f"modules are not in /lib/modules/{platform.release()}", stderr)
        self.assertIn("restart the machine", stderr)
