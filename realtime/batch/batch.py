"""Many performers on one model: whoever needs an event gets it from a call that all share.

How this works:

- Whoever `join`s has a seat: a state, and the event heard last, which that state does not contain yet.
- A seat can `hear` events that somebody played, and then `ask` for the next one. Both have a moment by which
  they should be done (`due`, in seconds on the clock of whoever asks).
- `step` makes one call of the model. The seat whose moment comes first decides whether it is a call in which
  events are drawn or, at half the cost, only heard; the others that wait for the same are taken along, those
  first whose moment comes first. Nobody waits for more rows to come: while a call runs, they gather.
- A long prompt is heard in pieces. Each has a moment of its own, and these are never closer than `PIECE_S`:
  so the notes of others come in between, and the prompt is done in time where there is time. A piece is heard
  in one step where nobody else waits.
- A moment stays where it is, and later wishes have later ones. So everyone's turn comes: nobody starves.
- What was drawn counts only when it is kept (`keep`). If not, the seat stands where it stood, and may ask
  again with other random numbers.

In full and half precision, who shares a call changes nothing but the rounding. In eight bits all rows of a
call share the scale of their activations, so they do change each other a little (docs/decisions/040).

Knows a session and moments as numbers. Must not know clocks, threads, ports, music or who sits where.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from realtime.batch.slots import FIRST_SLOTS, Slots
from realtime.inference.session import Array, EventToken, Inputs, LaneInputs, ModelSession, ModelState

MOST_ROWS = 64  # in one call; more of them keep the first one waiting, and bring little (docs/decisions/040)
PIECE = 16  # events of a prompt that are due together
PIECE_S = 0.005  # between the moments of two pieces: what sixteen events take, and as much again for others


@dataclass(frozen=True, slots=True)
class Ask:
    """What the next event is drawn with: see `Inputs` of a session."""

    chance: tuple[float, float, float]
    key_mask: Array
    gap_at_least: int
    temperature: tuple[float, float, float]
    top_p: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A seat's next event, and the cells until it."""

    seat: int
    event: EventToken
    cells: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Events to hear, and by when."""

    events: deque[EventToken]
    due: float


@dataclass
class _Seat:
    """A performer's place."""

    number: int
    slot: int
    last: EventToken
    pieces: deque[_Piece] = field(default_factory=deque)
    ask: Ask | None = None
    asked_due: float = inf

    @property
    def waits(self) -> bool:
        """Whether it needs a call."""
        return bool(self.pieces) or self.ask is not None

    @property
    def hears(self) -> bool:
        """Whether it has to hear before anything can be drawn."""
        return bool(self.pieces)

    @property
    def due(self) -> float:
        """The moment by which the next thing should be done; what is heard first is as urgent as what waits
        for it."""
        return min(self.pieces[0].due, self.asked_due) if self.pieces else self.asked_due


class Batch:
    """Performers side by side. Not to be called from two threads at once."""

    def __init__(self, session: ModelSession, most_rows: int = MOST_ROWS) -> None:
        self._session, self._most_rows = session, most_rows
        self._slots = Slots(session.bundle.header.states, session.silent_state(FIRST_SLOTS))
        self._seats: dict[int, _Seat] = {}
        self._joined = 0
        self._after: ModelState = ()  # what the last draw made of its rows
        self._rows: dict[int, int] = {}  # of that draw: the row of each seat
        self._kept: list[tuple[int, int]] = []  # slots and rows that are still to be written

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for anything."""
        return not any(seat.waits for seat in self._seats.values())

    @property
    def due(self) -> float | None:
        """The moment that comes first; None while nobody waits."""
        return min((seat.due for seat in self._seats.values() if seat.waits), default=None)

    def join(self, before: ModelState, last: EventToken) -> int:
        """A seat for a performer who stands here: the state before the event heard last (of one lane), and
        that event."""
        self._joined += 1
        self._seats[self._joined] = _Seat(self._joined, self._slots.take(self._session.on_host(before)), last)
        return self._joined

    def leave(self, seat: int) -> None:
        """Give the seat up, whatever it waits for."""
        self._write_kept()
        self._rows.pop(seat, None)
        self._slots.give_back(self._seats.pop(seat).slot)

    def standing(self, seat: int) -> tuple[ModelState, EventToken]:
        """Where a seat stands, as a value: the state before the event heard last, and that event."""
        self._write_kept()
        return self._slots.read([self._seats[seat].slot]), self._seats[seat].last

    def hear(self, seat: int, events: Sequence[EventToken], now: float, due: float) -> None:
        """Let a seat hear events, in order, the last of them by `due`; the pieces' moments lie evenly between
        now and then."""
        place = self._seats[seat]
        assert place.ask is None, "it waits for an event already: what it hears now would come too late"
        cut = [events[first : first + PIECE] for first in range(0, len(events), PIECE)]
        apart_s = max((due - now) / max(len(cut), 1), PIECE_S)
        begins = max(now, place.pieces[-1].due) if place.pieces else now
        place.pieces.extend(
            _Piece(deque(piece), begins + apart_s * (number + 1)) for number, piece in enumerate(cut)
        )

    def ask(self, seat: int, ask: Ask, due: float) -> None:
        """Let a seat have its next event by `due`, once all that it is to hear is heard."""
        place = self._seats[seat]
        place.ask, place.asked_due = ask, due

    def step(self) -> list[Drawn]:
        """One call of the model; the events that it drew, none if it only heard or nobody waits."""
        self._write_kept()
        self._rows.clear()
        waiting = sorted((seat for seat in self._seats.values() if seat.waits), key=lambda seat: seat.due)
        if not waiting:
            return []
        hears = waiting[0].hears
        rows = [seat for seat in waiting if seat.hears == hears][: self._most_rows]
        state = self._slots.read([seat.slot for seat in rows])
        if not hears:
            return self._draw(rows, state)
        if len(waiting) == 1:
            self._hear_piece(rows[0], state)
        else:
            self._hear(rows, state)
        return []

    def keep(self, seat: int, event: EventToken) -> None:
        """What was drawn for a seat in the last step has happened, as this event."""
        self._kept.append((self._seats[seat].slot, self._rows.pop(seat)))
        self._seats[seat].last = event

    def _hear_piece(self, seat: _Seat, state: ModelState) -> None:
        """A whole piece of a seat for which nobody has to wait."""
        for event in seat.pieces.popleft().events:
            state = self._session.feed(seat.last, state)
            seat.last = event
        self._slots.write([seat.slot], self._session.on_host(state), [0])

    def _hear(self, rows: list[_Seat], state: ModelState) -> None:
        """One event of each."""
        after = self._session.feed_lanes(_last_of(rows), state)
        self._slots.write([seat.slot for seat in rows], after, range(len(rows)))
        for seat in rows:
            piece = seat.pieces[0].events
            seat.last = piece.popleft()
            if not piece:
                seat.pieces.popleft()

    def _draw(self, rows: list[_Seat], state: ModelState) -> list[Drawn]:
        asks = [seat.ask for seat in rows if seat.ask is not None]
        if len(rows) == 1:
            return self._draw_alone(rows[0], asks[0], state)
        events, cells, self._after = self._session.step_lanes(
            LaneInputs(
                events=_last_of(rows),
                chance=np.array([ask.chance for ask in asks], np.float32),
                key_mask=np.stack([ask.key_mask for ask in asks]),
                gap_at_least=np.array([ask.gap_at_least for ask in asks], np.int64),
                temperature=np.array([ask.temperature for ask in asks], np.float32),
                top_p=np.array([ask.top_p for ask in asks], np.float32),
            ),
            state,
        )
        drawn = []
        for row, (seat, (gap, key, velocity)) in enumerate(zip(rows, events.tolist(), strict=True)):
            drawn.append(self._answered(seat, row, (gap, key, velocity), int(cells[row])))
        return drawn

    def _draw_alone(self, seat: _Seat, ask: Ask, state: ModelState) -> list[Drawn]:
        """The same for a single row, which a session takes at less cost."""
        inputs = Inputs(
            seat.last,
            ask.chance,
            ask.temperature,
            ask.top_p,
            ask.key_mask,
            gap_at_least=ask.gap_at_least,
        )
        made, after = self._session.step(inputs, state)
        self._after = self._session.on_host(after)
        return [self._answered(seat, 0, made.event, made.cells)]

    def _answered(self, seat: _Seat, row: int, event: EventToken, cells: int) -> Drawn:
        seat.ask, seat.asked_due = None, inf
        self._rows[seat.number] = row
        return Drawn(seat.number, event, cells)

    def _write_kept(self) -> None:
        """Put what was kept into its slots, all at once."""
        if self._kept:
            slots, rows = zip(*self._kept, strict=True)
            self._slots.write(slots, self._after, rows)
            self._kept.clear()


def _last_of(rows: Sequence[_Seat]) -> Array:
    return np.array([seat.last for seat in rows], np.int64)
