# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU machine that runs one job with this machine's files."""

import os
import selectors
import subprocess
import sys
import time

CONSOLE_LINES = 60
BOOT_SECONDS = 300  # it takes fifteen on a machine with nothing else to do


def qemuOption(value):
    """A value inside a QEMU option, where a comma is written twice."""
    return str(value).replace(",", ",,")


def qemuCommand(options, kernel, job, out, ports):
    """QEMU's command line. `ports` are descriptors that the machine's output goes to."""
    append = f"quiet loglevel=3 panic=-1 tsc=reliable mitigations=off audit=0 nmi_watchdog=0 vsdump.job={job}"
    command = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"]
    command += "-M pc,usb=off,vmport=off -accel tcg,thread=multi -cpu max,la57=off -nodefaults -no-reboot -display none".split()
    command += ["-smp", str(options.smp), "-m", str(options.mem)]
    command += ["-kernel", kernel.image, "-initrd", kernel.initramfs]
    command += ["-append", append + " console=ttyS0" + (" vsdump.shell" if options.shell else "")]
    command += ["-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap"]
    command += ["-virtfs", f"local,path={qemuOption(out)},mount_tag=out,security_model=none"]
    command += ["-device", "virtio-serial-pci"]
    for name, descriptor in ports.items():
        command += ["-chardev", f"file,id={name},path=/proc/self/fd/{descriptor}"]
        if name != "console":
            command += ["-device", f"virtserialport,chardev={name},name={name}"]
    command += ["-serial", "mon:stdio" if options.shell else "chardev:console"]
    return [str(word) for word in command]


class Machine:
    """A QEMU machine and what comes out of it."""

    def __init__(self, options, kernel, job, out):
        names = ["out", "err", "control"] + ([] if options.shell else ["console"])
        pipes = {name: os.pipe() for name in names}
        writers = {name: ends[1] for name, ends in pipes.items()}
        self.readers = {ends[0]: name for name, ends in pipes.items()}
        self.console = b""
        self.control = b""
        self.showConsole = options.console
        self.stdout = sys.stdout.buffer
        self.process = subprocess.Popen(
            qemuCommand(options, kernel, job, out, writers),
            stdin=None if options.shell else subprocess.DEVNULL,
            pass_fds=writers.values(),
        )
        for descriptor in writers.values():
            os.close(descriptor)

    def relay(self, timeout):
        """Passes the machine's output on until it ends. False when the time is over before that, or that of a boot:
        one has been seen to hang for as long as it could, without a word."""
        start = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for descriptor in self.readers:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                seconds = timeout if self.told("kernel") else min(timeout, BOOT_SECONDS)
                left = start + seconds - time.monotonic()
                if left <= 0:
                    return False
                for key, _ in selector.select(left):
                    data = os.read(key.fd, 65536)
                    if data:
                        self.take(self.readers[key.fd], data)
                    else:
                        selector.unregister(key.fd)
        self.process.wait()
        return True

    def take(self, name, data):
        """One piece of output of a port."""
        if name == "out":
            self.stdout.write(data)
            self.stdout.flush()
        elif name == "control":
            self.control += data
        else:
            if name == "console":
                self.console = (self.console + data)[-65536:]
            if name == "err" or self.showConsole:
                sys.stderr.buffer.write(data)
                sys.stderr.buffer.flush()

    def told(self, word):
        """What the machine has said about itself: "kernel" or "status"; None before it has."""
        for line in self.control.decode(errors="replace").splitlines():
            key, _, value = line.partition(" ")
            if key == word:
                return value
        return None

    def end(self):
        """Ends QEMU, and only this one."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def lastWords(self):
        """The end of the console, for an error message."""
        lines = self.console.decode(errors="replace").replace("\r", "").splitlines()
        lines = [f"    {line}" for line in lines if line.strip()][-CONSOLE_LINES:]
        return "\n".join(lines) or "    (nothing)"
