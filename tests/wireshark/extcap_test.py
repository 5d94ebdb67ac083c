#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump as a capture program of Wireshark's, with a played ssh that runs its command here: extcap_test.py PLUGIN VSDUMP."""

import os
import pathlib
import select
import struct
import subprocess
import threading
import time
import unittest

import shark

SSH = """#!/bin/sh
echo "$@" >>{folder}/asked
for last; do :; done
exec sh -c "$last"
"""


class Extcap(unittest.TestCase):
    """As Wireshark runs it."""

    @classmethod
    def setUpClass(cls):
        cls.shark = shark.Shark()
        folder = cls.shark.folder
        folder.chmod(0o777)
        (folder / "extcap").mkdir()
        cls.program = cls.shark.readable(shark.VSDUMP).rename(folder / "extcap/vsdump")
        cls.program.chmod(0o755)
        (folder / "ssh").write_text(SSH.format(folder=folder))
        (folder / "ssh").chmod(0o755)
        (folder / "asked").touch()
        (folder / "asked").chmod(0o666)
        cls.shark.environment |= {"WIRESHARK_EXTCAP_DIR": str(folder / "extcap"), "PATH": f"{folder}:{os.environ['PATH']}"}
        cls.sample = cls.shark.readable(shark.ROOT / "samples/http.pcap")

    @classmethod
    def tearDownClass(cls):
        cls.shark.close()

    def call(self, *words):
        """Runs it: exit status, standard output, standard error."""
        done = subprocess.run([self.program, *words], capture_output=True, check=False, text=True, timeout=60, env=self.shark.environment)
        return done.returncode, done.stdout, done.stderr

    def testTsharkKnowsItsInterfaces(self):
        listed = self.shark.run("tshark", "-D")
        self.assertIn("vsockmon (vsockmon: this machine)", listed)
        self.assertIn("vsockmon-ssh (vsockmon: over ssh)", listed)
        self.assertIn("VSOCK", self.shark.run("tshark", "-i", "vsockmon", "-L"))

    def testAUserInstallsItWithoutRights(self):
        script = self.shark.readable(shark.ROOT / "wireshark-plugin/install_for_me.cmake")
        home = self.shark.folder / "me"
        home.mkdir()
        home.chmod(0o777)
        mine = {name: value for name, value in self.shark.environment.items() if not name.startswith("WIRESHARK_")} | {"HOME": str(home)}
        subprocess.run(self.shark.asUser("cmake", "-D", f"PLUGIN={self.shark.readable(shark.PLUGIN)}", "-D", f"PROGRAM={self.program}",
                                         "-D", f"WIRESHARK={shark.PLUGIN.parents[1].name}", "-P", script),
                       env=mine, check=True, stdout=subprocess.DEVNULL)
        for words, expected in ((["-D"], "vsockmon (vsockmon: this machine)"), (["-G", "protocols"], "AF_VSOCK connections\tvsockmon")):
            done = subprocess.run(self.shark.asUser("tshark", *words), env=mine, check=True, capture_output=True, text=True)
            self.assertIn(expected, done.stdout)

    def testTsharkCapturesOverSsh(self):
        printed = self.shark.run("tshark", "-i", "vsockmon-ssh", "-f", "op rw and payload contains \"page.txt\"", "-T", "fields", "-e",
                                 "http.request.uri", "-o", "extcap.vsockmon_ssh.remotehost:far.example", "-o",
                                 "extcap.vsockmon_ssh.remoteport:2222", "-o",
                                 f"extcap.vsockmon_ssh.remotecommand:{self.program} -r {self.sample}")
        self.assertEqual(printed.split(), ["/page.txt", "/page.txt"])
        asked = (self.shark.folder / "asked").read_text()
        self.assertIn("-o BatchMode=yes -p 2222 -- far.example", asked)

    def testTsharkSaysWhatWentWrong(self):
        # This ends as ssh does that gets nowhere.
        words = [word for name, value in (("host", "far"), ("port", "22"), ("command", "echo nobody is there >&2; exit 255; vsdump"))
                 for word in ("-o", f"extcap.vsockmon_ssh.remote{name}:{value}")]
        done = subprocess.run(self.shark.asUser("tshark", "-i", "vsockmon-ssh", *words), env=self.shark.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Error by extcap pipe: nobody is there\nvsdump: ssh itself failed. It has to reach the host without a question: "
                      "try \"ssh -p 22 -- far ", done.stderr)

    def testAFilterIsJudgedBeforeTheCapture(self):
        self.assertEqual(self.call("--extcap-interface", "vsockmon", "--extcap-capture-filter", "port 22 and op rw"), (0, "", ""))
        status, said, _ = self.call("--extcap-interface", "vsockmon", "--extcap-capture-filter", "prot 22")
        self.assertEqual(status, 0)
        self.assertIn("Did you mean `port`?", said)

    def testWhatIsMissingIsSaid(self):
        for words, sentence in (
            (["--extcap-interface", "vsockmon-ssh"], "no host is given"),
            (["--extcap-interface", "vsockmon-ssh", "--remote-host", "-oProxyCommand=x"], "no host begins so"),
            (["--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--remote-port", "x"], "no number from 1 to 65535"),
            (["--extcap-interface", "eth0"], "no such interface"),
            (["--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--remote-command", "/no/such"], "no such command"),
            (["--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--remote-command", "echo"], "no pcap file"),
            (["--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--extcap-capture-filter", "prot 1"], "Did you mean"),
        ):
            with self.subTest(words=words):
                status, _, said = self.call("--capture", "--fifo", "/dev/null", *words)
                self.assertEqual(status, 2)
                self.assertIn(sentence, said)

    def testTheToolbarFiltersAndCounts(self):
        folder = self.shark.folder
        paths = {name: folder / name for name in ("packets", "in", "out")}
        for path in paths.values():
            os.mkfifo(path, 0o666)
            path.chmod(0o666)
        # Packets come after the toolbar has spoken.
        command = f"(sleep 1; exec {self.program} -r {self.sample} -w - -U --time-stamp-precision=nano) #"
        process = subprocess.Popen([self.program, "--capture", "--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--fifo",
                                    paths["packets"], "--extcap-control-in", paths["in"], "--extcap-control-out", paths["out"],
                                    "--remote-command", command], env=self.shark.environment)
        out = os.open(paths["out"], os.O_RDONLY | os.O_NONBLOCK)
        got = []
        reader = threading.Thread(target=lambda: got.append(paths["packets"].read_bytes()))
        reader.start()
        with open(paths["in"], "wb", buffering=0) as control:
            for text in (b"prot 22", b"op rw"):
                control.write(b"T" + (len(text) + 2).to_bytes(3, "big") + b"\0\1" + text)
            reader.join(60)
        self.assertEqual(process.wait(60), 0)
        said = os.read(out, 65536).decode(errors="replace")
        os.close(out)
        self.assertIn("\0\x08cannot read the filter", said)
        self.assertIn("\1\2from here on only op rw", said)
        total = len(shark.records("-r", self.sample))
        chosen = len(shark.records("-r", self.sample, "op rw"))
        self.assertRegex(said, f"{total} packets, \\d+ bytes, {chosen} packets handed on")
        packets, at = 0, 24
        while at < len(got[0]):
            at += 16 + struct.unpack_from("<I", got[0], at + 8)[0]
            packets += 1
        self.assertEqual(packets, chosen)

    def testWiresharkSeesTheEndOfWhatDoesNotEvenBegin(self):
        # Else it goes on as if it captured.
        fifo = self.shark.folder / "never"
        os.mkfifo(fifo, 0o666)
        fifo.chmod(0o666)
        for words in (["--extcap-capture-filter", "prot 22"], ["--remote-port", "none"]):
            with self.subTest(words=words):
                reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
                status, _, _ = self.call("--capture", "--extcap-interface", "vsockmon-ssh", "--fifo", fifo, "--remote-host", "h", *words)
                self.assertEqual(status, 2)
                pipe = select.poll()
                pipe.register(reader)
                self.assertEqual(pipe.poll(0), [(reader, select.POLLHUP)])
                os.close(reader)

    def testItDoesNotEndBeforeWiresharkHasOpenedTheToolbar(self):
        # Wireshark stands still in opening a pipe that nobody reads any more.
        pipe = self.shark.folder / "late"
        os.mkfifo(pipe, 0o666)
        pipe.chmod(0o666)
        for words, status in ((["--remote-command", "exit 255 #"], 2), (["--remote-command", f"{self.program} -r {self.sample}"], 0),
                              (["--remote-port", "none"], 2), (["--extcap-capture-filter", "prot 22"], 2)):
            with self.subTest(words=words):
                process = subprocess.Popen([self.program, "--capture", "--extcap-interface", "vsockmon-ssh", "--fifo", "/dev/null",
                                            "--extcap-control-in", pipe, "--remote-host", "h", *words],
                                           stderr=subprocess.DEVNULL, env=self.shark.environment)
                time.sleep(0.5)
                self.assertIsNone(process.poll())
                with open(pipe, "wb", buffering=0) as control:
                    control.write(b"T\0\0\2\0\0")
                    self.assertEqual(process.wait(3), status)

    def testItReadsPacketsWithoutRightsInTheSandboxOfAllCommands(self):
        fifo = self.shark.folder / "confined"
        os.mkfifo(fifo, 0o666)
        fifo.chmod(0o666)
        relay = subprocess.Popen([self.program, "--capture", "--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--fifo", fifo,
                                  "--remote-command", "echo; exec sleep 600 #"], env=self.shark.environment, stderr=subprocess.PIPE)
        reading = subprocess.Popen([self.program, "-r", "-"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with open(fifo, "rb"):
            time.sleep(0.5)
            of_relay, of_reading = (dict(line.split(":\t") for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
                                    for process in (relay, reading))
            self.assertEqual(of_relay["Seccomp"], of_reading["Seccomp"])
            self.assertEqual(of_relay["NoNewPrivs"], "1")
            self.assertNotIn("0", of_relay["Uid"].split())
            # What root has started as root: the sandbox lets nobody else be ended.
            self.assertEqual(int(of_relay["CapEff"], 16), 1 << 5 if os.geteuid() == 0 else 0)
            relay.terminate()
            self.assertEqual(relay.wait(20), 0)
        relay.stderr.close()
        reading.communicate()

    def testItEndsWhenWiresharkDoes(self):
        fifo = self.shark.folder / "ending"
        os.mkfifo(fifo, 0o666)
        fifo.chmod(0o666)
        for isTold in (True, False):
            process = subprocess.Popen([self.program, "--capture", "--extcap-interface", "vsockmon-ssh", "--remote-host", "h", "--fifo", fifo,
                                        "--remote-command", "exec sleep 600 #"], env=self.shark.environment)
            reader = os.open(fifo, os.O_RDONLY)
            time.sleep(0.3)
            if isTold:
                process.terminate()
            else:
                os.close(reader)
            self.assertEqual(process.wait(20), 0)
            if isTold:
                os.close(reader)


if __name__ == "__main__":
    unittest.main()
