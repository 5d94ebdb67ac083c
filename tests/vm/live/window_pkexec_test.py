# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump-gui captures as administrator: through pkexec and polkit."""

import os
import signal
import subprocess

from lab import capturing
from lab.desktop import Window
from lab.polkit import PASSWORD, Agent, Polkit
from lab.vsdump import PATIENCE, eventually, run, taps

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

    def testIsOfWhoHasCalledSudo(self):
        window = self.enterContext(Window(self.desktop, sudo=True))
        self.assertIsOfUser(window.pid)
        self.assertHasNoRights(self.begin(window))
        window.keys("ctrl+q")
        self.assertEqual(window.process.wait(PATIENCE), 0)
        self.assertNothingIsLeft()
        kept = [path for path in self.home.rglob("*") if path.name == "vsdump-gui.conf"]
        self.assertEqual([path.owner() for path in kept], [capturing.USER])

    def testIsOfTheUserThatRootNames(self):
        named = self.desktop.start("vsdump-gui", "-Z", capturing.USER, sudo=True)
        self.addCleanup(named.kill)
        number = run("id", "-u", capturing.USER).strip()
        self.assertTrue(eventually(lambda: number in capturing.statusOf(named.pid)["Uid"].split()))
        self.assertIsOfUser(named.pid)

    def testIsNotRootsUnlessRootSaysSo(self):
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_UID")} | {"QT_QPA_PLATFORM": "offscreen"}
        refused = subprocess.run(["vsdump-gui"], env=environment, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("cannot give up root's rights: nobody has called it by sudo or pkexec. Start it as the user", refused.stderr)
        roots = subprocess.Popen(["vsdump-gui", "-Z", "root"], env=environment, stderr=subprocess.DEVNULL)
        self.addCleanup(roots.wait)
        self.addCleanup(roots.kill)
        self.assertFalse(eventually(lambda: roots.poll() is not None, seconds=3))
        self.assertEqual(capturing.statusOf(roots.pid)["Uid"].split(), ["0"] * 4)

    def assertIsOfUser(self, process):
        """It is the user's, with the user's groups, and has no capability."""
        now = capturing.statusOf(process)
        number = run("id", "-u", capturing.USER).strip()
        self.assertEqual((now["Uid"].split(), now["Gid"].split(), now["Groups"].split()), ([number] * 4, [number] * 4, [number]))
        self.assertEqual((now["CapPrm"], now["CapEff"]), (capturing.NO_CAPABILITY, capturing.NO_CAPABILITY))

    def said(self, window):
        """What the window says when it is to capture."""
        window.capture(self.rights)
        return window.message()
