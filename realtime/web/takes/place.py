"""A place in a take from which the player goes on: what was played before it, as rows and for the engine.

Knows a take's file. Must not know who goes on, or when.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from music.midi.files import read_pieces_from
from music.piece import Piece
from realtime.rows.kinds import MODEL, PLAYER, Row
from realtime.rows.messages import Moment, TakeUp
from realtime.rows.take import ASKED, BEAT_S, STARRED
from realtime.web.takes.heard import rows_in

MOST_EVENTS = 4096  # of a phrase, or of an answer: of more, the newest
DOWN, HOLDS_FROM = 127, 64  # of a pedal's depth


@dataclass(frozen=True, slots=True)
class Place:
    """A take, a moment in it in seconds, and its rows up to there; their moments count from the place."""

    take: str
    at: float
    rows: tuple[Row, ...]

    def before(self) -> TakeUp:
        """The last phrase before it, and what had come of its answer."""
        last_key = _last_onset(self.rows, PLAYER, inf)
        answer_before = _last_onset(self.rows, MODEL, last_key)
        answered = tuple(_moments(self.rows, MODEL, last_key))[-MOST_EVENTS:]
        call = tuple(_moments(self.rows, PLAYER, answer_before))[-MOST_EVENTS:]
        return TakeUp(_ended(call, answered[0][0]) if answered else call, answered)

    def laid_at(self, at: float) -> list[Row]:
        """Its rows as if the place were this moment; what is held there is let go."""
        rows = [*self.rows, *_let_go(self.rows)]
        return [{**row, "at": row["at"] + at} for row in rows]


def place_in(content: bytes, name: str, at: float) -> Place:
    """A place in a take's file."""
    piece = read_pieces_from(content, name)[0]
    rows = sorted([*rows_in(piece, content), *_marks(piece)], key=lambda row: float(row["at"]))
    before = [{**row, "at": round(row["at"] - at, 4)} for row in rows if row["at"] <= at]
    return Place(name, round(at, 3), tuple(before))


def _last_onset(rows: Iterable[Row], who: str, before: float) -> float:
    onsets = [row["at"] for row in rows if row["kind"] == "note" and row["velocity"] and row["who"] == who]
    return max((at for at in onsets if at < before), default=-inf)


def _moments(rows: Iterable[Row], who: str, after: float) -> Iterator[Moment]:
    """What somebody played after a moment, from the first key that went down; the player's with the pedal."""
    down: set[int] = set()
    has_begun, tread = False, 0
    for row in rows:
        if row["kind"] == "pedal" and who == PLAYER:
            before, tread = tread, DOWN if row["depth"] >= HOLDS_FROM else 0
            if has_begun and tread != before:
                yield row["at"], None, tread
        if row["kind"] != "note" or row["who"] != who:
            continue
        if row["velocity"] and row["at"] > after:
            if not has_begun and tread:
                yield row["at"], None, tread
            has_begun = True
            down.add(row["pitch"])
            yield row["at"], row["pitch"], row["velocity"]
        elif not row["velocity"] and row["pitch"] in down:
            down.discard(row["pitch"])
            yield row["at"], row["pitch"], 0


def _ended(call: tuple[Moment, ...], at: float) -> tuple[Moment, ...]:
    """A phrase that is answered from a moment on, whatever was held for longer."""
    until = [moment for moment in call if moment[0] < at]
    standing = {pitch: strength for _, pitch, strength in until}
    return (*until, *((at, pitch, 0) for pitch, strength in standing.items() if strength))


def _let_go(rows: Iterable[Row]) -> list[Row]:
    """Releases, at the place, of all that is held there."""
    held: dict[tuple[str, int], Row] = {}
    tread: list[Row] = []
    softened: dict[str, Row] = {}  # by channel
    for row in rows:
        if row["kind"] == "pedal":
            tread = [{**row, "at": 0.0, "depth": 0}] if row["depth"] else []
        elif row["kind"] == "message":  # the left pedal's
            channel, depth = row["bytes"][:4], int(row["bytes"][4:], 16)
            softened.pop(channel, None)
            if depth:
                softened[channel] = {**row, "at": 0.0, "bytes": f"{channel}00"}
        elif row["kind"] == "note":
            key = row["who"], row["pitch"]
            held.pop(key, None)
            if row["velocity"]:
                held[key] = {**row, "at": 0.0, "velocity": 0}
    return [*held.values(), *tread, *softened.values()]


def _marks(piece: Piece) -> Iterator[Row]:
    """The answers that were asked for, and the stars."""
    for words in piece.words:
        at = words.beat * BEAT_S
        asked = re.fullmatch(rf"{ASKED}: turn (\d+), attempt (\d+)", words.text)
        if asked:
            turn, attempt = map(int, asked.groups())
            yield {
                "kind": "turn",
                "at": at,
                "phase": "asking",
                "reason": "",
                "turn": turn,
                "attempt": attempt,
            }
        elif words.text == STARRED:
            yield {"kind": "starred", "at": at}
