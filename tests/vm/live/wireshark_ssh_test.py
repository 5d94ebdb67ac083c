# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's on another host, with OpenSSH's client and server between them."""

import shutil
import subprocess
import unittest

from lab import tshark
from lab.ssh import OtherHost
from lab.tap import load
from lab.vsdump import taps

# setpriv still has root's capabilities when it runs a program; env has none.
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env", "HOME=/tmp"]


def setUpModule():
    load("vsock_loopback")


class OverSsh(unittest.TestCase):
    """Wireshark's user is nobody."""

    @classmethod
    def setUpClass(cls):
        cls.other = cls.enterClassContext(OtherHost("nobody"))
        cls.here = cls.other.folder / "here"
        cls.here.mkdir()
        (cls.here / "vsdump").symlink_to(shutil.which("vsdump"))

    def testCapturesThereOnADeviceThatIsGoneWithTheCapture(self):
        tshark.assertCaptures(self, "vsockmon-ssh", [*NOBODY, f"WIRESHARK_EXTCAP_DIR={self.here}"],
                              ["-o", "extcap.vsockmon_ssh.remotehost:far", "-o", f"extcap.vsockmon_ssh.remotecommand:{self.other.program}"])

    def testSaysWhatIsMissing(self):
        trial = "ssh itself failed. It has to reach the host without a question: try \"ssh "
        for words, *sentences in (
            (["far", "--remote-port", "1"], "port 1: Connection refused", trial + "-p 1 -- far vsdump --version\""),
            (["203.0.113.1"], "port 22: Network is unreachable", trial),
            (["far.invalid"], "Could not resolve hostname far.invalid", trial),
            (["new"], "Host key verification failed.", trial),
            (["strange"], "captor@127.0.0.1: Permission denied", trial),
            (["far", "--remote-command", "/no/such"], "/no/such: not found", "it is set in the options of the interface"),
            (["far", "--remote-command", self.other.program, "--remote-username", "guest"], "vsdump: Permission denied"),
            (["guest@far"], "Making a device for the capture needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW"),
        ):
            with self.subTest(words=words):
                done = subprocess.run([*NOBODY, "vsdump", "--capture", "--extcap-interface", "vsockmon-ssh", "--fifo", "/dev/null",
                                       "--remote-host", *words], capture_output=True, check=False, text=True, timeout=60)
                self.assertEqual(done.returncode, 2)
                for sentence in sentences:
                    self.assertIn(sentence, done.stderr)
        self.assertEqual(taps(), 0)
