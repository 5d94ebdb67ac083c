# SPDX-License-Identifier: GPL-2.0-or-later
"""What vsdump's commands say about a capture file."""

import json
import subprocess

from .vsdump import PATIENCE, PROGRAM


def told(command, path, *options):
    """The JSON records that a command prints."""
    words = [PROGRAM, *([command] if command else []), "--json", "-r", path, *options]
    lines = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE * 2).stdout
    return [json.loads(line) for line in lines.splitlines()]


def followed(path, connection, way):
    """The bytes that went one way, "to-server" or "to-client"."""
    words = [PROGRAM, "follow", str(connection), "--raw", f"--{way}", "-r", path]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE * 2).stdout


def nanoseconds(time):
    """A time of the JSON form."""
    seconds, fraction = time.split(".")
    return int(seconds) * 10**9 + int(fraction)
