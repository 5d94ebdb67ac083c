# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's on a real kernel."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import devices, eventually, run, taps

GROUP = 4711
# setpriv still has root's capabilities when it runs a program; env has none.
MEMBER = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--groups", str(GROUP), "env"]


def setUpModule():
    load("vsock_loopback")


class Tshark(unittest.TestCase):
    def assertCaptures(self, *before):
        """tshark has what vsdump captures, and no device is left behind."""
        known = devices()
        command = [*before, "tshark", "-i", "vsockmon", "-f", "op rw", "-c", "2", "-l", "-T", "fields", "-e", "vsock.virtio.op"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as capture:
            self.assertTrue(eventually(lambda: taps() == 1 or capture.poll() is not None))
            # It listens a moment later.
            self.assertTrue(eventually(lambda: traffic.hello(Log()) or capture.poll() is not None))
            printed, said = capture.communicate(timeout=60)
        self.assertEqual(capture.returncode, 0, said)
        self.assertEqual(printed.split()[:2], ["5", "5"], said)
        self.assertTrue(eventually(lambda: taps() == 0), said)
        self.assertTrue(eventually(lambda: devices() == known), said)

    def testCapturesOnADeviceThatIsGoneWithTheCapture(self):
        link = Path("/usr/lib/x86_64-linux-gnu/wireshark/extcap/vsdump")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(shutil.which("vsdump"))
        self.assertCaptures()

    def testCapturesForAGroupByFileCapabilities(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            Path(folder).chmod(0o755)
            program = Path(folder, "vsdump")
            shutil.copy("/usr/local/bin/vsdump", program)
            os.chown(program, 0, GROUP)
            program.chmod(0o750)
            run("setcap", "cap_net_raw,cap_net_admin=ep", program)
            self.assertCaptures(*MEMBER, f"WIRESHARK_EXTCAP_DIR={folder}", "HOME=/tmp")
