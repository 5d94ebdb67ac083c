# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump-gui captures as administrator: through pkexec and polkit."""

import signal

from lab import capturing
from lab.polkit import PASSWORD, Agent, Polkit
from lab.vsdump import taps

REFUSED = "cannot capture with pkexec: it ended with exit code 127. It said:\nError executing command as another user: "


class AsAdministrator(capturing.Capturing):
    """polkit lets the user in, keeps the user out, or wants the password of root."""

    rights, capturer = 1, capturing.USER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.polkit = cls.enterClassContext(Polkit(capturing.BUILD / "gui/org.vsdump.capture.policy", cls.desktop.pid))

    def setUp(self):
        self.polkit.answer("YES")

    def testSaysWhyItMayNotAndEndsWhenTheWindowIsKilled(self):
        window = self.window()
        self.polkit.answer("NO")
        self.assertIn(REFUSED + "Not authorized", self.said(window))
        self.polkit.answer("AUTH_ADMIN")
        self.assertIn(REFUSED + "No authentication agent found.", self.said(window))
        with Agent(self.desktop, window.pid) as agent:
            window.capture(self.rights)
            agent.answer("wrong")
            self.assertIn(REFUSED + "Not authorized", window.message())
            self.assertNothingIsLeft()
            window.capture(self.rights)
            agent.waitForQuestion()
            window.keys("ctrl+e")
            self.assertTrue(window.shows("Stopped before the capture began."), window.texts())
            self.assertNothingIsLeft()
        # That agent still waits for an answer.
        with Agent(self.desktop, window.pid) as agent:
            window.capture(self.rights)
            agent.answer(PASSWORD)
            self.assertTrue(window.shows("live: "), window.texts())
            self.assertEqual(taps(), 1)
            window.process.send_signal(signal.SIGKILL)
            self.assertNothingIsLeft()

    def said(self, window):
        """What the window says when it is to capture."""
        window.capture(self.rights)
        return window.message()
