# SPDX-License-Identifier: GPL-2.0-or-later
"""The man page and the completions, through the programs that read them.

    documents_test.py VSDUMP
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

VSDUMP = os.path.realpath(sys.argv.pop())


def printed(*words):
    return subprocess.run([VSDUMP, *words], stdout=subprocess.PIPE, check=True).stdout.decode()


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run_program(self, *words):
        path = f"{os.path.dirname(VSDUMP)}:{os.environ['PATH']}"
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, cwd=self.folder, check=False,
                              env={**os.environ, "PATH": path, "HOME": str(self.folder)})

    def test_man_has_nothing_against_the_page(self):
        page = self.file("vsdump.1", printed("--print-man-page=vsdump.1"))
        done = self.run_program("man", "--warnings", "-l", page)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--list-ports", done.stdout)
        done = self.run_program("mandoc", "-T", "lint", "-W", "warning", page)
        # The page has no date, so that the same sources give the same page.
        self.assertEqual([line for line in done.stdout.splitlines() if "missing date" not in line],
                         [])

    def test_bash_completes(self):
        script = self.file("vsdump.bash", printed("--print-completion=bash"))
        # What readline does on TAB, told by the functions that it calls.
        ask = (". /usr/share/bash-completion/bash_completion; . " + script + "; "
               "COMP_WORDS=(vsdump $1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
               "COMP_LINE=\"vsdump $1\"; COMP_POINT=${#COMP_LINE}; "
               "_vsdump vsdump \"${COMP_WORDS[-1]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"")
        for typed, expected in (("--js", "--json"), ("--color al", "always"), ("--list-p", "--list-ports")):
            done = self.run_program("bash", "-c", ask, "bash", typed)
            self.assertEqual(done.stdout.split(), [expected], done.stderr)

    def test_zsh_reads_its_script(self):
        script = self.file("_vsdump", printed("--print-completion=zsh"))
        done = self.run_program("zsh", "-fn", script)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_fish_completes(self):
        script = self.file("vsdump.fish", printed("--print-completion=fish"))
        for typed, expected in (("--js", "--json"), ("--color=al", "--color=always"),
                                ("--list-po", "--list-ports")):
            done = self.run_program("fish", "-c", f"source {script}; complete -C 'vsdump {typed}'")
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], [expected])


if __name__ == "__main__":
    unittest.main()
