# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump-gui captures on another host, through OpenSSH's client and server."""

import os
import signal

from lab import capturing
from lab.ssh import OtherHost


class OverSsh(capturing.Capturing):
    """There the user "captor" may capture."""

    rights, host, capturer = 2, "far", "captor"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(OtherHost(capturing.USER))

    def testSaysWhatIsMissingAndEndsWhenTheWindowIsKilled(self):
        window = self.window()
        for host, sentence in (
            ("far.invalid", "ssh: Could not resolve hostname far.invalid: "),
            ("-oProxyCommand=touch /tmp/made", "hostname contains invalid characters"),
            ("new", "\nHost key verification failed."),
            ("strange", "\ncaptor@127.0.0.1: Permission denied ("),
            ("bare@far", "vsdump: not found"),
            ("guest@far", "\nvsdump: cannot make a private network namespace: Operation not permitted. Making a device"),
        ):
            with self.subTest(host=host):
                window.capture(self.rights, host=host)
                self.assertIn(sentence, window.message())
        self.assertNothingIsLeft()
        # Both ends go on without each other.
        shell = int(capturing.statusOf(self.begin(window))["PPid"])
        os.kill(int(capturing.statusOf(shell)["PPid"]), signal.SIGKILL)
        self.assertTrue(window.message().endswith("\nConnection to 127.0.0.1 closed by remote host."))
        self.assertNothingIsLeft()
        self.begin(window)
        window.process.send_signal(signal.SIGKILL)
        self.assertNothingIsLeft()
