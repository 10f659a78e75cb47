"""Many performers on one model: each is as if alone, nobody starves, and prompts let notes through.

Time is a number that the tests count on by what each call costs; nothing is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.notes import KEYS
from realtime.batch.batch import PIECE, PIECE_S, Batch
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import FIRST_SLOTS, Ask
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, ModelSession
from tests.support.drawing import DrawingRuntime, drawing_session

BEGIN: EventToken = (0, 2 * KEYS, 0)
ALL_KEYS = np.ones(2 * KEYS, np.float32)
NEUTRAL = (1.0, 1.0, 1.0)


def ask_of(performer: int, draw: int) -> Ask:
    return Ask(chances(1, performer, 0, draw), ALL_KEYS, 0, NEUTRAL, 1.0)


def played(count: int, key: int = 40) -> list[EventToken]:
    """Events that somebody plays: one key, up and down."""
    return [(5, key + KEYS * (place % 2), 9 * (1 - place % 2)) for place in range(count)]


def alone(
    session: ModelSession, performer: int, prompt: Sequence[EventToken], draws: int
) -> list[EventToken]:
    """What one performer draws with nobody beside."""
    before, last, drawn = session.silent_state(), BEGIN, []
    for event in prompt:
        before, last = session.feed(last, before), event
    for draw in range(draws):
        made, before = session.step(Inputs(last, chances(1, performer, 0, draw)), before)
        last = made.event
        drawn.append(last)
    return drawn


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ModelSession:
    return drawing_session(monkeypatch)[0]


def joined(batch: Batch, session: ModelSession) -> int:
    return batch.join(session.silent_state(), BEGIN)


def test_each_draws_what_it_would_draw_alone_whoever_comes_and_goes_meanwhile(session: ModelSession) -> None:
    batch = Batch(HostSlots(session))
    seats: dict[int, int] = {}
    drawn: dict[int, list[EventToken]] = {number: [] for number in range(6)}
    for moment in range(20):
        if moment % 2 == 0 and moment < 12:  # one comes at every second step, having heard something else
            seat = joined(batch, session)
            seats[seat] = moment // 2
            batch.hear(seat, played(moment, 40 + moment), 0.0, 0.0)
        for seat, performer in seats.items():
            batch.ask(seat, ask_of(performer, len(drawn[performer])), float(performer))
        while not batch.is_idle:
            for made in batch.step():
                drawn[seats[made.seat]].append(made.event)
                batch.keep(made.seat, made.event)
        for seat in [seat for seat, performer in seats.items() if len(drawn[performer]) == 4 + performer]:
            batch.leave(seat)
            del seats[seat]
    for performer, events in drawn.items():
        assert len(events) == 4 + performer
        assert events == alone(session, performer, played(2 * performer, 40 + 2 * performer), len(events))


def test_what_is_not_kept_is_drawn_again_from_where_it_stood(session: ModelSession) -> None:
    batch = Batch(HostSlots(session))
    kept, refused = joined(batch, session), joined(batch, session)
    for draw in range(3):
        for number, seat in enumerate((kept, refused)):
            batch.ask(seat, ask_of(number, draw), 0.0)
        first, _ = batch.step()
        batch.keep(kept, first.event)
    before, last = batch.standing(kept)
    assert last == alone(session, 0, (), 3)[-1]
    assert before[0].item() == 3  # events read
    before, last = batch.standing(refused)
    assert (before[0].item(), last) == (0, BEGIN)


def test_what_is_refused_takes_no_room(session: ModelSession) -> None:
    slots = HostSlots(session)
    batch = Batch(slots)
    seats = [joined(batch, session) for _ in range(4)]
    for draw in range(3 * FIRST_SLOTS):
        for seat in seats:
            batch.ask(seat, ask_of(seat, draw), 0.0)
        batch.step()
    assert slots.count == FIRST_SLOTS


def test_a_seat_given_up_takes_what_it_waited_for_with_it(session: ModelSession) -> None:
    batch = Batch(HostSlots(session))
    stays, goes = joined(batch, session), joined(batch, session)
    batch.hear(goes, played(40), 0.0, 0.0)
    batch.ask(goes, ask_of(1, 0), 0.0)
    batch.ask(stays, ask_of(0, 0), 1.0)
    batch.leave(goes)
    (made,) = batch.step()
    batch.keep(made.seat, made.event)
    assert made.seat == stays
    assert batch.is_idle
    assert batch.due is None
    comes = joined(batch, session)  # into the slot that was given back
    before, _ = batch.standing(comes)
    assert not any(part.any() for part in before)


def test_leaving_between_a_draw_and_its_keeping_harms_nobody(session: ModelSession) -> None:
    batch = Batch(HostSlots(session))
    seats = [joined(batch, session) for _ in range(3)]
    for number, seat in enumerate(seats):
        batch.ask(seat, ask_of(number, 0), 0.0)
    made = {drawn.seat: drawn for drawn in batch.step()}
    batch.keep(seats[0], made[seats[0]].event)
    batch.leave(seats[0])
    comes = joined(batch, session)
    batch.keep(seats[2], made[seats[2]].event)
    assert batch.standing(comes)[0][0].item() == 0
    assert batch.standing(seats[1])[0][0].item() == 0
    assert batch.standing(seats[2])[0][0].item() == 1


def test_each_has_controls_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    session, runtime = drawing_session(monkeypatch)
    batch = Batch(HostSlots(session))
    mask = ALL_KEYS.copy()
    mask[:50] = 0.0
    asks = (
        Ask((0.1, 0.2, 0.3), ALL_KEYS, 0, NEUTRAL, 1.0),
        Ask((0.4, 0.5, 0.6), mask, 7, (0.5, 0.25, 2.0), 0.5),
    )
    for ask in asks:
        batch.ask(joined(batch, session), ask, 0.0)
    batch.step()
    for row, ask in enumerate(asks):
        assert runtime.fed["chance"][row].tolist() == pytest.approx(ask.chance)
        assert runtime.fed["temperature"][row].tolist() == list(ask.temperature)
        assert runtime.fed["top_p"][row] == ask.top_p
        assert runtime.fed["gap_at_least"][row] == ask.gap_at_least
        assert (runtime.fed["key_mask"][row] == ask.key_mask).all()


def test_nobody_waits_and_nothing_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    session, runtime = drawing_session(monkeypatch)
    batch = Batch(HostSlots(session))
    assert batch.step() == []
    joined(batch, session)
    assert batch.step() == []
    assert (runtime.lanes, runtime.fed_events) == ([], [])


CALL_S, ROW_S, HEARD_S = (
    0.0002,
    0.0001,
    0.00015,
)  # what a draw costs, each of its rows, and a call that only hears


@dataclass
class Hall:
    """Performers at a batch, and a clock that goes on by what each call costs."""

    batch: Batch
    session: ModelSession
    runtime: DrawingRuntime
    now: float = 0.0
    late_s: dict[int, list[float]] = field(default_factory=dict)
    dues: dict[int, float] = field(default_factory=dict)

    def ask(self, seat: int, within_s: float) -> None:
        """A seat needs an event so soon."""
        self.dues[seat] = self.now + within_s
        self.batch.ask(seat, ask_of(seat, 0), self.dues[seat])

    def step(self) -> list[int]:
        """One call; who got an event."""
        draws, heard = len(self.runtime.lanes), len(self.runtime.fed_events)
        drawn = self.batch.step()
        self.now += sum(CALL_S + ROW_S * rows for rows in self.runtime.lanes[draws:])
        self.now += HEARD_S * (len(self.runtime.fed_events) - heard)
        for made in drawn:
            self.batch.keep(made.seat, made.event)
            self.late_s.setdefault(made.seat, []).append(max(self.now - self.dues[made.seat], 0.0))
        return [made.seat for made in drawn]


def hall(monkeypatch: pytest.MonkeyPatch, most_rows: int = 64) -> Hall:
    session, runtime = drawing_session(monkeypatch)
    return Hall(Batch(HostSlots(session), most_rows), session, runtime)


def test_a_long_prompt_lets_the_notes_of_others_through_and_is_heard_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = hall(monkeypatch)
    others = [joined(it.batch, it.session) for _ in range(8)]
    comes = joined(it.batch, it.session)
    it.batch.hear(comes, played(1000), it.now, it.now)  # as soon as can be
    it.ask(comes, 0.5)
    for seat in others:
        it.ask(seat, 0.02)
    while comes not in it.late_s:
        for seat in it.step():
            if seat != comes:
                it.ask(seat, 0.02)  # each again, as soon as it has got one
    assert max(max(it.late_s[seat]) for seat in others) == 0.0
    assert it.late_s[comes] == [0.0]
    assert min(len(it.late_s[seat]) for seat in others) > 10  # they were not made to wait for its end
    assert it.batch.standing(comes)[0][0].item() == 1001


def test_with_nobody_else_there_a_prompt_is_heard_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    it = hall(monkeypatch)
    it.batch.hear(joined(it.batch, it.session), played(1000), 0.0, 100.0)
    steps = 0
    while not it.batch.is_idle:
        it.step()
        steps += 1
    assert steps == ceil(1000 / PIECE)


def test_pieces_of_a_prompt_are_due_evenly_until_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    it = hall(monkeypatch)
    seat = joined(it.batch, it.session)
    it.batch.hear(seat, played(4 * PIECE), now=10.0, due=14.0)
    dues = []
    while not it.batch.is_idle:
        dues.append(it.batch.due)
        it.step()
    assert dues == [11.0, 12.0, 13.0, 14.0]
    it.batch.hear(seat, played(PIECE + 1), now=20.0, due=20.0)
    assert it.batch.due == pytest.approx(20.0 + PIECE_S)


def test_what_waits_for_a_prompt_makes_it_as_urgent_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    it = hall(monkeypatch)
    late, soon = joined(it.batch, it.session), joined(it.batch, it.session)
    it.batch.hear(soon, played(3), 0.0, 9.0)
    it.ask(late, 1.0)
    it.ask(soon, 0.5)
    assert [it.step() for _ in range(4)] == [[], [], [], [soon, late]]
    assert it.batch.is_idle


def test_those_whose_moment_comes_first_go_first_where_not_all_have_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = hall(monkeypatch, most_rows=2)
    seats = [joined(it.batch, it.session) for _ in range(5)]
    for seat, within_s in zip(seats, (0.5, 0.1, 0.4, 0.2, 0.3), strict=True):
        it.ask(seat, within_s)
    got = [it.step() for _ in range(3)]
    assert got == [[seats[1], seats[3]], [seats[4], seats[2]], [seats[0]]]


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.floats(0.002, 0.02), st.integers(0, 20)), min_size=1, max_size=6),
    st.integers(1, 4),
)
def test_nobody_starves_however_much_is_wished_for(wishes: list[tuple[float, int]], most_rows: int) -> None:
    """More is asked for than can be done: each asks again at once, some with prompts before each event."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        it = hall(monkeypatch, most_rows)
        seats = {joined(it.batch, it.session): wish for wish in wishes}
        for seat in seats:
            it.ask(seat, seats[seat][0])
        # One round of all: every event of every prompt, and every draw, each in a call of its own at worst.
        round_s = sum((prompt + 1) * (CALL_S + ROW_S) for _, prompt in wishes)
        longest_s = 2 * round_s + 2 * max(within_s for within_s, _ in wishes)
        while it.now < 4 * longest_s:
            for seat in it.step():
                within_s, prompt = seats[seat]
                it.batch.hear(seat, played(prompt), it.now, it.now + within_s)
                it.ask(seat, within_s)
        assert it.late_s.keys() == seats.keys()
        assert max(max(late) for late in it.late_s.values()) <= longest_s
