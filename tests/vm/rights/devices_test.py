# SPDX-License-Identifier: GPL-2.0-or-later
"""vsdump devices, --netns, --no-create and vsdump doctor on a real kernel."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from lab.tap import load
from lab.vsdump import Vsdump, device, eventually, run, taps

PROGRAM = "/usr/local/bin/vsdump"
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]


def vsdump(*words, before=()):
    """Runs vsdump to its end: status, standard output, standard error."""
    done = subprocess.run([*before, PROGRAM, *words], text=True, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def objects(text):
    """The JSON objects of the lines."""
    return [json.loads(line) for line in text.splitlines()]


class Devices(unittest.TestCase):
    def testAreMadeListedAndRemoved(self):
        self.assertEqual(vsdump("devices", "add", "vsockmon5"), (0, "", ""))
        status, out, _ = vsdump("devices", "--json")
        self.assertEqual(status, 0)
        self.assertEqual([(row["name"], row["state"], row["number"]) for row in objects(out)], [("vsockmon5", "up", 1)])
        self.assertIn("vsockmon5", vsdump("devices")[1])
        self.assertEqual(vsdump("devices", "remove", "vsockmon5"), (0, "", ""))
        self.assertEqual(taps(), 0)

    def testOfAnotherKindAreNotRemoved(self):
        status, _, words = vsdump("devices", "remove", "lo")
        self.assertEqual(status, 2)
        self.assertIn("there is no vsockmon device of that name", words)
        self.assertIn("lo", os.listdir("/sys/class/net"))

    def testAreNotMadeWithoutTheRightTo(self):
        status, _, words = vsdump("devices", "add", "vsockmon5", before=NOBODY)
        self.assertEqual(status, 2)
        self.assertIn("CAP_NET_ADMIN", words)

    def testOfAnotherNamespaceAreFoundByItsNameAndByAProcess(self):
        run("ip", "netns", "add", "blue")
        sleeper = subprocess.Popen(["ip", "netns", "exec", "blue", "sleep", "600"])
        try:
            self.assertEqual(vsdump("devices", "add", "vsockmon6", "--netns", "blue")[0], 0)
            self.assertNotIn("vsockmon6", vsdump("devices")[1])
            self.assertIn("vsockmon6", vsdump("devices", "--netns", "blue")[1])
            entered = eventually(lambda: os.readlink(f"/proc/{sleeper.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
            self.assertTrue(entered)
            self.assertIn("vsockmon6", vsdump("devices", "--netns", str(sleeper.pid))[1])
            with Vsdump("--netns", "blue") as capture:
                self.assertIn("listening on vsockmon6,", capture.stderr)
                self.assertEqual(taps(), 1)
        finally:
            sleeper.kill()
            sleeper.wait()
            run("ip", "netns", "del", "blue")
        self.assertTrue(eventually(lambda: taps() == 0))
        status, _, words = vsdump("devices", "--netns", "blue")
        self.assertEqual(status, 2)
        self.assertIn("cannot enter the network namespace blue: No such file or directory", words)


class NoCreate(unittest.TestCase):
    def testMakesNoDevice(self):
        refused = Vsdump("--no-create").wait()
        self.assertEqual(refused.status, 2)
        self.assertIn("Leave --no-create out", refused.stderr)
        self.assertEqual(taps(), 0)

    def testBringsNoneUp(self):
        with device("vsockmon0", up=False):
            refused = Vsdump("--no-create", "-i", "vsockmon0").wait()
            self.assertEqual(refused.status, 2)
            self.assertIn("the device is down", refused.stderr)
            self.assertEqual(taps(), 0)


class Doctor(unittest.TestCase):
    def checks(self, *words, before=()):
        status, out, err = vsdump("doctor", "--json", *words, before=before)
        self.assertEqual((status, err), (0, ""))
        return {row["name"]: row for row in objects(out)}

    def testNamesTheCommandThatLoadsAModule(self):
        subprocess.run(["rmmod", "vsock_diag"], stderr=subprocess.DEVNULL, check=False)
        check = self.checks()["vsock_diag"]
        self.assertEqual((check["status"], check["remedy"]), ("missing", "sudo modprobe vsock_diag"))
        load("vsock_diag")
        check = self.checks()["vsock_diag"]
        self.assertEqual((check["status"], check["remedy"]), ("ok", ""))

    def testFindsTheHostsSideAndItsCidOnlyWhenAsked(self):
        load("vhost_vsock")
        checks = self.checks()
        self.assertEqual(checks["vhost_vsock"]["status"], "ok")
        self.assertEqual(checks["local CID"]["remedy"], "vsdump doctor --probe")
        self.assertEqual(self.checks("--probe")["local CID"]["value"], "2")

    def testOpensNoVsock(self):
        load("vhost_vsock")
        traced = subprocess.run(["strace", "-f", "-e", "trace=socket,open,openat", PROGRAM, "doctor"], text=True, capture_output=True, check=False)
        self.assertIn("/proc/modules", traced.stderr)
        self.assertNotIn("AF_VSOCK", traced.stderr)
        self.assertNotIn('"/dev/v', traced.stderr)

    def testFindsAProcessThatHoldsTheHostsDevice(self):
        load("vhost_vsock")
        with open("/dev/vhost-vsock", "rb"):
            checks = self.checks()
            self.assertIn(f"pid {os.getpid()}", checks["guest"]["value"])
            self.assertIn("seen from here", checks["guest"]["value"])

    def testFindsMachinesByTheirWords(self):
        json_device = '{"driver":"vhost-vsock-pci","id":"vsock0","guest-cid":7}'
        for words, value in ((["/usr/bin/kvm", "-device", json_device], "qemu pid {}, CID 7: seen from here"),
                             (["firecracker-v1.7.0-x86_64", "--no-api"], "firecracker pid {}: seen inside the guest only"),
                             (["cloud-hypervisor-static", "--vsock", "cid=3,socket=/s"],
                              "cloud-hypervisor pid {}, CID 3: seen inside the guest only")):
            # A shell by another name, which waits for input that does not come.
            with subprocess.Popen([words[0], "-c", "read line", *words[1:]], executable="/bin/sh",
                                  stdin=subprocess.PIPE) as process:
                self.assertEqual(self.checks()["guest"]["value"], value.format(process.pid))

    def testSaysWhichRightsAreMissing(self):
        self.assertEqual(self.checks()["capture rights"]["status"], "ok")
        check = self.checks(before=NOBODY)["capture rights"]
        self.assertEqual((check["status"], check["remedy"]), ("missing", "sudo vsdump"))
        self.assertIn("CAP_NET_RAW", check["value"])

    def testChangesNothing(self):
        before = Path("/proc/modules").read_text()
        vsdump("doctor")
        self.assertEqual(Path("/proc/modules").read_text().count("\n"), before.count("\n"))
