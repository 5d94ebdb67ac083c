#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives the program in a real window with a mouse and a keyboard: real_window_test.py VSDUMP_GUI.

The window stands on a screen of its own (Xvfb); xdotool presses keys and buttons as a person does. What is shown is
read from the diagrams that the window exports."""

import os
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
        self.program = self.start(PROGRAM, SAMPLES / "parallel.pcap", env=self.environment)
        self.window = wait_for("a window with the file", lambda: self.x("search", "--name", "parallel.pcap - vsdump"))
        self.x("windowsize", "--sync", self.window, "1280", "800")
        self.x("windowfocus", "--sync", self.window)

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
        self.keys("ctrl+1", "ctrl+shift+e")
        dialog = wait_for("a dialog", lambda: self.x("search", "--name", "Export diagram"))
        self.x("windowfocus", "--sync", dialog)
        self.keys("ctrl+a")
        self.x("type", "--delay", "5", path)
        self.keys("Return")
        wait_for("an exported diagram", lambda: path.exists() and path.stat().st_size > 0)
        self.x("windowfocus", "--sync", self.window)
        return path.read_bytes()

    def test_is_driven_by_keys_and_mouse(self):
        """A filter, a click, each view, a picture, and the end."""
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

        for view in range(2, 6):
            self.keys(f"ctrl+{view}", "Tab", "Down", "ctrl+c")
        self.assertTrue(self.diagram("picture.png").startswith(b"\x89PNG"))
        self.keys("F1")
        wait_for("the help page", lambda: self.x("search", "--name", "^Help$"))
        self.x("windowfocus", "--sync", self.x("search", "--name", "^Help$"))
        self.keys("Escape")
        self.x("windowfocus", "--sync", self.window)
        self.keys("ctrl+q")
        self.assertEqual(self.program.wait(PATIENCE), 0)

    @staticmethod
    def unless(unwanted, text):
        """The text, if it lacks something."""
        return None if unwanted in text else text


if __name__ == "__main__":
    unittest.main()
