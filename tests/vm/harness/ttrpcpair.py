# SPDX-License-Identifier: GPL-2.0-or-later
"""A client and a server of containerd's ttRPC, built from Debian's packages. As a program: builds them."""

import hashlib
import shutil
from pathlib import Path

from .cache import cached, output

SOURCE = Path(__file__).resolve().parents[1] / "ttrpc/main.go"
PACKAGE = "golang-github-containerd-ttrpc-dev"


def build(say=lambda text: None):
    """The program; where it was built before, that is it."""
    version = output("dpkg-query", "-W", "-f", "${Version}", PACKAGE).decode()

    def make(entry):
        say(f"building ttrpc_pair with {PACKAGE} {version}")
        objects = entry / "objects"
        settings = ("GO111MODULE=off", "GOPATH=/usr/share/gocode", f"GOCACHE={objects}", "CGO_ENABLED=0")
        output("env", *settings, "go", "build", "-o", entry / "ttrpc_pair", SOURCE)
        shutil.rmtree(objects)

    name = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return cached(f"ttrpc-pair/{version}-{name}", make) / "ttrpc_pair"


if __name__ == "__main__":
    print(build(print))
