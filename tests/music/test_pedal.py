"""The pedal's rule, the one place that folds it: what sounds after each event."""

from hypothesis import given
from hypothesis import strategies as st

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.pedal import SILENT_KEYBOARD, Keyboard, fold, pitches_of, silence
from tests.support.phrases import check_each_strike_is_released

events = st.lists(
    st.one_of(
        st.builds(NoteOn, st.just(0.0), st.integers(58, 62), st.integers(1, 127)),
        st.builds(NoteOff, st.just(0.0), st.integers(58, 62)),
        st.builds(Pedal, st.just(0.0), st.booleans()),
    ),
    max_size=40,
)


def after(*happened: KeyEvent) -> tuple[Keyboard, list[KeyEvent]]:
    keyboard, sounds = SILENT_KEYBOARD, []
    for event in happened:
        keyboard, changes = fold(keyboard, event)
        sounds.extend(changes)
    return keyboard, sounds


def test_a_key_released_under_the_pedal_sounds_until_the_pedal_lifts() -> None:
    strike, release, lift = NoteOn(0, 60, 80), NoteOff(1, 60), Pedal(3, False)
    keyboard, sounds = after(Pedal(0, True), strike, release)
    assert (sounds, pitches_of(keyboard.sounding), keyboard.held) == ([strike], [60], 0)
    keyboard, sounds = after(Pedal(0, True), strike, release, lift)
    assert (sounds, keyboard) == ([strike, NoteOff(3, 60)], SILENT_KEYBOARD)


def test_a_key_struck_again_under_the_pedal_ends_its_old_note_then() -> None:
    again = NoteOn(2, 60, 90)
    _, sounds = after(Pedal(0, True), NoteOn(0, 60, 80), NoteOff(1, 60), again)
    assert sounds == [NoteOn(0, 60, 80), NoteOff(2, 60), again]


def test_a_key_held_while_the_pedal_lifts_goes_on() -> None:
    keyboard, sounds = after(Pedal(0, True), NoteOn(0, 60, 80), Pedal(1, False))
    assert (sounds, pitches_of(keyboard.held)) == ([NoteOn(0, 60, 80)], [60])


def test_a_pedal_that_comes_after_the_release_sustains_nothing() -> None:
    _, sounds = after(NoteOn(0, 60, 80), NoteOff(1, 60), Pedal(1, True), Pedal(2, False))
    assert sounds == [NoteOn(0, 60, 80), NoteOff(1, 60)]


def test_a_lift_releases_low_to_high() -> None:
    keys = [NoteOn(0, pitch, 80) for pitch in (67, 60, 64)] + [NoteOff(1, pitch) for pitch in (67, 60, 64)]
    _, sounds = after(Pedal(0, True), *keys, Pedal(2, False))
    assert sounds[3:] == [NoteOff(2, 60), NoteOff(2, 64), NoteOff(2, 67)]


@given(events)
def test_each_strike_is_ended_once_and_nothing_else_is(happened: list[KeyEvent]) -> None:
    keyboard, sounds = after(*happened)
    sounds.extend(silence(keyboard, 9)[1])
    check_each_strike_is_released(sounds)
    strikes = [event for event in happened if isinstance(event, NoteOn)]
    assert [sound for sound in sounds if isinstance(sound, NoteOn)] == strikes


@given(events)
def test_without_a_pedal_what_sounds_is_what_is_held(happened: list[KeyEvent]) -> None:
    keyboard, _ = after(*(event for event in happened if not isinstance(event, Pedal)))
    assert keyboard.sounding == keyboard.held
    assert not keyboard.sustained
