# SPDX-License-Identifier: GPL-2.0-or-later
"""Another host, as OpenSSH's client and server make one of this machine."""

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from textwrap import dedent

from lab.vsdump import eventually, run

PORT = 2222
# Of the users there only the first may capture; the last has no vsdump.
USERS = ("captor", "guest", "bare")


class OtherHost(contextlib.ExitStack):
    """An ssh server and what `user` here knows of it; gone at the end of the block.

    Hosts: "far", whose key is known, "new", whose key is not, and "strange", where the user has another key."""

    def __init__(self, user):
        super().__init__()
        self.folder = folder = Path(self.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm")))
        folder.chmod(0o755)
        for name in USERS:
            run("useradd", "--shell", "/bin/sh", "--password", "*", "--home-dir", "/", name)
            self.callback(run, "userdel", name)
        for name in ("host", "user", "strange"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
            shutil.chown(folder / name, "root" if name == "host" else user)
        (folder / "known").write_text(f"far {(folder / 'host.pub').read_text()}")
        (folder / "bin").mkdir()
        self.program = folder / "bin/vsdump"
        shutil.copy("/usr/local/bin/vsdump", self.program)
        shutil.chown(self.program, "root", "captor")
        self.program.chmod(0o750)
        run("setcap", "cap_net_raw,cap_net_admin=ep", self.program)
        (folder / "sshd_config").write_text(dedent(f"""
            ListenAddress 127.0.0.1:{PORT}
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/user.pub
            StrictModes no
            PidFile none
            Match User captor
                SetEnv PATH={folder}/bin:/usr/bin:/bin
            Match User bare
                SetEnv PATH=/usr/bin:/bin
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
        self.server = self.enter_context(
            subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL))
        self.callback(self.server.terminate)
        reach = ["setpriv", "--reuid", user, "env", "HOME=/tmp", "ssh", "-o", "BatchMode=yes", "-o", "LogLevel=quiet", "far", "true"]
        if not eventually(lambda: subprocess.run(reach, check=False).returncode == 0):
            raise RuntimeError("the ssh server lets nobody in")
