# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's on another host, with OpenSSH's client and server between them."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from textwrap import dedent

from lab import tshark
from lab.tap import load
from lab.vsdump import eventually, run, taps

PORT = 2222
USERS = ("captor", "guest")
# setpriv still has root's capabilities when it runs a program; env has none.
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env", "HOME=/tmp"]


def setUpModule():
    load("vsock_loopback")


class OverSsh(unittest.TestCase):
    """Wireshark's user is nobody. There the user "captor" may capture and "guest" may not."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(dir="/dev/shm")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = folder = Path(scratch.name)
        folder.chmod(0o755)
        (folder / "here").mkdir()
        (folder / "here/vsdump").symlink_to(shutil.which("vsdump"))
        for user in USERS:
            run("useradd", "--shell", "/bin/sh", "--password", "*", "--home-dir", "/", user)
            cls.addClassCleanup(run, "userdel", user)
        for name in ("host", "user", "strange"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
            shutil.chown(folder / name, "root" if name == "host" else "nobody")
        (folder / "known").write_text(f"far {(folder / 'host.pub').read_text()}")
        (folder / "sshd_config").write_text(dedent(f"""
            ListenAddress 127.0.0.1:{PORT}
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/user.pub
            StrictModes no
            PidFile none
            """))
        Path("/etc/ssh/ssh_config.d/test.conf").write_text(dedent(f"""
            Host far strange new
                HostName 127.0.0.1
                Port {PORT}
                User captor
                UserKnownHostsFile {folder}/known
                IdentitiesOnly yes
            Host far strange
                HostKeyAlias far
            Host far
                IdentityFile {folder}/user
            Host strange
                IdentityFile {folder}/strange
            """))
        cls.program = folder / "vsdump"
        shutil.copy("/usr/local/bin/vsdump", cls.program)
        shutil.chown(cls.program, "root", "captor")
        cls.program.chmod(0o750)
        run("setcap", "cap_net_raw,cap_net_admin=ep", cls.program)
        server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        reach = [*NOBODY, "ssh", "-o", "BatchMode=yes", "-o", "LogLevel=quiet", "far", "true"]
        assert eventually(lambda: subprocess.run(reach, check=False).returncode == 0)

    def testCapturesThereOnADeviceThatIsGoneWithTheCapture(self):
        tshark.assertCaptures(self, "vsockmon-ssh", [*NOBODY, f"WIRESHARK_EXTCAP_DIR={self.folder}/here"],
                              ["-o", "extcap.vsockmon_ssh.remotehost:far", "-o", f"extcap.vsockmon_ssh.remotecommand:{self.program}"])

    def testSaysWhatIsMissing(self):
        trial = "ssh itself failed. It has to reach the host without a question: try \"ssh "
        for words, *sentences in (
            (["far", "--remote-port", "1"], "port 1: Connection refused", trial + "-p 1 -- far vsdump --version\""),
            (["203.0.113.1"], "port 22: Network is unreachable", trial),
            (["far.invalid"], "Could not resolve hostname far.invalid", trial),
            (["new"], "Host key verification failed.", trial),
            (["strange"], "captor@127.0.0.1: Permission denied", trial),
            (["far", "--remote-command", "/no/such"], "/no/such: not found", "it is set in the options of the interface"),
            (["far", "--remote-command", self.program, "--remote-username", "guest"], "vsdump: Permission denied"),
            (["far"], "Making a device for the capture needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW"),
        ):
            with self.subTest(words=words):
                done = subprocess.run([*NOBODY, "vsdump", "--capture", "--extcap-interface", "vsockmon-ssh", "--fifo", "/dev/null",
                                       "--remote-host", *words], capture_output=True, check=False, text=True, timeout=60)
                self.assertEqual(done.returncode, 2)
                for sentence in sentences:
                    self.assertIn(sentence, done.stderr)
        self.assertEqual(taps(), 0)
