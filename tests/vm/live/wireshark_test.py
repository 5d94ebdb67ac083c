# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's on a real kernel."""

import shutil
import subprocess
import unittest
from pathlib import Path

from lab import traffic
from lab.log import Log
from lab.tap import load
from lab.vsdump import devices, eventually, taps


def setUpModule():
    load("vsock_loopback")


class Tshark(unittest.TestCase):
    def testCapturesOnADeviceThatIsGoneWithTheCapture(self):
        link = Path("/usr/lib/x86_64-linux-gnu/wireshark/extcap/vsdump")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(shutil.which("vsdump"))
        before = devices()
        command = ["tshark", "-i", "vsockmon", "-f", "op rw", "-c", "2", "-l", "-T", "fields", "-e", "vsock.virtio.op"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as capture:
            self.assertTrue(eventually(lambda: taps() == 1 or capture.poll() is not None))
            # It listens a moment later.
            self.assertTrue(eventually(lambda: traffic.hello(Log()) or capture.poll() is not None))
            printed, said = capture.communicate(timeout=60)
        self.assertEqual(capture.returncode, 0, said)
        self.assertEqual(printed.split()[:2], ["5", "5"], said)
        self.assertTrue(eventually(lambda: taps() == 0), said)
        self.assertEqual(devices(), before)
