# SPDX-License-Identifier: GPL-2.0-or-later
"""Rights: which are missing, and that none are left."""

import signal
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import Vsdump, device, eventually, ops, run, taps

NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
NO_CAPABILITY = "0" * 16


def setUpModule():
    load("vsock_loopback")


class Missing(unittest.TestCase):
    def refused(self, before, *arguments):
        refused = Vsdump(*arguments, before=before).wait()
        self.assertEqual(refused.status, 2)
        self.assertNotIn("listening", refused.stderr)
        self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)
        self.assertTrue(eventually(lambda: taps() == 0 or "-i" in arguments))
        return refused.stderr

    def testAreNamed(self):
        words = self.refused(NOBODY)
        self.assertIn("cannot make a private network namespace: Operation not permitted", words)
        self.assertIn("CAP_NET_ADMIN and CAP_NET_RAW", words)

    def testOfARootThatIsBoundedAreNamed(self):
        for capability, words in {
            "net_admin": "cannot create the vsockmon device vsockmon0: Operation not permitted. That needs the capability CAP_NET_ADMIN",
            "net_raw": "Capturing needs the capability CAP_NET_RAW",
        }.items():
            with self.subTest(capability=capability):
                self.assertIn(words, self.refused(["setpriv", "--bounding-set", f"-{capability}"]))

    def testToBringADeviceUpAreNamed(self):
        with device("vsockmon0", up=False):
            words = self.refused(NOBODY, "-i", "vsockmon0")
            self.assertIn("cannot bring up the device vsockmon0: Operation not permitted. That needs the capability CAP_NET_ADMIN", words)

    def testToCaptureOnADeviceThatIsUpAreNamed(self):
        with device("vsockmon0"):
            self.assertIn("Capturing needs the capability CAP_NET_RAW", self.refused(NOBODY, "-i", "vsockmon0"))

    def testAreNotGainedByAUserNamespace(self):
        self.assertEqual(run("sysctl", "-n", "kernel.unprivileged_userns_clone").strip(), "1")
        self.assertIn("Operation not permitted", self.refused(NOBODY))


class Dropped(unittest.TestCase):
    def assertIsOnly(self, status, uid, gid):
        """A process's status shows one user, one group and no capability."""
        self.assertEqual(status["Uid"].split(), [str(uid)] * 4)
        self.assertEqual(status["Gid"].split(), [str(gid)] * 4)
        self.assertNotIn("0", status["Groups"].split())
        for which in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(status[which], NO_CAPABILITY, which)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")

    def testAreThoseOfRootOnceTheSocketIsOpen(self):
        for environment, arguments, uid, gid in (
            ({}, [], 65534, 65534),
            ({"SUDO_UID": "1"}, [], 1, 1),
            ({"PKEXEC_UID": "2"}, [], 2, 2),
            ({"SUDO_UID": "0"}, [], 65534, 65534),
            ({"SUDO_UID": "1"}, ["-Z", "bin"], 2, 2),
        ):
            before = ["env", *(f"{name}={value}" for name, value in environment.items())]
            with self.subTest(environment=environment), Vsdump("--json", *arguments, before=before) as capture:
                self.assertIsOnly(capture.procStatus(), uid, gid)
                for thread in Path(f"/proc/{capture.pid}/task").iterdir():
                    self.assertIn(f"CapEff:\t{NO_CAPABILITY}\n", (thread / "status").read_text())
                traffic.hello(Log())
                capture.end()
                self.assertEqual(ops(capture.packets(), "rw"), 2)

    def testAreKeptWithZRoot(self):
        with Vsdump("-Z", "root") as capture:
            self.assertEqual(capture.procStatus()["Uid"].split()[0], "0")
            self.assertEqual(capture.end().status, 0)

    def testAreThoseOfAUserThatThereIs(self):
        refused = Vsdump("-Z", "notthere").wait()
        self.assertEqual(refused.status, 2)
        self.assertIn("notthere: there is no such user", refused.stderr)

    def testAreTheCapabilitiesOfAnOrdinaryUserToo(self):
        with device("vsockmon0"):
            before = [*NOBODY, "--inh-caps", "+net_raw", "--ambient-caps", "+net_raw"]
            with Vsdump("--json", before=before) as capture:
                status = capture.procStatus()
                for which in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
                    self.assertEqual(status[which], NO_CAPABILITY, which)
                traffic.hello(Log())
                capture.end()
                self.assertEqual(ops(capture.packets(), "rw"), 2)

    def testAreGoneBeforeAPacketIsSeenThoughTheDeviceIsPrivate(self):
        with Vsdump() as capture:
            self.assertEqual(taps(), 1)
            self.assertIsOnly(capture.procStatus(), 65534, 65534)
            capture.end(signal.SIGTERM)
