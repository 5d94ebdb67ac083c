# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels, made ready to boot: fetched, unpacked and cached, never installed."""

import fcntl
import hashlib
import json
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERIES = ("6.1", "6.12")

# What the machine needs before it has a root file system, in this order.
BOOT_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay")
# What a script may load by itself once it runs.
SCRIPT_MODULES = (
    "af_packet",
    "dummy",
    "vhost_vsock",
    "vmw_vsock_virtio_transport",
    "vsock",
    "vsock_diag",
    "vsock_loopback",
    "vsockmon",
)

HERE = Path(__file__).resolve().parent


class KernelError(Exception):
    """A kernel cannot be had; the text is one sentence for a person."""


@dataclass(frozen=True)
class Kernel:
    """A kernel in the cache: everything that a boot reads."""

    package: str
    version: str
    release: str  # as uname -r prints it
    image: Path
    initramfs: Path


def cacheFolder():
    """Where fetched and built things are kept; safe to delete when nothing runs."""
    if own := os.environ.get("VSDUMP_VM_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).absolute() / "vsdump" / "vm"


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
    """What a command prints; KernelError with its own words where it fails."""
    sbin = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}  # a user's PATH misses depmod
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=sbin, **options)
    except OSError as error:
        raise KernelError(f"cannot run {command[0]}: {error.strerror}; scripts/install-packages test installs it") from error
    if done.returncode:
        words = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise KernelError(f"{' '.join(map(str, command))} failed ({done.returncode}): {words}")
    return done.stdout


def newestPackage(series):
    """The name and version of Debian's newest unsigned generic kernel of a series."""
    names = output("apt-cache", "pkgnames", f"linux-image-{series}.").decode().split()
    generic = re.compile(rf"linux-image-{re.escape(series)}\.[0-9][0-9.-]*(\+deb\d+)?(-\d+)?-amd64-unsigned")
    names = [name for name in names if generic.fullmatch(name)]
    if not names:
        raise KernelError(f"apt knows no Linux {series} kernel; run apt-get update, and look whether Debian's security archive is among the sources")
    newest = None
    for stanza in output("apt-cache", "show", *names).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if re.match(r"[A-Z][\w-]*: ", line))
        if "Version" in fields:
            found = (fields["Package"], fields["Version"])
            if newest is None or isNewer(found[1], newest[1]):
                newest = found
    return newest


def isNewer(version, than):
    """Whether one Debian version comes after another."""
    return subprocess.run(("dpkg", "--compare-versions", version, "gt", than), check=False).returncode == 0


def rememberedPackage(cache, series):
    """newestPackage(), which takes a second, asked only when apt's lists have changed since."""
    memory = cache / f"newest-{series}"
    try:
        stamp = os.stat("/var/lib/apt/lists").st_mtime_ns
    except OSError as error:
        raise KernelError(f"cannot read apt's lists: {error}") from error
    try:
        known = json.loads(memory.read_text())
        if known["stamp"] == stamp:
            return known["package"], known["version"]
    except (OSError, ValueError, KeyError):
        pass
    package, version = newestPackage(series)
    replacement = memory.with_suffix(".new")
    replacement.write_text(json.dumps({"stamp": stamp, "package": package, "version": version}))
    replacement.rename(memory)
    return package, version


def uncompressedImage(packed):
    """The ELF kernel inside a bzImage: QEMU boots it at once, while unpacking xz under emulation takes seconds.

    Source: the kernel's Documentation/arch/x86/boot.rst, payload_offset and payload_length."""
    if packed[0x202:0x206] != b"HdrS":
        raise KernelError("the package's vmlinuz is no bzImage")
    offset, length = struct.unpack_from("<II", packed, 0x248)
    begin = (packed[0x1F1] + 1) * 512 + offset
    payload = packed[begin : begin + length - 4]
    if payload.startswith(b"\xfd7zXZ"):
        image = lzma.decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        image = output("zstd", "-dcq", input=payload)
    else:
        raise KernelError("the package's vmlinuz is compressed neither with xz nor with zstd")
    if not image.startswith(b"\x7fELF"):
        raise KernelError("the package's vmlinuz has no ELF kernel inside")
    return image


def moduleFiles(root, release, names):
    """The files that modprobe would load for some modules, dependencies first."""
    files = []
    for name in names:
        plan = output("modprobe", "-d", root, "-S", release, "--show-depends", name)
        for line in plan.decode().splitlines():
            kind, _, path = line.partition(" ")
            path = Path(path.split()[0])
            if kind == "insmod" and path not in files:
                files.append(path)
    return files


def unpackModule(source, target):
    """Copies a module as the kernel and busybox can load it: not compressed."""
    data = source.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(lzma.decompress(data) if source.suffix == ".xz" else data)


def buildInitramfs(unpacked, release, target):
    """Packs busybox, the modules and init into the archive that the kernel starts from."""
    output("depmod", "-b", unpacked, release)
    bootFiles = moduleFiles(unpacked, release, BOOT_MODULES)
    allFiles = bootFiles + [f for f in moduleFiles(unpacked, release, SCRIPT_MODULES) if f not in bootFiles]
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        tree = Path(folder)
        for name in ("bin", "dev", "proc", "sys", "lower", "upper", "root"):
            (tree / name).mkdir()
        shutil.copy("/bin/busybox", tree / "bin/busybox")
        for applet in ("sh", "mount", "mkdir", "insmod", "cp", "switch_root", "poweroff", "cat", "sed"):
            (tree / "bin" / applet).symlink_to("busybox")
        folderOfModules = tree / "lib/modules" / release
        loaded = []
        for source in allFiles:
            inside = source.relative_to(unpacked / "lib/modules" / release)
            inside = inside.with_suffix("") if inside.suffix == ".xz" else inside
            unpackModule(source, folderOfModules / inside)
            if source in bootFiles:
                loaded.append(f"/lib/modules/{release}/{inside}\n")
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy(unpacked / "lib/modules" / release / name, folderOfModules / name)
        output("depmod", "-b", tree, release)
        (tree / "boot-modules").write_text("".join(loaded))
        for name in ("init", "stage2"):
            shutil.copy(HERE / "initramfs" / name, tree / name)
            (tree / name).chmod(0o755)
        names = "\n".join(str(p.relative_to(tree)) for p in sorted(tree.rglob("*")))
        target.write_bytes(output("cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet", cwd=tree, input=names.encode()))


def recipe():
    """A name for the way kernels are unpacked here: another recipe makes another cache entry."""
    digest = hashlib.sha256()
    for path in (Path(__file__), HERE / "initramfs/init", HERE / "initramfs/stage2"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def fetch(package, version, folder):
    """Downloads a package, which apt checks against its signed lists, and returns the file."""
    output("apt-get", "download", f"{package}={version}", cwd=folder)
    (file,) = folder.glob("*.deb")
    return file


def kernelAt(entry, package, version):
    """The kernel of a complete cache entry."""
    return Kernel(package, version, (entry / "release").read_text(), entry / "vmlinux", entry / "initramfs")


def kernel(series, say=lambda text: None):
    """A kernel of the series, ready to boot; fetches and builds what is missing.

    Threads: any number of processes at once."""
    cache = cacheFolder()
    cache.mkdir(parents=True, exist_ok=True)
    package, version = rememberedPackage(cache, series)
    entry = cache / "kernels" / f"{version}-{recipe()}"
    if isComplete(entry):
        return kernelAt(entry, package, version)
    with cacheLock(cache):
        if isComplete(entry):  # another run has built it while this one waited
            return kernelAt(entry, package, version)
        say(f"fetching {package} {version}")
        with newEntry(entry) as work, tempfile.TemporaryDirectory(dir=cache) as scratch:
            unpacked = Path(scratch) / "unpacked"
            output("dpkg", "-x", fetch(package, version, Path(scratch)), unpacked)
            (packed,) = (unpacked / "boot").glob("vmlinuz-*")
            release = packed.name.removeprefix("vmlinuz-")
            (work / "vmlinux").write_bytes(uncompressedImage(packed.read_bytes()))
            buildInitramfs(unpacked, release, work / "initramfs")
            (work / "release").write_text(release)
    return kernelAt(entry, package, version)
