# SPDX-License-Identifier: GPL-2.0-or-later
"""Capturing by file capabilities: a device that everybody sees, and who removes it."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import PATIENCE, Vsdump, device, devices, eventually, ops, run, taps

INSTALLED = Path("/dev/shm/vsdump")
GROUP = 4711
# setpriv still has root's capabilities when it runs a program, and could run any; env has none.
MEMBER = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--groups", str(GROUP), "env"]
STRANGER = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env"]
ROOT_WITHOUT_SYS_ADMIN = ["setpriv", "--bounding-set", "-sys_admin"]
NET_ADMIN = f"{1 << 12:016x}"
NO_CAPABILITY = "0" * 16


def setUpModule():
    load("vsock_loopback")
    shutil.copy("/usr/local/bin/vsdump", INSTALLED)
    os.chown(INSTALLED, 0, GROUP)
    INSTALLED.chmod(0o750)
    run("setcap", "cap_net_raw,cap_net_admin=ep", INSTALLED)


def tearDownModule():
    INSTALLED.unlink()


def keepers():
    """The processes that remove devices, with their status."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if text.startswith("Name:\tvsdump-keeper\n") and "State:\tZ" not in text:
            found[int(path.parent.name)] = dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))
    return found


class FileCapabilities(unittest.TestCase):
    def capture(self, *arguments):
        return Vsdump(*arguments, before=MEMBER, program=INSTALLED)

    def testMakeADeviceThatGoesAwayHoweverTheCaptureEnds(self):
        before = devices()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
            with self.subTest(signal=number.name), self.capture("--json") as capture:
                self.assertEqual(devices() - before, {"vsockmon0"})
                self.assertIn("made the device vsockmon0 (everybody here sees it; it goes away when the capture ends)", capture.stderr)
                status = capture.procStatus()
                for which in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    self.assertEqual(status[which], NO_CAPABILITY, which)
                self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
                (keeper,) = keepers().values()
                self.assertEqual((keeper["CapPrm"], keeper["CapEff"]), (NET_ADMIN, NET_ADMIN))
                self.assertEqual(keeper["Uid"].split(), [str(pwd.getpwnam("nobody").pw_uid)] * 4)
                traffic.hello(Log())
                if number == signal.SIGINT:
                    capture.end(number)
                    self.assertEqual(ops(capture.packets(), "rw"), 2)
                else:
                    capture.end(number)
                self.assertTrue(eventually(lambda: devices() == before and not keepers()))

    def testOfAStrangerToTheGroupAreNone(self):
        refused = subprocess.run([*STRANGER, INSTALLED], capture_output=True, text=True, check=False, timeout=PATIENCE)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Permission denied", refused.stderr)

    def testLeaveADeviceThatTheNextCaptureRemovesWhenAllIsKilled(self):
        before = devices()
        with self.capture() as capture:
            (keeper,) = keepers()
            os.kill(keeper, signal.SIGSTOP)
            capture.end(signal.SIGKILL)
            os.kill(keeper, signal.SIGKILL)
        self.assertTrue(eventually(lambda: not keepers()))
        self.assertEqual(devices() - before, {"vsockmon0"})
        self.assertIn(f"vsdump capture of process {capture.pid} ", run("vsdump", "devices"))
        with self.capture() as capture:
            self.assertIn("removed the device vsockmon0, which a capture that was killed had left behind", capture.stderr)
            capture.end()
        self.assertTrue(eventually(lambda: devices() == before))

    def testLeaveNoDeviceWhereverTheirStartIsCutOff(self):
        before = devices()
        for isAlone in (True, False):
            isUnderWay, made = False, 0
            for message in range(1, 30):
                # Killed as it is about to ask the kernel for the next thing; with -f the keeper, too.
                start = [*ROOT_WITHOUT_SYS_ADMIN, "strace", "-o/dev/null", *([] if isAlone else ["-f"]), "-e", "trace=sendmsg",
                         "-e", f"inject=sendmsg:signal=KILL:when={message}"]
                with self.subTest(message=message, isAlone=isAlone), Vsdump(before=start) as capture:
                    isUnderWay = capture.said("listening on")
                    if isUnderWay:
                        traced = Path(f"/proc/{capture.pid}/task/{capture.pid}/children").read_text().split()
                        os.kill(int(traced[0]), signal.SIGINT)
                    capture.wait()
                    self.assertTrue(eventually(lambda: not keepers()))
                    left = devices() - before
                    made += bool(left)
                    if left and not isAlone:
                        with self.capture() as following:
                            self.assertIn("which a capture that was killed had left behind", following.stderr)
                            following.end()
                    self.assertTrue(eventually(lambda: devices() == before))
                if isUnderWay:
                    break
            self.assertTrue(isUnderWay)
            self.assertEqual(made > 0, not isAlone)

    def testSayThatTheProcessWhichRemovesTheDeviceHasEnded(self):
        with self.capture() as capture:
            (keeper,) = keepers()
            os.kill(keeper, signal.SIGKILL)
            self.assertTrue(eventually(lambda: capture.said("the process that was to remove the device vsockmon0 has ended")))
            traffic.hello(Log())
            self.assertEqual(capture.end().status, 0)
            self.assertGreater(capture.counters().captured, 0)
        with Vsdump("-i", "vsockmon9") as capture:  # root's removes it as well
            self.assertIn("removed the device vsockmon0", capture.stderr)
        self.assertTrue(eventually(lambda: taps() == 0))

    def testOfTwoCapturesMakeTwoDevices(self):
        before = devices()
        with self.capture() as first, self.capture("--json") as second:
            self.assertEqual(devices() - before, {"vsockmon0", "vsockmon1"})
            first.end()
            self.assertTrue(eventually(lambda: devices() - before == {"vsockmon1"}))
            traffic.hello(Log())
            second.end()
            self.assertEqual(ops(second.packets(), "rw"), 2)
        self.assertTrue(eventually(lambda: devices() == before))

    def testUseADeviceThatIsUpAsItIs(self):
        with device("vsockmon0"), self.capture() as capture:
            self.assertIn("listening on vsockmon0,", capture.stderr)
            self.assertEqual(keepers(), {})
            capture.end()
