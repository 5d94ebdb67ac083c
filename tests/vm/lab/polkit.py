# SPDX-License-Identifier: GPL-2.0-or-later
"""polkit, as a desktop has it, and somebody who is asked for the password of root."""

import contextlib
import os
import pty
import shutil
import subprocess
import termios
from pathlib import Path

import dbus.bus

from lab.vsdump import eventually, run

SOCKET = Path("/run/dbus/system_bus_socket")
RULES = Path("/etc/polkit-1/rules.d")
PASSWORD = "only in this machine"
QUESTION = b"Password: "


class Polkit(contextlib.ExitStack):
    """polkitd on a system bus, with a policy file and root's password; gone at the end of the block.

    `process` is one of the user who is to ask."""

    def __init__(self, policy, process):
        super().__init__()
        self.process = process
        shutil.copy(policy, "/usr/share/polkit-1/actions")
        self.action = policy.stem
        # The system's own rules may be out of reach.
        run("mount", "-t", "tmpfs", "-o", "mode=755", "rules", RULES)
        self.callback(run, "umount", RULES)
        run("chpasswd", input=f"root:{PASSWORD}\n")
        SOCKET.parent.mkdir(exist_ok=True)
        self.callback(SOCKET.unlink, missing_ok=True)
        self._start("dbus-daemon", "--system", "--nofork", "--nopidfile")
        if not eventually(SOCKET.exists):
            raise RuntimeError("no system bus came")
        self._start("/usr/lib/polkit-1/polkitd", "--no-debug")
        bus = dbus.bus.BusConnection(f"unix:path={SOCKET}")
        self.callback(bus.close)
        if not eventually(lambda: bus.name_has_owner("org.freedesktop.PolicyKit1")):
            raise RuntimeError("no polkitd came")

    def _start(self, *command):
        process = self.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        self.callback(process.terminate)

    def answer(self, answer):
        """What polkit answers from now on: "YES", "NO", or "AUTH_ADMIN", as the policy file says."""
        rule = f'if (action.id == "{self.action}") return polkit.Result.{answer};'
        (RULES / "10-test.rules").write_text(f"polkit.addRule(function(action, subject) {{ {rule} }});\n")
        # pkcheck's exit statuses.
        expected = {"YES": 0, "NO": 1, "AUTH_ADMIN": 2}[answer]
        check = ["pkcheck", "--action-id", self.action, "--process", str(self.process)]
        if not eventually(lambda: subprocess.run(check, capture_output=True, check=False).returncode == expected):
            raise RuntimeError(f"polkit does not come to answer {answer}")


class Agent:
    """Asks for passwords on a terminal, for what one process of a desktop wants to do; ends with the block."""

    def __init__(self, desktop, process):
        self._terminal, inner = pty.openpty()
        self._process = desktop.start("setsid", "--ctty", "pkttyagent", "--process", process, stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)
        os.set_blocking(self._terminal, False)
        self._shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def waitForQuestion(self):
        """Until a password that is typed now is read."""
        if not eventually(self._isAsking):
            raise RuntimeError(f"nobody is asked: {self._shown}")
        self._shown = b""

    def _isAsking(self):
        with contextlib.suppress(BlockingIOError):
            self._shown += os.read(self._terminal, 4096)
        # What is typed before is thrown away.
        return QUESTION in self._shown and not termios.tcgetattr(self._terminal)[3] & termios.ECHO

    def answer(self, password):
        """To the question that comes."""
        self.waitForQuestion()
        os.write(self._terminal, password.encode() + b"\n")
