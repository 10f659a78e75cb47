"""A take as the page plays it back: rows as they were sent, from its first note on, and the starred answers.

Knows a take's file. Must not know who asks for it.
"""

import json
from collections.abc import Iterator
from typing import Any

from music.midi.files import read_pieces_from
from music.notes import NoteOff, NoteOn
from music.phrase import events_of
from music.piece import Piece
from realtime.kept.folder import one_side, starred_in
from realtime.rows.kinds import MODEL, PLAYER
from realtime.rows.take import MODEL as ANTIPHON
from realtime.rows.take import PLAYER as PERSON

DOWN = 127
SOURCE = 0  # a take doesn't say which keyboard it was


def heard(content: bytes, name: str) -> bytes:
    """Its file, as the object that the page asks for."""
    piece = read_pieces_from(content, name)[0]
    rows = sorted(rows_in(piece), key=lambda row: float(row["at"]))
    found = {"seconds": round(piece.phrase.until, 3), "starred": starred_in(piece), "rows": rows}
    return json.dumps(found, separators=(",", ":")).encode()


def rows_in(piece: Piece) -> Iterator[dict[str, Any]]:
    """What sounds in a take, in seconds from its first note on: first the player's, then the model's."""
    for who, voice in ((PLAYER, PERSON), (MODEL, ANTIPHON)):
        for event in events_of(one_side(piece, voice)):
            at = round(event.at, 4)
            if isinstance(event, NoteOn):
                row = {"kind": "note", "at": at, "who": who, "pitch": event.pitch, "velocity": event.velocity}
            elif isinstance(event, NoteOff):
                row = {"kind": "note", "at": at, "who": who, "pitch": event.pitch, "velocity": 0}
            else:
                row = {"kind": "pedal", "at": at, "depth": DOWN * event.down}
            yield row | {"source": SOURCE}
