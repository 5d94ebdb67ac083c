# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the window's ways to capture with rights that its user has not."""

import contextlib
import os
import shutil
import tempfile
import unittest
from pathlib import Path

from lab import traffic
from lab.desktop import Desktop, Window
from lab.log import Log
from lab.pcap import readPcap
from lab.tap import load
from lab.vsdump import PATIENCE, Vsdump, device, eventually, run, settled, taps

BUILD = Path(os.environ["VSDUMP_BUILD"])
USER = "viewer"
OURS, SHOWN = Path("/tmp/ours.pcap"), Path("/tmp/shown.pcap")
NO_CAPABILITY = "0" * 16
PROGRAMS = ("vsdump", "vsdump-keeper", "pkexec", "ssh")


def processes(*names):
    """The processes of some names."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() in names:
                found.append(int(process.name))
    return found


def statusOf(process):
    """/proc/PID/status as a dictionary."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


class Capturing(unittest.TestCase):
    """What is the same whoever captures for vsdump-gui, which an ordinary user has.

    `rights` and `host` are what is chosen in the window, `capturer` is who captures."""

    rights, host, capturer = None, "", None

    @classmethod
    def setUpClass(cls):
        load("vsock_loopback")
        cls.home = Path(cls.enterClassContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        run("useradd", "--shell", "/bin/sh", "--no-create-home", "--home-dir", cls.home, USER)
        # Somebody that the session has started may still be at work.
        cls.addClassCleanup(run, "userdel", "--force", USER, check=False)
        shutil.chown(cls.home, USER, USER)
        # Beside the vsdump that it starts.
        shutil.copy(BUILD / "gui/vsdump-gui", "/usr/local/bin")
        os.chmod("/usr/local/bin/vsdump-gui", 0o755)
        cls.desktop = cls.enterClassContext(Desktop(USER, cls.home))

    def window(self):
        """A window, until the end of the test."""
        return self.enterContext(Window(self.desktop))

    def begin(self, window, device=""):
        """Starts a capture, and returns the process that captures."""
        others = processes("vsdump")
        window.capture(self.rights, device, self.host)
        self.assertTrue(window.shows("live: "), window.texts())
        (found,) = set(processes("vsdump")).difference(others)
        return found

    def assertNothingIsLeft(self):
        """No process, and no device."""
        self.assertTrue(eventually(lambda: not processes(*PROGRAMS)), run("ps", "axf"))
        self.assertTrue(eventually(lambda: taps() == 0))

    def testShowsThePacketsThatVsdumpShowsAndEndsWithTheWindow(self):
        window = self.window()
        saved = self.home / "saved.pcapng"
        with device(), Vsdump("-i", "vsockmon0", "-w", OURS, "--nano") as beside:
            self.assertHasNoRights(self.begin(window, "vsockmon0"))
            for scenario in (traffic.messages, traffic.refused, traffic.wrongType, traffic.halfClose, traffic.stall, traffic.many):
                scenario(Log())
            passed = settled("vsockmon0")
            self.assertTrue(window.shows(f"{passed:,} packets"), window.texts())
            self.assertRegex(" ".join(window.texts()), r"live: [\d,]+/s, 0 dropped")
            window.keys("ctrl+e")
            self.assertTrue(window.eventually(lambda: "live: " not in " ".join(window.texts())), window.texts())
            self.assertIn("0 dropped", window.texts())
            self.assertEqual(beside.end().counters(), (passed, passed, 0))
            window.save(saved)
            self.assertTrue(window.shows(f"Saved {passed:,} packets"), window.texts())
        run("vsdump", "-r", saved, "-w", SHOWN, "--nano")
        self.assertEqual([record.data for record in readPcap(SHOWN)], [record.data for record in readPcap(OURS)])
        self.assertNothingIsLeft()
        first = self.begin(window)
        window.keys("ctrl+r")
        self.assertTrue(eventually(lambda: len(found := processes("vsdump")) == 1 and first not in found))
        self.assertTrue(eventually(lambda: taps() == 1))
        window.keys("ctrl+q")
        self.assertEqual(window.process.wait(PATIENCE), 0)
        self.assertNothingIsLeft()

    def assertHasNoRights(self, process):
        """It runs as who asked for it, and may do nothing."""
        now = statusOf(process)
        self.assertEqual(now["Uid"].split(), [run("id", "-u", self.capturer).strip()] * 4)
        self.assertEqual((now["CapPrm"], now["CapEff"]), (NO_CAPABILITY, NO_CAPABILITY))
        self.assertEqual((now["NoNewPrivs"], now["Seccomp"]), ("1", "2"))
