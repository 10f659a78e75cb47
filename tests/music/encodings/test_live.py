"""The three writings that go one event at a time: live equals offline, there and back, and their rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.encodings.performance import PerformanceEncoding
from music.notes import Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, events_of, pedal_folded
from music.tokens.encoding import LiveEncoding
from music.tokens.scales import velocity_bin, velocity_of
from tests.support.phrases import phrases

LIVE: list[LiveEncoding] = [EventEncoding(), EventEncoding(pedal=True), NoteEncoding(), PerformanceEncoding()]
every_live = pytest.mark.parametrize("encoding", LIVE, ids=["event", "event-pedal", "note", "performance"])
exact = phrases(longest_gap=90, longest_note=95, pedal=True)


def sketch(phrase: Phrase) -> list[tuple[int, int, int, int]]:
    """Notes as (onset cell, pitch, length in cells, velocity bin)."""
    return [
        (round(note.at * 100), note.pitch, round(note.length_s * 100), velocity_bin(note.velocity))
        for note in phrase.notes
    ]


def named(encoding: LiveEncoding, phrase: Phrase) -> list[str]:
    return [encoding.vocabulary.show(tuple(token)) for token in encoding.encode(phrase).tolist()]


@every_live
@given(phrase=phrases(pedal=True))
def test_feeding_event_by_event_equals_encoding_the_whole(encoding: LiveEncoding, phrase: Phrase) -> None:
    state, tokens = encoding.start(), []
    for event in events_of(phrase):
        before = state
        state, made = encoding.feed(state, event)
        assert encoding.feed(before, event) == (state, made)  # a state is a value: feeding changed nothing
        tokens.extend(made)
    tokens.extend(encoding.flush(state)[1])
    assert tokens == [tuple(token) for token in encoding.encode(phrase).tolist()]


@pytest.mark.parametrize("encoding", [LIVE[0], LIVE[1], LIVE[3]], ids=["event", "event-pedal", "performance"])
@given(phrase=phrases(pedal=True))
def test_what_was_read_back_is_lost_no_further(encoding: LiveEncoding, phrase: Phrase) -> None:
    once = encoding.decode(encoding.encode(phrase))
    twice = encoding.decode(encoding.encode(once))
    assert sketch(twice) == sketch(once)


@pytest.mark.parametrize("encoding", [EventEncoding(), PerformanceEncoding()], ids=["event", "performance"])
@given(phrase=phrases(longest_gap=20, longest_note=95, pedal=False))
def test_notes_on_the_grid_come_back_whole(encoding: LiveEncoding, phrase: Phrase) -> None:
    assert sketch(encoding.decode(encoding.encode(phrase))) == sketch(phrase)


@given(phrases(longest_gap=90, longest_note=95))
def test_whole_notes_on_the_grid_come_back_whole(phrase: Phrase) -> None:
    encoding = NoteEncoding()
    assert sketch(encoding.decode(encoding.encode(phrase))) == sketch(phrase)


@given(exact)
def test_what_comes_back_is_the_phrase_with_its_pedal_folded(phrase: Phrase) -> None:
    back = PerformanceEncoding().decode(PerformanceEncoding().encode(phrase))
    folded = [note for note in sketch(pedal_folded(phrase)) if note[2] > 0]
    assert sketch(back) == folded


@given(phrases(longest_gap=20, longest_note=60, pedal=True))
def test_written_as_events_the_pedal_comes_back(phrase: Phrase) -> None:
    encoding = EventEncoding(pedal=True)
    back = encoding.decode(encoding.encode(phrase))
    pressed = [pedal for pedal in phrase.pedals if pedal.down or pedal is not phrase.pedals[0]]
    if all(event.at < 1 for event in events_of(phrase)):  # gaps are exact below a second
        assert [(round(pedal.at * 100), pedal.down) for pedal in back.pedals] == [
            (round(pedal.at * 100), pedal.down) for pedal in pressed
        ]
    assert [pedal.down for pedal in back.pedals] == [pedal.down for pedal in pressed]


@every_live
@given(data=st.data())
def test_whatever_a_model_makes_up_is_played_with_each_note_ended(
    encoding: LiveEncoding, data: st.DataObject
) -> None:
    token = st.tuples(*(st.integers(0, size - 1) for size in encoding.vocabulary.sizes))
    state, sounding, moments = encoding.start(), set(), []
    for made in data.draw(st.lists(token, max_size=40)):
        state, events = encoding.perform(state, made)
        _follow(events, sounding, moments)
    _follow(encoding.finish(state), sounding, moments)
    assert not sounding
    assert moments == sorted(moments)


def _follow(events, sounding: set[int], moments: list[float]) -> None:
    for event in events:
        moments.append(event.at)
        if isinstance(event, NoteOn):
            assert event.pitch not in sounding
            assert 1 <= event.velocity <= 127
            sounding.add(event.pitch)
        elif isinstance(event, NoteOff):
            sounding.remove(event.pitch)


@every_live
def test_each_key_down_is_written_the_moment_it_happens_or_when_the_note_is_known(
    encoding: LiveEncoding,
) -> None:
    state, struck = encoding.feed(encoding.start(), NoteOn(0.5, 60, 80))
    _, released = encoding.feed(state, NoteOff(0.7, 60))
    is_late = isinstance(encoding, NoteEncoding)
    assert bool(struck) is not is_late
    assert released


def test_event_tells_gap_key_and_velocity() -> None:
    phrase = Phrase.of([Note(0.25, 60, 80, 0.5), Note(0.25, 64, 40, 2.0)])
    assert named(EventEncoding(), phrase) == [
        "0.25 down C4 v78",
        "0.00 down E4 v38",
        "0.50 up C4 none",
        "1.42-1.54 up E4 none",
    ]


def test_event_tells_a_lift_of_the_pedal_as_keys_going_up_together() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 0.1), Note(0.2, 64, 80, 0.1)], [Pedal(0, True), Pedal(0.8, False)])
    assert named(EventEncoding(), phrase)[2:] == ["0.60 up C4 none", "0.00 up E4 none"]


def test_event_with_the_pedal_tells_it_and_leaves_lengths_alone() -> None:
    phrase = Phrase.of([Note(0.1, 60, 80, 0.1)], [Pedal(0, True), Pedal(0.8, False)])
    assert named(EventEncoding(pedal=True), phrase) == [
        "0.00 pedal down none",
        "0.10 down C4 v78",
        "0.10 up C4 none",
        "0.60 pedal up none",
    ]


def test_a_pedal_pressed_down_twice_is_one_event() -> None:
    phrase = Phrase.of([], [Pedal(0, True), Pedal(0.5, True), Pedal(1, False)])
    assert [name.split(" ", 1)[1] for name in named(EventEncoding(pedal=True), phrase)] == [
        "pedal down none",
        "pedal up none",
    ]


def test_a_long_rest_moves_a_chord_as_a_whole() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 0.1)] + [Note(20.03, pitch, 80, 1) for pitch in (60, 64, 67)])
    back = EventEncoding().decode(EventEncoding().encode(phrase)).notes[1:]
    assert len({note.at for note in back}) == 1
    assert back[0].at == pytest.approx(20.03, rel=0.05)


def test_rounding_never_adds_up() -> None:
    notes = [Note(place * 0.1249, 60 + place % 3, 80, 0.05) for place in range(800)]
    back = EventEncoding().decode(EventEncoding().encode(Phrase.of(notes)))
    assert max(abs(a.at - b.at) for a, b in zip(notes, back.notes, strict=True)) <= 0.0051


def test_event_leaves_out_keys_off_the_piano_and_keeps_their_time() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 0.1), Note(0.2, 5, 80, 0.1), Note(0.5, 62, 80, 0.1)])
    assert named(EventEncoding(), phrase)[2] == "0.40 down D4 v78"


@every_live
def test_a_note_too_short_for_the_grid_lasts_one_cell(encoding: LiveEncoding) -> None:
    back = encoding.decode(encoding.encode(Phrase.of([Note(0.5, 60, 80, 0.001)])))
    assert [(note.at, round(note.length_s, 6)) for note in back.notes] == [(0.5, 0.01)]


def test_performance_has_the_388_events_of_the_paper() -> None:
    assert PerformanceEncoding().vocabulary.sizes == (388,)


def test_performance_tells_velocity_on_change_and_time_in_the_longest_shifts() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 2.55), Note(0, 64, 78, 2.55), Note(2.55, 60, 30, 0.01)])
    assert named(PerformanceEncoding(), phrase) == [
        "velocity 78",
        "down C4",
        "down E4",
        "wait 1.00",
        "wait 1.00",
        "wait 0.55",
        "up C4",
        "up E4",
        "velocity 30",
        "down C4",
        "wait 0.01",
        "up C4",
    ]


def test_velocity_bins_hold_four_velocities_each() -> None:
    assert [velocity_bin(velocity) for velocity in (1, 4, 5, 8, 124, 125, 127)] == [0, 0, 1, 1, 30, 31, 31]
    assert [velocity_of(number) for number in (0, 1, 31)] == [2, 6, 126]


def test_note_tells_onsets_in_order_though_notes_end_in_another() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 1), Note(0.2, 64, 80, 0.1)])
    assert named(NoteEncoding(), phrase) == ["0.00 C4 v78 1.00", "0.20 E4 v78 0.10"]
