# SPDX-License-Identifier: GPL-2.0-or-later
"""The program from outside: exit codes, streams, signals, terminals.

    program_test.py VSDUMP
"""
import fcntl
import os
import pathlib
import pty
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

VSDUMP = os.path.realpath(sys.argv.pop())
SAMPLE = str(pathlib.Path(__file__).parents[3] / "samples/python-hello.pcap")
PATIENCE = 120  # seconds; a busy machine is slow


def run(*words, stdin=subprocess.DEVNULL, **named):
    return subprocess.run([VSDUMP, *words], stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False, **named)


def environment(**changes):
    """The tests' environment with some variables set, and those that are None taken out."""
    merged = {**os.environ, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def on_terminal(words, stdout=True, **changes):
    """Runs vsdump with a terminal as standard error, and as standard output too if wanted.
    Returns what the terminal got."""
    master, slave = pty.openpty()
    with subprocess.Popen([VSDUMP, *words], stdin=subprocess.DEVNULL, stderr=slave,
                          stdout=slave if stdout else subprocess.DEVNULL,
                          env=environment(**changes)) as process:
        os.close(slave)
        text = read_terminal(master)
        process.wait(PATIENCE)
    return text


def read_terminal(master):
    text = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:
            break
        if not block:
            break
        text += block
    os.close(master)
    return text.decode()


def seccomp_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(line.split()[1] for line in status.splitlines() if line.startswith("Seccomp:"))


def catches(pid, number):
    """Whether a process handles this signal."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return int(mask, 16) >> (number - 1) & 1 == 1


def unread(pipe):
    """How many bytes nobody has read yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def header(link_type=271):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)


def sample_records():
    return pathlib.Path(SAMPLE).read_bytes()[24:]


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, content, name="file"):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def refused(self, *words, says, **named):
        done = run(*words, **named)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertTrue(done.stderr.startswith(("vsdump: ", "reading from ")), done.stderr)
        return done


class ExitCodes(ProgramTest):
    def test_a_file_is_done(self):
        done = run("-r", SAMPLE)
        self.assertEqual(done.returncode, 0)
        self.assertIn("REQUEST", done.stdout)

    def test_a_file_without_packets_is_done(self):
        done = run("-r", self.file(header()))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_a_damaged_file_is_an_error_after_its_packets(self):
        done = run("-r", self.file(header() + sample_records()[:-1]))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stdout.splitlines()), len(run("-r", SAMPLE).stdout.splitlines()) - 1)

    def damaged(self):
        """Packets, what is none, and packets again."""
        return header() + sample_records() + b"no packet" * 10 + 3 * sample_records()

    def test_damage_is_an_error_whatever_ends_the_reading(self):
        file, sound = self.file(self.damaged()), self.file(header() + 4 * sample_records(), "sound")
        number = len(run("-r", SAMPLE).stdout.splitlines()) + 1
        for words in ([], ["-q"], ["--json"], ["--count"], ["-w", "/dev/null"]):
            for count in ([], ["-c", str(number)]):
                self.assertEqual(run("-r", sound, *words, *count).returncode, 0, words + count)
                done = run("-r", file, *words, *count)
                self.assertEqual(done.returncode, 2, words + count)
                self.assertIn("skipped", done.stderr)

    def test_damage_is_an_error_in_every_command(self):
        file, sound = self.file(self.damaged()), self.file(header() + 4 * sample_records(), "sound")
        for words, code in ((["connections"], 0), (["report"], 0), (["stats"], 0), (["messages"], 0),
                            (["follow", "0"], 0), (["follow", "99"], 1), (["follow", "99", "--messages"], 1)):
            self.assertEqual(run(*words, "-r", sound).returncode, code, words)
            self.assertEqual(run(*words, "-r", file).returncode, 2, words)

    def test_refusals_name_what_is_wrong_and_what_to_do(self):
        self.refused("--jsom", says="Did you mean --json?")
        self.refused("-r", "/nowhere/file", says="/nowhere/file")
        self.refused("-r", str(self.folder), says="irectory")
        self.refused("-r", self.file(b"some words\n" * 20), says="pcap")
        self.refused("-r", self.file(b""), says="empty")
        self.refused("-r", self.file(header(1) + sample_records()), says="EN10MB")
        self.refused("-c", "0", "-r", SAMPLE, says='-c: "0" is not a whole number from 1')

    def test_an_unreadable_file(self):
        secret = self.file(header())
        os.chmod(secret, 0)
        os.chmod(self.folder, 0o755)
        # The file is opened before the rights are given up, so root must be somebody else from
        # the start, and needs a program that this user reaches.
        program = shutil.copy(VSDUMP, self.folder / "vsdump")
        user = {"user": "nobody"} if os.geteuid() == 0 else {}
        done = subprocess.run([program, "-r", secret], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, **user)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Permission denied", done.stderr)

    def test_names_of_files_and_namespaces_do_not_reach_the_terminal_raw(self):
        name = "a\x1b[31m\nb"
        self.refused("-r", name, says="a\\x1b[31m\\nb")
        shutil.copy(SAMPLE, self.folder / name)
        done = run("-c1", "-r", str(self.folder / name))
        self.assertIn("a\\x1b[31m\\nb, link-type", done.stderr)
        whole = pathlib.Path(SAMPLE).read_bytes()
        cut = self.file(whole[:-1], name)
        self.assertIn("a\\x1b[31m\\nb: cut short", run("-r", cut).stderr)

    def test_a_list_of_the_devices_of_no_namespace(self):
        self.refused("-D", "--netns", "/nonexistent", says="network namespace /nonexistent")

    def test_filters_that_mean_nothing_on_vsock(self):
        for words in (("tcp",), ("ether", "host", "1:2:3:4:5:6"), ("vlan", "1"), ("inbound",), ("ifindex", "1")):
            self.refused("-r", SAMPLE, *words, says="cannot read the filter")

    def test_filters_take_the_names_of_the_ports_file(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/vsdump")
            pathlib.Path(folder, "vsdump/ports").write_text("my-echo 1234\n", encoding="ascii")
            named = run("-r", SAMPLE, "port", "my-echo", env=environment(XDG_CONFIG_HOME=folder))
        self.assertEqual(named.returncode, 0, named.stderr)
        # What the user has named is no guess.
        self.assertEqual(named.stdout.replace(" my-echo ", " vsock-test? "), run("-r", SAMPLE, "port", "1234").stdout)
        self.refused("-r", SAMPLE, "port", "my-echo", says="cannot read the filter")

    def test_filters_of_libpcap(self):
        total = len(run("-r", SAMPLE).stdout.splitlines())
        small = len(run("-r", SAMPLE, "less", "76").stdout.splitlines())
        large = len(run("-r", SAMPLE, "greater", "77").stdout.splitlines())
        self.assertEqual(small + large, total)
        self.assertGreater(large, 0)
        self.assertEqual(len(run("-r", SAMPLE, "len", ">", "76").stdout.splitlines()), large)
        self.assertEqual(len(run("-r", SAMPLE, "link[62:2]", "=", "0x0500").stdout.splitlines()), large)


class Options(ProgramTest):
    def lines(self, *words):
        done = run("-r", SAMPLE, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_count_skip_and_sampling(self):
        everything = self.lines()
        self.assertGreater(len(everything), 5)
        self.assertEqual(self.lines("-c2"), everything[:2])
        self.assertEqual(self.lines("--skip=2"), everything[2:])
        self.assertEqual(self.lines("--skip=1", "-c2"), everything[1:3])
        self.assertEqual(self.lines("--print-sampling=2"), everything[1::2])
        self.assertEqual(self.lines("--count"), [f"{len(everything)} packets"])
        self.assertEqual(self.lines("--count", "-c1"), ["1 packet"])

    def test_numbers_are_those_of_the_capture(self):
        numbered = self.lines("-#", "greater", "77")
        self.assertEqual(numbered[0].split()[0], run("--json", "-r", SAMPLE, "greater", "77")
                         .stdout.split('"number":')[1].split(",")[0])
        self.assertEqual(self.lines("-q#", "greater", "77")[0][:7], "    1  ")

    def test_lengths(self):
        self.assertTrue(self.lines("--lengths")[0].startswith("caplen 76 len 76 "))

    def test_list_of_files_and_filter_file(self):
        names = self.file(f"{SAMPLE}\n{SAMPLE}\n".encode(), "list")
        self.assertEqual(run("-q", "-V", names).stdout.splitlines(), self.lines("-q") * 2)
        # One after the other are one capture: the second file's connection is the second one.
        self.assertIn("#1 vsock-test? local -> local REQUEST", run("-V", names).stdout)
        words = self.file(b"greater 77 # with payload\n", "filter")
        self.assertEqual(self.lines("-F", words), self.lines("greater", "77"))

    def test_writes_what_it_reads(self):
        copy = str(self.folder / "copy")
        self.assertEqual(self.lines("-Z", "root", "-w", copy), [])
        self.assertEqual(run("-r", copy).stdout.splitlines(), self.lines())
        self.assertEqual(self.lines("-q", "-Z", "root", "-w", copy, "--print"), self.lines("-q"))
        # Connections are not followed beside -w.
        self.assertIn(": REQUEST", self.lines("-Z", "root", "-w", copy, "--print")[0])

    def test_reads_standard_input(self):
        with open(SAMPLE, "rb") as sample:
            self.assertEqual(run("-r", "-", stdin=sample).stdout.splitlines(), self.lines())

    def test_ports_of_a_pipe_are_left_out(self):
        folder = self.folder / "vsdump"
        folder.mkdir()
        os.mkfifo(folder / "ports")
        done = run("--list-ports", env=environment(XDG_CONFIG_HOME=str(self.folder)))
        self.assertEqual(done.returncode, 0)
        self.assertIn("ports is left out: it is a pipe", done.stderr)

    def test_ports_of_the_user(self):
        folder = self.folder / "vsdump"
        folder.mkdir()
        (folder / "ports").write_text("mine 4711/seqpacket guest # our service\nhalf\n")
        done = run("--list-ports", env=environment(XDG_CONFIG_HOME=str(self.folder)))
        self.assertEqual(done.returncode, 0)
        self.assertIn("ports, line 2 is left out: the port is missing", done.stderr)
        rows = [line.split() for line in done.stdout.splitlines() if "4711" in line]
        self.assertEqual(rows, [["mine", "4711/seqpacket", "guest", "#", "our", "service"]])
        # What is printed is itself such a file.
        (folder / "ports").write_text(done.stdout)
        again = run("--list-ports", env=environment(XDG_CONFIG_HOME=str(self.folder)))
        self.assertEqual(again.stderr, "")

    def test_information(self):
        self.assertRegex(run("--version").stdout, r"^vsdump version \d.*\nlibpcap version \d")
        usage = run("--help").stdout
        self.assertTrue(usage.startswith("Usage: vsdump "))
        self.assertLessEqual(max(map(len, usage.splitlines())), 80)


class Streams(ProgramTest):
    def large(self):
        return self.file(header() + sample_records() * 20000, "large")

    def test_a_closed_pipe_is_no_error_and_quiet(self):
        for words in (("-r", self.large()), ("--json", "-r", self.large()), ("--help",)):
            with subprocess.Popen([VSDUMP, *words], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as process:
                process.stdout.read(1)
                process.stdout.close()
                errors = process.stderr.read().decode()
                self.assertEqual(process.wait(PATIENCE), 0, errors)
            self.assertNotIn("vsdump: ", errors)

    def test_closed_streams_are_nothing_else_by_chance(self):
        for words, closed, streams in (("-r -", "<&-", "input"), ("-q -r FILE", "<&- >&-", "output"),
                                       ("-w - -r FILE", "<&- >&-", "output"),
                                       ("--count -r FILE", "<&- >&-", "output")):
            shell = f'exec "$0" {words.replace("FILE", SAMPLE)} {closed}'
            done = subprocess.run(["sh", "-c", shell, VSDUMP], stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), shell)
            self.assertIn(f"standard {streams}: Bad file descriptor", done.stderr)
        copy = os.path.join(self.folder, "copy")
        done = subprocess.run(["sh", "-c", f'exec "$0" -r {SAMPLE} -w {copy} <&- >&- 2>&-', VSDUMP],
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(pathlib.Path(copy).read_bytes(), pathlib.Path(SAMPLE).read_bytes())

    def test_a_full_disk_is_an_error(self):
        for words in (("-r", SAMPLE), ("--json", "-r", SAMPLE), ("--help",), ("--list-ports",),
                      ("--count", "-r", SAMPLE)):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([VSDUMP, *words], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("No space left on device", done.stderr)

    def test_packets_of_a_slow_writer_come_at_once(self):
        with subprocess.Popen([VSDUMP, "-l", "-r", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            process.stdin.write(header() + sample_records()[:92])
            process.stdin.flush()
            self.assertIn(b"REQUEST", process.stdout.readline())
            process.stdin.close()
            self.assertEqual(process.wait(PATIENCE), 0)


class Terminals(ProgramTest):
    def colored(self, *words, stdout=True, **changes):
        odd = bytearray(header() + sample_records()[:92])
        odd[24 + 16 + 30] = 7  # a reserved byte
        return "\033[" in on_terminal(["-r", self.file(bytes(odd)), *words], stdout, **changes)

    def test_colour_only_on_a_terminal_and_never_with_no_color(self):
        self.assertTrue(self.colored(NO_COLOR=None))
        self.assertTrue(self.colored(NO_COLOR=""))
        self.assertFalse(self.colored(NO_COLOR="1"))
        self.assertTrue(self.colored("--color=always", NO_COLOR="1"))
        self.assertFalse(self.colored("--color=never", NO_COLOR=None))
        self.assertFalse(self.colored("-q", "--color=always", NO_COLOR=None))
        self.assertNotIn("\033", run("-r", self.file(b"", "none"), env=environment(NO_COLOR=None)).stdout)

    def test_no_progress_in_the_first_second(self):
        self.assertNotIn("% read", on_terminal(["-r", SAMPLE], stdout=False))

    def test_no_progress_where_standard_error_is_no_terminal(self):
        self.assertNotIn("% read", run("-r", SAMPLE, "--count").stderr)

    def test_progress_after_a_second_until_the_end(self):
        # Larger than a pipe holds, so that vsdump is held up in the middle of the file.
        capture = pathlib.Path(SAMPLE).read_bytes()
        long = self.file(capture[:24] + capture[24:] * 4000, "long")
        master, slave = pty.openpty()
        with subprocess.Popen([VSDUMP, "-r", long], stdin=subprocess.DEVNULL, stderr=slave,
                              stdout=subprocess.PIPE) as process:
            os.close(slave)
            time.sleep(1.5)
            process.stdout.read()
            said = read_terminal(master)
            self.assertEqual(process.wait(PATIENCE), 0)
        self.assertRegex(said, r"\r *[0-9]+ % read")
        self.assertTrue(said.rstrip().endswith("\033[K"), said[-60:])

    def test_help_fits_a_narrow_terminal(self):
        self.assertIn("Usage: vsdump", on_terminal(["--help"]))


class Signals(ProgramTest):
    def start(self, *words):
        process = subprocess.Popen([VSDUMP, *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        return process

    def start_on_pipe(self, *words, content=header() + sample_records()[:92]):
        """vsdump with one packet from a pipe whose writer stays."""
        process = self.start("-r", "-", *words)
        process.stdin.write(content)
        process.stdin.flush()
        return process

    def test_an_interrupt_ends_a_slow_read_in_good_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start_on_pipe("-l")
            self.assertIn(b"REQUEST", process.stdout.readline())
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE), 0)

    def start_in_the_file_header(self, *words, size):
        """vsdump, which has read this much of its input and waits for more."""
        process = self.start(*words, "-r", "-")
        process.stdin.write(header()[:size])
        process.stdin.flush()
        deadline = time.monotonic() + PATIENCE
        while unread(process.stdin) or not catches(process.pid, signal.SIGINT):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return process

    def test_an_interrupt_ends_the_wait_for_the_file_header_in_good_order(self):
        for size in (0, 3, 10):
            process = self.start_in_the_file_header("-q", "--count", size=size)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertEqual(process.stdout.read(), b"0 packets\n")
            process = self.start_in_the_file_header("report", size=size)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertIn(b"stopped", process.stderr.read())

    def test_usr1_and_usr2_do_not_end_the_wait_for_the_file_header(self):
        for words in (("-q", "--count"), ("report",)):
            process = self.start_in_the_file_header(*words, size=10)
            process.send_signal(signal.SIGUSR1)
            process.send_signal(signal.SIGUSR2)
            time.sleep(0.1)
            out, _ = process.communicate(header()[10:] + sample_records()[:92], PATIENCE)
            self.assertEqual(process.returncode, 0)
            self.assertIn(b"1 packet", out)

    def test_an_interrupted_read_of_damage_is_an_error(self):
        damaged = header() + sample_records()[:92] + b"no packet" * 10 + sample_records()
        growing = ("-l", "--follow-file", "-r", self.file(damaged))
        for process in (self.start_on_pipe("-l", content=damaged), self.start(*growing)):
            requests = 0
            while requests < 2:
                line = process.stdout.readline()
                self.assertTrue(line)
                requests += b"REQUEST" in line
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 2)
            self.assertIn(b"skipped", process.stderr.read())
        process = self.start_analysis("connections", content=damaged)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 2)

    def test_usr1_and_usr2_do_not_end_it(self):
        process = self.start_on_pipe("-l")
        self.assertIn(b"REQUEST", process.stdout.readline())
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGUSR2)
        process.stdin.write(sample_records()[92:184])
        process.stdin.flush()
        self.assertIn(b"RESPONSE", process.stdout.readline())
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_an_interrupted_report_says_that_it_is_of_a_part(self):
        process = self.start_analysis("report")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertIn(b"1 packet", process.stdout.read())
        self.assertIn(b"stopped", process.stderr.read())

    def start_analysis(self, *words, content=header() + sample_records()[:92]):
        """A command that has read a packet from a pipe whose writer stays."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        os.write(writer, content)
        process = subprocess.Popen([VSDUMP, *words, "-r", "-"], stdin=reader,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(reader)
        self.addCleanup(process.wait)
        for stream in (process.stdout, process.stderr):
            self.addCleanup(stream.close)
        deadline = time.monotonic() + PATIENCE
        while unread(writer) != 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return process

    def test_all_commands_read_in_the_same_sandbox(self):
        packets = self.start_on_pipe("-l")
        packets.stdout.readline()
        sandbox = seccomp_of(packets.pid)
        packets.kill()
        for command in (["connections"], ["report"], ["stats"], ["follow", "0"]):
            process = self.start_analysis(*command)
            self.assertEqual(seccomp_of(process.pid), sandbox, command)
            process.kill()

    def test_usr2_flushes_the_file(self):
        target = self.folder / "out.pcap"
        process = self.start_on_pipe("-Z", "root", "-w", str(target))
        deadline = time.monotonic() + PATIENCE
        while not target.exists() or target.stat().st_size < 24 + 92:
            self.assertLess(time.monotonic(), deadline)
            if target.exists():
                process.send_signal(signal.SIGUSR2)
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
