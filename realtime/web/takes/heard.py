"""A take as the page plays it back: rows as they were sent, from its first note on, and the starred answers.

Both pedals are there as deep as they were trodden.

Knows a take's file. Must not know who asks for it.
"""

import json
from collections.abc import Iterator
from typing import Any

from music.midi.controllers import controllers_in
from music.midi.files import read_pieces_from
from music.notes import NoteOff, NoteOn
from music.phrase import events_of
from music.piece import Piece
from realtime.kept.folder import ANTIPHON as ANTIPHON_TRACK
from realtime.kept.folder import one_side, starred_in
from realtime.midi import wire
from realtime.rows.kinds import MODEL, PLAYER
from realtime.rows.take import MODEL as ANTIPHON
from realtime.rows.take import PLAYER as PERSON

SOURCE = 0  # a take doesn't say which keyboard it was


def heard(content: bytes, name: str) -> bytes:
    """Its file, as the object that the page asks for."""
    piece = read_pieces_from(content, name)[0]
    rows = rows_in(piece, content)
    found = {"seconds": round(piece.phrase.until, 3), "starred": starred_in(piece), "rows": rows}
    return json.dumps(found, separators=(",", ":")).encode()


def rows_in(piece: Piece, content: bytes) -> list[dict[str, Any]]:
    """What sounds in a take, `content` being its file, in order and in seconds from its first note on."""
    rows = [*_pedals_in(content, piece.name), *_keys_in(piece)]
    return sorted(rows, key=lambda row: float(row["at"]))


def _keys_in(piece: Piece) -> Iterator[dict[str, Any]]:
    for who, voice in ((PLAYER, PERSON), (MODEL, ANTIPHON)):
        for event in events_of(one_side(piece, voice)):
            at = round(event.at, 4)
            if isinstance(event, NoteOn):
                row = {"kind": "note", "at": at, "who": who, "pitch": event.pitch, "velocity": event.velocity}
            elif isinstance(event, NoteOff):
                row = {"kind": "note", "at": at, "who": who, "pitch": event.pitch, "velocity": 0}
            else:
                continue  # how deep it is, the file says
            yield row | {"source": SOURCE}


def _pedals_in(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    """The player's; on several channels the pedal is as deep as the deepest of them."""
    depths: dict[int, int] = {}
    stands = 0
    for moved in controllers_in(content, name, (wire.SUSTAIN, wire.LEFT_PEDAL)):
        if moved.track == ANTIPHON_TRACK:
            continue
        at = round(moved.at, 4)
        if moved.number == wire.LEFT_PEDAL:
            message = bytes((wire.CONTROL | moved.channel, moved.number, moved.place))
            yield {"kind": "message", "at": at, "bytes": message.hex(), "source": SOURCE}
            continue
        depths[moved.channel] = moved.place
        before, stands = stands, max(depths.values())
        if stands != before:
            yield {"kind": "pedal", "at": at, "depth": stands, "source": SOURCE}
