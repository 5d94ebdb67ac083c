# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's own test of AF_VSOCK, built from Debian's kernel source package."""

import subprocess

from .cache import HarnessError, cached, output

PACKAGE = "linux-source-6.1"
PARTS = ("tools/testing/vsock", "tools/include")


def build(say=lambda text: None):
    """The folder with the programs vsock_test and vsock_diag_test."""
    version = output("dpkg-query", "-W", "-f", "${Version}", PACKAGE).decode()

    def make(entry):
        say(f"building vsock_test from {PACKAGE} {version}")
        source = entry / "source"
        source.mkdir()
        with subprocess.Popen(["xz", "-dcT0", f"/usr/src/{PACKAGE}.tar.xz"], stdout=subprocess.PIPE) as xz:
            members = [f"{PACKAGE}/{part}/*" for part in PARTS]
            output("tar", "-x", "--strip-components=1", "--wildcards", *members, cwd=source, stdin=xz.stdout)
        if xz.returncode:
            raise HarnessError(f"/usr/src/{PACKAGE}.tar.xz cannot be unpacked")
        tests = source / "tools/testing/vsock"
        output("make", "-C", tests, "vsock_test", "vsock_diag_test")
        for name in ("vsock_test", "vsock_diag_test"):
            (tests / name).rename(entry / name)

    return cached(f"vsock-test/{version}", make)
