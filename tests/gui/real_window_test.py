#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives the program in a real window with a mouse and a keyboard: real_window_test.py VSDUMP_GUI.

The window stands on a screen of its own (Xvfb); xdotool presses keys and buttons as a person does. What is shown is
read from the diagrams that the window exports."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PROGRAM = Path(sys.argv.pop(1)).resolve()
PATIENCE = 30  # seconds


def wait_for(what, probe):
    """What the probe gives, once it gives anything."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := probe():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing came of: {what}")


class RealWindow(unittest.TestCase):
    """One window, used from its beginning to its end."""

    def setUp(self):
        self.program_file = PROGRAM
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory()))
        server = self.start("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", stdout=subprocess.PIPE)
        self.environment = {
            **os.environ,
            "DISPLAY": ":" + server.stdout.readline().decode().strip(),
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1",
            "XDG_CONFIG_HOME": str(self.scratch / "config"),
            "LC_ALL": "C.UTF-8",
        }

    def open(self, title, *words):
        """Starts the program and waits for its window."""
        self.program = self.start(self.program_file, "-Z", "root", *words, env=self.environment, cwd=self.scratch)
        self.window = self.turn_to(title)
        self.x("windowsize", "--sync", self.window, "1280", "800")

    def turn_to(self, title):
        """Waits for a window that is shown, as no other can take keys, and has it take them."""
        window = wait_for(f"a window {title}", lambda: self.x("search", "--onlyvisible", "--name", title))
        self.x("windowfocus", "--sync", window)
        return window

    def enterContext(self, context):
        """As Python 3.11's own."""
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def start(self, *command, **options):
        """A process that ends with the test."""
        process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL, **options)

        def end():
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

        self.addCleanup(end)
        return process

    def x(self, *words):
        """What xdotool prints."""
        done = subprocess.run(["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()

    def keys(self, *names):
        """Presses keys, one after the other."""
        self.x("key", "--delay", "20", *names)

    def diagram(self, name):
        """The diagram that is shown, as the window's export writes it."""
        path = self.scratch / name
        path.unlink(missing_ok=True)  # nobody is asked whether it may be replaced
        wait_for("an exported diagram", lambda: self.exports(path))
        return path.read_bytes()

    def exports(self, path):
        """Whether the export wrote the file: the dialog changes what is typed while it still reads its folder."""
        self.keys("ctrl+1", "ctrl+shift+e")
        self.turn_to("^Export diagram$")
        self.keys("ctrl+a")
        self.x("type", "--delay", "5", path.name)
        self.keys("Return")
        patient_until = time.monotonic() + 2
        while not (written := path.exists() and path.stat().st_size > 0) and time.monotonic() < patient_until:
            time.sleep(0.05)
        while left := self.x("search", "--onlyvisible", "--name", "^Export diagram$"):
            self.x("windowfocus", "--sync", left)
            self.keys("Escape")
        self.x("windowfocus", "--sync", self.window)
        return written

    def test_is_driven_by_keys_and_mouse(self):
        """A filter, clicks, each view, a picture, and the end."""
        self.open("parallel.pcap - vsdump", SAMPLES / "parallel.pcap")
        everything = self.diagram("all.svg")
        self.assertIn(b"#0 REQUEST", everything)
        self.assertIn(b"#2 RW", everything)

        self.keys("ctrl+slash")
        self.x("type", "--delay", "5", "op request")
        self.keys("Return")
        filtered = wait_for("a filtered diagram", lambda: self.unless(b"RW", self.diagram("filtered.svg")))
        self.assertIn(b"#3 REQUEST", filtered)
        self.keys("ctrl+slash", "ctrl+a", "BackSpace", "Return")

        self.x("mousemove", "--window", self.window, "230", "103", "click", "1")
        one = wait_for("one connection's diagram", lambda: self.unless(b"#0 ", self.diagram("one.svg")))
        self.assertIn(b"CREDIT_UPDATE", one)

        # The last connection comes first when the order is turned round.
        self.x("mousemove", "--window", self.window, "20", "61", "click", "1")
        self.x("mousemove", "--window", self.window, "230", "83", "click", "1")
        last = wait_for("the last connection's diagram", lambda: self.having(b"local:2272936167", self.diagram("last.svg")))
        self.assertNotIn(b"local:2272936164", last)

        self.keys("ctrl+shift+t")
        wait_for("a break where it was quiet", lambda: self.having(b" quiet<", self.diagram("scale.svg")))

        for view in range(2, 6):
            self.keys(f"ctrl+{view}", "Tab", "Down", "ctrl+c")
        self.assertTrue(self.diagram("picture.png").startswith(b"\x89PNG"))
        self.keys("F1")
        self.turn_to("^Help$")
        self.keys("Escape")
        self.x("windowfocus", "--sync", self.window)
        self.keys("ctrl+q")
        self.assertEqual(self.program.wait(PATIENCE), 0)

    def test_shows_what_is_captured(self):
        """A child plays a recording in its own time; the window is closed while it has more."""
        # The program takes the vsdump that lies beside it.
        (self.scratch / "vsdump").symlink_to(Path(__file__).resolve().parent / "support/vsdump")
        self.program_file = shutil.copy(PROGRAM, self.scratch)
        self.environment["VSDUMP_DEED"] = f"play {SAMPLES / 'credit-stall.pcap'}"
        self.open("^vsdump$")
        self.keys("ctrl+k")
        self.turn_to("^Capture$")
        self.keys("alt+c", "Home", "Return")  # with the rights of its own
        wait_for("a capture", lambda: self.x("search", "--name", "^capture - vsdump$"))
        self.x("windowfocus", "--sync", self.window)
        first = wait_for("packets", lambda: self.having(b"RW 16384", self.diagram("first.svg")))
        self.assertNotIn(b"SHUTDOWN", first)  # two seconds later
        wait_for("those that came later", lambda: self.having(b"SHUTDOWN", self.diagram("later.svg")))
        self.keys("ctrl+q")
        self.turn_to("^vsdump$")  # the question whether to keep what was captured
        self.keys("Tab", "space")  # discard
        self.assertEqual(self.program.wait(PATIENCE), 0)

    @staticmethod
    def having(wanted, text):
        """The text, if it has something."""
        return text if wanted in text else None

    @staticmethod
    def unless(unwanted, text):
        """The text, if it lacks something."""
        return None if unwanted in text else text


if __name__ == "__main__":
    unittest.main()
