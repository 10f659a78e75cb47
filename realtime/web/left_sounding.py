"""What sounds, known from rows: so that it can be ended when the engine was killed.

Takes rows, gives messages. Must not know ports.
"""

from collections.abc import Mapping
from typing import Any

from realtime.midi import wire


class LeftSounding:
    """The keys that are down and the pedals that hold, of the player and of the model."""

    def __init__(self) -> None:
        self._keys: dict[tuple[int, int], None] = {}  # (channel, pitch), in order
        self._pedals: dict[int, None] = {}

    def take(self, row: Mapping[str, Any]) -> None:
        """A row; those that change nothing that sounds are let pass."""
        if row.get("kept_back"):
            return
        if row["kind"] == "note":
            key = (int(row["channel"]) - 1, int(row["pitch"]))
            self._keys.pop(key, None)
            if row["velocity"]:
                self._keys[key] = None
        elif row["kind"] == "pedal":
            self._pedals.pop(int(row["channel"]) - 1, None)
            if row["depth"]:
                self._pedals[int(row["channel"]) - 1] = None

    def messages(self) -> list[bytes]:
        """What ends it all: releases first, then the pedals come up."""
        releases = [wire.released(channel, pitch) for channel, pitch in self._keys]
        return [*releases, *(bytes((wire.CONTROL | channel, wire.SUSTAIN, 0)) for channel in self._pedals)]
