#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs a build into an empty folder, looks for what users expect, and builds a program against it:
install_test.py BUILD_FOLDER."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve()
EXPECTED = [
    "bin/vsdump",
    "include/vsdump/dissector/wire/packet.h",
    "include/vsdump/capture/file/open.h",
    "share/doc/vsdump/README.md",
    "share/man/man1/vsdump.1",
    "share/bash-completion/completions/vsdump",
    "share/zsh/vendor-completions/_vsdump",
    "share/fish/vendor_completions.d/vsdump.fish",
]


def run(*command):
    """The standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{command} exits {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Install(unittest.TestCase):
    """One installation, looked at from several sides."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.prefix = Path(cls.scratch.name) / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def testEverythingIsWhereItBelongs(self):
        missing = [name for name in EXPECTED if not (self.prefix / name).is_file()]
        self.assertEqual(missing, [])
        for name in EXPECTED:
            self.assertGreater((self.prefix / name).stat().st_size, 0, name)

    def testThePluginIsWhereWiresharkLooksBelowThePrefix(self):
        if not list(BUILD.glob("wireshark-plugin/plugins/*/epan/vsdump.so")):
            self.skipTest("this build has no plugin")
        folder = run("pkg-config", "--variable=plugindir", "--define-variable=prefix=" + str(self.prefix), "wireshark").strip()
        self.assertTrue((Path(folder) / "epan/vsdump.so").is_file(), folder)
        program = Path(folder).parents[1] / "extcap/vsdump"
        self.assertEqual(program.resolve(), (self.prefix / "bin/vsdump").resolve())

    def testTheDesktopProgramComesWithWhatADesktopNeeds(self):
        if not (BUILD / "gui/vsdump-gui").exists():
            self.skipTest("this build has no desktop program")
        for name in (
            "bin/vsdump-gui",
            "share/applications/vsdump-gui.desktop",
            "share/icons/hicolor/scalable/apps/vsdump-gui.svg",
            "share/man/man1/vsdump-gui.1",
            "share/metainfo/org.vsdump.gui.metainfo.xml",
            "share/polkit-1/actions/org.vsdump.capture.policy",
        ):
            self.assertTrue((self.prefix / name).is_file(), name)

    def testTheInstalledProgramReadsASample(self):
        text = run(self.prefix / "bin/vsdump", "-r", ROOT / "samples/refused.pcap")
        self.assertEqual(len(text.splitlines()), 2)

    def testAProgramOutsideFindsTheLibraries(self):
        build = Path(self.scratch.name) / "consumer"
        # What the sanitizers of this build need, the program needs too.
        cache = (BUILD / "CMakeCache.txt").read_text()
        flags = next(line.partition("=")[2] for line in cache.splitlines() if line.startswith("CMAKE_CXX_FLAGS:"))
        run("cmake", "-S", ROOT / "tests/project/consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_FLAGS={flags}")
        run("cmake", "--build", build)
        self.assertEqual(run(build / "consumer", ROOT / "samples/refused.pcap"), "2\n")


if __name__ == "__main__":
    unittest.main()
