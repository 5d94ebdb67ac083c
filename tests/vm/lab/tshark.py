# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of tshark through vsdump's interfaces."""

import subprocess

from lab import traffic
from lab.log import Log
from lab.vsdump import devices, eventually, taps


def assertCaptures(test, interface, before=(), options=()):
    """tshark, begun by the words before it, has what vsdump captures there, and no device is left behind."""
    known = devices()
    command = [*before, "tshark", "-i", interface, "-f", "op rw", "-c", "2", "-l", "-T", "fields", "-e", "vsock.virtio.op", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as capture:
        test.assertTrue(eventually(lambda: taps() == 1 or capture.poll() is not None))
        # It listens a moment later.
        test.assertTrue(eventually(lambda: traffic.hello(Log()) or capture.poll() is not None))
        printed, said = capture.communicate(timeout=60)
    test.assertEqual(capture.returncode, 0, said)
    test.assertEqual(printed.split()[:2], ["5", "5"], said)
    test.assertTrue(eventually(lambda: taps() == 0), said)
    test.assertTrue(eventually(lambda: devices() == known), said)
