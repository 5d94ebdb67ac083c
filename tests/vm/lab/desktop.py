# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop on which an ordinary user has vsdump-gui, which is driven with keys and read as a screen reader does."""

import contextlib
import os
import pwd
import subprocess

import dbus.bus

from lab.vsdump import PATIENCE, eventually

ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
SHOWING = 1 << 25  # ATSPI_STATE_SHOWING
# Their contents are many, and no test reads them.
UNREAD = {"layered pane", "splitter", "menu bar", "tool bar", "table", "tree", "combo box"}


class Desktop(contextlib.ExitStack):
    """A screen, a session bus and the accessibility bus of a user; gone at the end of the block."""

    def __init__(self, user, home):
        super().__init__()
        self.user = user
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(home),
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        screen = self.start("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", stdout=subprocess.PIPE, text=True)
        self.pid = screen.pid
        self.environment["DISPLAY"] = ":" + screen.stdout.readline().strip()
        session = self.start("dbus-daemon", "--session", "--nofork", "--print-address", stdout=subprocess.PIPE, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = session.stdout.readline().strip()
        bus = self._connect(self.environment["DBUS_SESSION_BUS_ADDRESS"])
        address = bus.get_object("org.a11y.Bus", "/org/a11y/bus").GetAddress(dbus_interface="org.a11y.Bus")
        self.accessibility = self._connect(address)

    def _connect(self, address):
        """To a bus of the user's, which lets nobody else in."""
        own = os.geteuid()
        os.seteuid(pwd.getpwnam(self.user).pw_uid)
        try:
            bus = dbus.bus.BusConnection(address)
        finally:
            os.seteuid(own)
        self.callback(bus.close)
        return bus

    def start(self, *command, sudo=False, **options):
        """A program of the user's, which ends with the desktop; with `sudo` as sudo would start it."""
        options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        if sudo:
            changed = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "SUDO_UID": str(pwd.getpwnam(self.user).pw_uid)}
            whose = {"env": {**self.environment, **changed}}
        else:
            whose = {"env": self.environment, "user": self.user, "group": self.user, "extra_groups": []}
        process = subprocess.Popen([str(word) for word in command], cwd="/", **whose, **options)
        self.enter_context(process)
        self.callback(process.kill)
        return process

    def run(self, *command):
        """What a program of the user's prints."""
        with self.start(*command, stdout=subprocess.PIPE, text=True) as process:
            return process.communicate(timeout=PATIENCE)[0].strip()


class Element:
    """Something on the screen."""

    def __init__(self, bus, name, path):
        self._bus = bus
        self._object = bus.get_object(name, path, introspect=False)

    def _ask(self, question):
        return getattr(self._object, question)(dbus_interface=ACCESSIBLE)

    @property
    def text(self):
        return str(self._object.Get(ACCESSIBLE, "Name", dbus_interface=dbus.PROPERTIES_IFACE))

    @property
    def role(self):
        return str(self._ask("GetRoleName"))

    @property
    def isShowing(self):
        return bool(int(self._ask("GetState")[0]) & SHOWING)

    def children(self):
        return [Element(self._bus, name, path) for name, path in self._ask("GetChildren")]

    def parts(self):
        """This and all that is in it, as far as it shows."""
        if not self.isShowing:
            return []
        below = [] if self.role in UNREAD else self.children()
        return [self, *(part for child in below for part in child.parts())]

    def texts(self):
        """Those of its parts."""
        return [part.text for part in self.parts() if part.text]

    def middle(self):
        """Where it is on the screen."""
        left, top, width, height = self._object.GetExtents(dbus.UInt32(0), dbus_interface="org.a11y.atspi.Component")
        return left + width // 2, top + height // 2


class Window:
    """vsdump-gui; the block's end kills it."""

    def __init__(self, desktop, sudo=False):
        self.desktop = desktop
        self.process = desktop.start("vsdump-gui", sudo=sudo)
        self.pid = self.process.pid
        self._status = None
        self._main, main = self._await("window", "frame")
        self._status = next(part for part in main.children() if part.role == "status bar")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def _windows(self, *roles):
        """Its windows of some roles, as a screen reader knows them."""
        with contextlib.suppress(dbus.exceptions.DBusException):
            programs = Element(self.desktop.accessibility, "org.a11y.atspi.Registry", ROOT).children()
            return [window for program in programs for window in program.children() if window.role in roles and window.isShowing]
        return []

    def _await(self, what, *roles):
        """Waits for a window; returns what xdotool and what a screen reader knows it by."""
        if not self.eventually(lambda: self._windows(*roles)):
            raise RuntimeError(f"no {what} came: {self.texts()}")
        shown = self._windows(*roles)[0]
        search = ["search", "--sync", "--all", "--onlyvisible", "--pid", self.pid, "--name", f"^{shown.text}$"]
        return self.desktop.run("xdotool", *search).split()[-1], shown

    @staticmethod
    def eventually(condition):
        """Whether it becomes true; looking at a window takes time that the window wants as well."""
        return eventually(condition, pause=0.3)

    def texts(self):
        """What its windows say, the dialogs last; the main window with its status bar alone."""
        with contextlib.suppress(dbus.exceptions.DBusException):
            dialogs = self._windows("dialog", "alert message")
            return [text for part in filter(None, (self._status, *dialogs)) for text in part.texts()]
        return []  # it was closed just now

    def shows(self, words):
        """Whether it comes to show that."""
        return self.eventually(lambda: words in " | ".join(self.texts()))

    def keys(self, *names):
        """Presses keys."""
        self.desktop.run("xdotool", "windowfocus", "--sync", self._main, *keys(*names))

    def _answer(self, *deeds):
        """Waits for a dialog, does something in it, and waits for its end."""
        window, _ = self._await("dialog", "dialog", "file chooser")
        self.desktop.run("xdotool", "windowfocus", "--sync", window, *deeds)
        if not self.eventually(lambda: not self._windows("dialog", "file chooser")):
            raise RuntimeError(f"a dialog stays: {self.texts()}")

    def capture(self, rights, device="", host=""):
        """Starts a capture: `rights` is the place in the list."""
        self.keys("ctrl+k")
        where = [*keys("alt+h"), *text(host)] if host else []
        self._answer(*keys("alt+d"), *text(device), *keys("alt+c", "Home", *["Down"] * rights), *where, *keys("alt+s"))

    def save(self, path):
        """Saves all packets."""
        self.keys("ctrl+s")
        self._answer(*text(path), *keys("Return"))

    def message(self):
        """Waits for a message, closes it with the mouse, and returns what it says."""
        if not self.eventually(lambda: self._windows("alert message")):
            raise RuntimeError(f"no message came: {self.texts()}")
        parts = self._windows("alert message")[0].parts()
        (words,) = [part.text for part in parts if part.role == "label"]
        (button,) = [part for part in parts if part.role == "push button"]
        self.desktop.run("xdotool", "mousemove", *button.middle(), "click", "1")
        if not self.eventually(lambda: not self._windows("alert message")):
            raise RuntimeError("the message stays")
        return words


def keys(*names):
    """Words for xdotool that press keys."""
    return ["key", "--delay", "20", *names]


def text(written):
    """Words for xdotool that put a text in place of what is in a field."""
    return [*keys("ctrl+a", "BackSpace"), *(["type", "--delay", "10", "--args", "1", "--", written] if written else [])]
