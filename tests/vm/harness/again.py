# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts that begin outside of a machine and go on inside: tests/vm/burst and tests/vm/soak."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def runInMachine(script, kernel, timeout, *words):
    """Runs `script` with these words in a machine and returns its exit status. It finds vsdump below $VSDUMP_BUILD; where
    that is not set, the program is built as users get it."""
    if not os.environ.get("VSDUMP_BUILD"):
        subprocess.run([ROOT / "scripts/build", "release-bench:vsdump"], check=True)
    build = Path(os.environ.get("VSDUMP_BUILD") or ROOT / "build/release-bench").absolute()
    print(f"{Path(script).name}: {build}/cli/vsdump, Linux {kernel}, {' '.join(map(str, words))}", flush=True)
    command = [ROOT / "tests/vm/run", "--kernel", kernel, "--timeout", timeout, "--env", f"VSDUMP_BUILD={build}", script, *words]
    return subprocess.run([str(word) for word in command], check=False).returncode
