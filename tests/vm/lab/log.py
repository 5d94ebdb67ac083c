# SPDX-License-Identifier: GPL-2.0-or-later
"""What a script did, in order: the truth that a capture is compared with."""

import hashlib
import json
import threading
import time


class Log:
    """Events as dictionaries, in a list and, where a stream is given, as JSON lines.

    Threads: any."""

    def __init__(self, stream=None):
        self.events = []
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, event, **fields):
        with self._lock:
            entry = {"event": event, "timeNs": time.time_ns(), **fields}
            self.events.append(entry)
            if self._stream:
                print(json.dumps(entry), file=self._stream, flush=True)

    def all(self, event, **fields):
        """The events of a kind whose fields have these values."""
        return [e for e in self.events if e["event"] == event and all(e.get(k) == v for k, v in fields.items())]

    def total(self, event, field="bytes", **fields):
        """The sum of a field over all(event, **fields)."""
        return sum(e[field] for e in self.all(event, **fields))


def digest(data):
    """A short name for bytes, the same for what was sent and what arrived."""
    return hashlib.sha256(data).hexdigest()[:16]


def pattern(size, seed=0):
    """Bytes that tell where they are: each line of 16 is its own number, so that a repeated, missing or
    shifted piece is seen at once."""
    lines = (f"{seed % 1000:03d}:{line * 16:010d}\r\n" for line in range(size // 16 + 1))
    return "".join(lines).encode()[:size]
