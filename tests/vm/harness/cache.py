# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder of things that were fetched or built once: whole or not there, whatever is interrupted."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


class HarnessError(Exception):
    """The harness cannot do its part; the text is one sentence for a person."""


def cacheFolder():
    """Where fetched and built things are kept; safe to delete when nothing runs."""
    if own := os.environ.get("VSDUMP_VM_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).absolute() / "vsdump" / "vm"


def cached(name, make):
    """The folder of that name in the cache; make(folder) fills it when it is not there.

    Threads: any number of processes at once; one makes it and the others wait."""
    cache = cacheFolder()
    entry = cache / name
    if not isComplete(entry):
        with cacheLock(cache):
            if not isComplete(entry):
                with newEntry(entry) as work:
                    make(work)
    return entry


@contextmanager
def cacheLock(folder):
    """Lets one process at a time add to the cache. The kernel drops the lock of a dead one."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def newEntry(path):
    """A folder to fill, which takes its place in the cache only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        work.chmod(0o755)
        yield work
        with open(work / "complete", "w") as mark:
            json.dump({str(p.relative_to(work)): p.stat().st_size for p in filesIn(work)}, mark)
        shutil.rmtree(path, ignore_errors=True)
        work.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def filesIn(folder):
    """The regular files below a folder."""
    return (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def isComplete(path):
    """Whether a cache entry has every file that it was made with, each at its length."""
    try:
        with open(path / "complete") as mark:
            return all((path / name).stat().st_size == size for name, size in json.load(mark).items() if name != "complete")
    except (OSError, ValueError):
        return False


def output(*command, **options):
    """What a command prints; HarnessError with its own words where it fails."""
    sbin = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}  # a user's PATH misses depmod
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=sbin, **options)
    except OSError as error:
        raise HarnessError(f"cannot run {command[0]}: {error.strerror}; scripts/install-packages test installs it") from error
    if done.returncode:
        words = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise HarnessError(f"{' '.join(map(str, command))} failed ({done.returncode}): {words}")
    return done.stdout
