# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's on a real kernel."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from lab import tshark
from lab.tap import load
from lab.vsdump import run

GROUP = 4711
# setpriv still has root's capabilities when it runs a program; env has none.
MEMBER = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--groups", str(GROUP), "env"]


def setUpModule():
    load("vsock_loopback")


class Tshark(unittest.TestCase):
    def assertCaptures(self, *before):
        tshark.assertCaptures(self, "vsockmon", before)

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
