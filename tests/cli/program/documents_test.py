# SPDX-License-Identifier: GPL-2.0-or-later
"""The man page and the completions, through the programs that read them.

    documents_test.py VSDUMP
"""
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time
import unittest

VSDUMP = os.path.realpath(sys.argv.pop())
PATIENCE = 60  # seconds; a busy machine is slow


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
        for typed, expected in (("--js", "--json"), ("--color al", "always"), ("--list-p", "--list-ports"),
                                ("-r x op credit_r", "credit_request"), ("port 5 an", "and"),
                                ("connections state refu", "refused"), ("devices ad", "add")):
            done = self.run_program("bash", "-c", ask, "bash", typed)
            self.assertEqual(done.stdout.split(), [expected], done.stderr)

    def test_zsh_reads_its_script(self):
        script = self.file("_vsdump", printed("--print-completion=zsh"))
        done = self.run_program("zsh", "-fn", script)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_fish_completes(self):
        script = self.file("vsdump.fish", printed("--print-completion=fish"))
        for typed, expected in (("--js", "--json"), ("--color=al", "--color=always"),
                                ("--list-po", "--list-ports"), ("op credit_r", "credit_request"),
                                ("connections state refu", "refused")):
            done = self.run_program("fish", "-c", f"source {script}; complete -C 'vsdump {typed}'")
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], [expected])

    def test_no_shell_knows_what_is_refused(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertNotIn("list-remote-interfaces", printed(f"--print-completion={shell}"))

    def typed_in(self, shell, set_up, keys, expected):
        """Types keys into a shell on a terminal, once it is set up, until it shows what is expected."""
        master, slave = pty.openpty()
        path = f"{os.path.dirname(VSDUMP)}:{os.environ['PATH']}"
        with subprocess.Popen(["setsid", "--ctty", *shell], stdin=slave, stdout=slave, stderr=slave, cwd=self.folder,
                              env={"PATH": path, "HOME": str(self.folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}) as process:
            os.close(slave)
            try:
                # The echo of the line has the quotes, what it prints has not.
                os.write(master, (set_up + "; echo set-'up'\n").encode())
                shown = self.read_until(master, "set-up")
                self.assertIn("set-up", shown)
                os.write(master, keys.encode())
                return self.read_until(master, expected)
            finally:
                process.kill()
                os.close(master)

    def read_until(self, master, expected):
        shown, end = "", time.monotonic() + PATIENCE
        while expected not in shown and time.monotonic() < end:
            if select.select([master], [], [], 1)[0]:
                shown += os.read(master, 65536).decode(errors="replace")
        return shown

    def test_tab_completes_in_each_shell_on_a_terminal(self):
        script = {shell: self.file(name, printed(f"--print-completion={shell}"))
                  for shell, name in (("bash", "vsdump.bash"), ("zsh", "_vsdump"), ("fish", "vsdump.fish"))}
        shells = (
            (["bash", "--norc", "-i"], f". /usr/share/bash-completion/bash_completion; . {script['bash']}"),
            (["zsh", "-f", "-i"], f"fpath=({self.folder} $fpath); autoload -U compinit; compinit -u -D"),
            (["fish", "-N", "-i"], f"source {script['fish']}"),
        )
        for shell, set_up in shells:
            with self.subTest(shell[0]):
                self.assertIn("--list-ports", self.typed_in(shell, set_up, "vsdump --list-p\t", "--list-ports"))
                self.assertIn("credit_request",
                              self.typed_in(shell, set_up, "vsdump op credit_r\t", "credit_request"))


if __name__ == "__main__":
    unittest.main()
