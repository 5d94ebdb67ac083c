# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels, made ready to boot: fetched, unpacked and cached, never installed."""

import hashlib
import json
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .cache import HarnessError, cached, cacheFolder, output

SERIES = ("6.1", "6.12")

# What the machine needs before it has a root file system, in this order.
BOOT_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay")
# What a script may load by itself once it runs.
SCRIPT_MODULES = (
    "af_packet",
    "dummy",
    "ext4",
    "loop",
    "quota_v2",
    "vhost_vsock",
    "vmw_vsock_virtio_transport",
    "vsock",
    "vsock_diag",
    "vsock_loopback",
    "vsockmon",
)

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Kernel:
    """A kernel in the cache: everything that a boot reads."""

    package: str
    version: str
    release: str  # as uname -r prints it
    image: Path
    initramfs: Path


class OutOfDate(HarnessError):
    """What apt's lists name cannot be fetched."""


def newestPackage(series, aptOptions=()):
    """The name and version of Debian's newest unsigned generic kernel of a series."""
    names = output("apt-cache", *aptOptions, "pkgnames", f"linux-image-{series}.").decode().split()
    generic = re.compile(rf"linux-image-{re.escape(series)}\.[0-9][0-9.-]*(\+deb\d+)?(-\d+)?-amd64-unsigned")
    names = [name for name in names if generic.fullmatch(name)]
    if not names:
        raise OutOfDate(f"apt knows no Linux {series} kernel; Debian's security archive must be among its sources")
    newest = None
    for stanza in output("apt-cache", *aptOptions, "show", *names).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if re.match(r"[A-Z][\w-]*: ", line))
        if "Version" in fields:
            found = (fields["Package"], fields["Version"])
            if newest is None or isNewer(found[1], newest[1]):
                newest = found
    return newest


def isNewer(version, than):
    """Whether one Debian version comes after another."""
    return subprocess.run(("dpkg", "--compare-versions", version, "gt", than), check=False).returncode == 0


def remembered(series, find):
    """What find() said, which takes a second, until apt's lists change."""
    memory = cacheFolder() / f"newest-{series}"
    stamp = os.stat("/var/lib/apt/lists").st_mtime_ns
    try:
        known = json.loads(memory.read_text())
        if known["stamp"] == stamp:
            return known["package"], known["version"]
    except (OSError, ValueError, KeyError):
        pass
    return remember(series, find(), stamp)


def remember(series, found, stamp=None):
    """Makes `found` what remembered() says."""
    memory = cacheFolder() / f"newest-{series}"
    stamp = stamp or os.stat("/var/lib/apt/lists").st_mtime_ns
    memory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=memory.parent, delete=False) as file:
        json.dump({"stamp": stamp, "package": found[0], "version": found[1]}, file)
    os.rename(file.name, memory)
    return found


def freshLists():
    """Options that let apt use new lists of the harness's own: no rights are needed, nothing of the machine changes."""
    folder = cacheFolder() / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = ("-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache", "-o", "APT::Sandbox::User=root")
    output("apt-get", *options, "update")
    return options


def uncompressedImage(packed):
    """The ELF kernel inside a bzImage: QEMU boots it at once, while unpacking xz under emulation takes seconds.

    Source: the kernel's Documentation/arch/x86/boot.rst, payload_offset and payload_length."""
    if packed[0x202:0x206] != b"HdrS":
        raise HarnessError("the package's vmlinuz is no bzImage")
    offset, length = struct.unpack_from("<II", packed, 0x248)
    begin = (packed[0x1F1] + 1) * 512 + offset
    payload = packed[begin : begin + length - 4]
    if payload.startswith(b"\xfd7zXZ"):
        image = lzma.decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        image = output("zstd", "-dcq", input=payload)
    else:
        raise HarnessError("the package's vmlinuz is compressed neither with xz nor with zstd")
    if not image.startswith(b"\x7fELF"):
        raise HarnessError("the package's vmlinuz has no ELF kernel inside")
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


def fetch(package, version, folder, aptOptions):
    """Downloads a package, which apt checks against its signed lists, and returns the file."""
    try:
        output("apt-get", *aptOptions, "download", f"{package}={version}", cwd=folder)
    except HarnessError as error:
        raise OutOfDate(str(error)) from error
    (file,) = folder.glob("*.deb")
    return file


def ready(package, version, say, aptOptions=()):
    """A kernel of that package from the cache, made if it is not there."""

    def make(entry):
        say(f"fetching {package} {version}")
        with tempfile.TemporaryDirectory(dir=cacheFolder()) as scratch:
            unpacked = Path(scratch) / "unpacked"
            output("dpkg", "-x", fetch(package, version, Path(scratch), aptOptions), unpacked)
            (packed,) = (unpacked / "boot").glob("vmlinuz-*")
            release = packed.name.removeprefix("vmlinuz-")
            (entry / "vmlinux").write_bytes(uncompressedImage(packed.read_bytes()))
            buildInitramfs(unpacked, release, entry / "initramfs")
            (entry / "release").write_text(release)

    entry = cached(f"kernels/{version}-{recipe()}", make)
    return Kernel(package, version, (entry / "release").read_text(), entry / "vmlinux", entry / "initramfs")


def kernel(series, say=lambda text: None):
    """A kernel of the series, ready to boot; fetches and builds what is missing.

    Threads: any number of processes at once."""
    try:
        return ready(*remembered(series, lambda: newestPackage(series)), say)
    except OutOfDate as error:
        say(f"apt's lists are out of date, reading new ones ({error})")
        options = freshLists()
        return ready(*remember(series, newestPackage(series, options)), say, options)
