"""The picture: whose turn it is, the silence, and notes where and when they sounded."""

import re
from collections import deque

import pytest

from realtime.performer.actions import Action, PassOn, PlayNote, StopNote, TurnChanged
from realtime.performer.events import HandOverNow, KeyDown, KeyUp, Panic, PedalMoved, PlayerEvent, Woke
from realtime.performer.offers import Offer
from realtime.performer.pace import silence_needed
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import DEFAULT_RULES
from realtime.performer.state import FRESH
from realtime.rows.turned import Turned
from realtime.terminal.picture import ROWS, SECONDS_PER_COLUMN, Scene, Stroke, drawn, silence_share
from tests.support.performing import Performing, struck


def scene_of(*actions: Action | PlayerEvent) -> Scene:
    scene = Scene()
    for action in actions:
        taken = PassOn(action.at, action) if isinstance(action, KeyDown | KeyUp | PedalMoved) else action
        scene.take(Turned(Woke(action.at), (taken,), action.at))
    return scene


def plain(scene: Scene, now: float, silence: float | None = None, columns: int = 61) -> list[str]:
    return drawn(scene, now, silence, columns, colours=False)


def marks(lines: list[str], letter: str) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, line in enumerate(lines[1:])
        for column, sign in enumerate(line)
        if sign == letter
    ]


def test_player_and_model_are_drawn_apart() -> None:
    scene = scene_of(KeyDown(10.0, 60, 80), PlayNote(11.0, 1, 60, 70, 1, 11.0))
    lines = plain(scene, 12.0)
    assert marks(lines, "o")
    assert marks(lines, "x")


def test_enter_is_offered_while_waiting_where_it_gives_an_answer() -> None:
    performing = Performing()
    performing.take(*struck([60, 62]))
    for event, hint in (
        (Panic(20.0), "Enter: its answer"),
        (HandOverNow(21.0), None),
        (Panic(22.0), "another"),
    ):
        actions = tuple(performing.take(event))
        scene = Scene(has_keys=True)
        scene.take(Turned(event, actions, 20.0, performing.state))
        heading = plain(scene, 23.0, columns=80)[0]
        assert hint in heading if hint else "Enter" not in heading
    assert "Enter" not in plain(Scene(has_keys=True), 23.0)[0]


def test_higher_notes_are_drawn_higher_and_later_ones_further_right() -> None:
    scene = scene_of(KeyDown(10.0, 48, 80), KeyUp(10.1, 48), KeyDown(11.0, 84, 80), KeyUp(11.1, 84))
    (low, high) = sorted(marks(plain(scene, 12.0), "o"), key=lambda mark: mark[1])
    assert high[0] < low[0]
    assert high[1] - low[1] == 10


def test_a_sounding_note_reaches_to_now_and_scrolls_on() -> None:
    scene = scene_of(KeyDown(10.0, 60, 80))
    assert len(marks(plain(scene, 10.5), "o")) == 5
    assert len(marks(plain(scene, 11.5), "o")) == 15
    assert marks(plain(scene, 99.0), "o")[-1][1] == 58


def test_a_note_under_the_pedal_goes_on_until_the_pedal_lifts() -> None:
    scene = scene_of(PedalMoved(9.0, 127), KeyDown(10.0, 60, 80), KeyUp(10.1, 60), PedalMoved(11.0, 0))
    assert len(marks(plain(scene, 12.0), "o")) == 10


def test_a_released_answer_is_drawn_to_its_release() -> None:
    scene = scene_of(PlayNote(10.0, 1, 60, 70, 1, 10.0), StopNote(10.5, 1, 60, 1))
    assert len(marks(plain(scene, 12.0), "x")) == 5


@pytest.mark.parametrize("pitch", [0, 21, 108, 127])
def test_every_pitch_has_a_place(pitch: int) -> None:
    assert marks(plain(scene_of(KeyDown(10.0, pitch, 80)), 10.5), "o")


@pytest.mark.parametrize("columns", [1, 30, 80, 400])
def test_the_picture_keeps_its_height_and_fits_the_width(columns: int) -> None:
    scene = scene_of(*(KeyDown(10.0 + place * 0.1, 21 + place, 80) for place in range(80)))
    lines = drawn(scene, 18.0, 0.5, columns, colours=True)
    bare = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    assert len(bare) == ROWS + 1
    if columns >= 30:
        assert all(len(line) <= columns for line in bare)


def test_without_colours_no_escape_is_written() -> None:
    scene = scene_of(KeyDown(10.0, 60, 80), PlayNote(11.0, 1, 60, 70, 1, 11.0))
    assert not any("\x1b" in line for line in plain(scene, 12.0, 0.5))


def test_the_heading_tells_the_turn() -> None:
    scene = scene_of(TurnChanged(10.0, Phase.ANSWERING, Reason.ANSWER_BEGAN))
    assert "Antiphon answers" in plain(scene, 10.0)[0]


def test_the_silence_fills_up_until_the_phrase_is_over() -> None:
    performing = Performing()
    assert silence_share(FRESH, DEFAULT_RULES, 1.0) is None
    performing.take(*struck([60, 62, 64, 65]))
    needed_s = silence_needed(performing.state.pace, DEFAULT_RULES)
    moments = [10.95 + share * needed_s for share in (0.0, 0.5, 1.0, 9.0)]
    shares = [silence_share(performing.state, DEFAULT_RULES, at) for at in moments]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 1.0])
    performing.take(KeyDown(11.0, 60, 80))
    assert silence_share(performing.state, DEFAULT_RULES, 11.1) is None


@pytest.mark.parametrize("columns", [30, 31, 52, 53, 54, 200])
def test_the_heading_fits_with_its_offer_too_and_says_it_where_there_is_room(columns: int) -> None:
    scene = Scene(has_keys=True, offer=Offer.ANOTHER)
    heading = plain(scene, 1.0, columns=columns)[0]
    assert len(heading) < columns
    assert heading.startswith("● listening: play a phrase")
    assert ("Enter: another answer" in heading) is (columns >= 53)


@pytest.mark.parametrize(
    ("phase", "words", "colour"),
    [
        (Phase.WAITING, "listening: play a phrase", "38;5;240"),
        (Phase.CALLING, "you play", "38;5;215"),
        (Phase.ASKING, "taking a breath", "38;5;240"),
        (Phase.ANSWERING, "Antiphon answers", "38;5;80"),
        (Phase.CLOSED, "good night", "38;5;240"),
    ],
)
def test_each_turn_has_its_words_and_whoever_plays_a_colour(phase: Phase, words: str, colour: str) -> None:
    heading = drawn(Scene(phase=phase), 1.0, None, 80, colours=True)[0]
    assert heading.rstrip() == f"\x1b[{colour}m● {words}\x1b[0m"


@pytest.mark.parametrize(("share", "full"), [(0.0, 0), (0.25, 6), (0.5, 12), (1.0, 24)])
def test_the_bar_of_the_silence_keeps_its_length_while_it_fills(share: float, full: int) -> None:
    heading = plain(Scene(phase=Phase.CALLING), 1.0, share)[0]
    assert heading.split()[-1] == "━" * full + "─" * (24 - full)


def test_the_bar_is_shorter_where_the_terminal_is_narrow() -> None:
    heading = plain(Scene(phase=Phase.CALLING), 1.0, 0.5, columns=24)[0]
    assert heading.endswith("  " + "━" * 6 + "─" * 5)


PLAYER, MODEL = "38;5;215", "38;5;80"


@pytest.mark.parametrize(
    ("player", "model", "cell"),
    [
        (31, None, f"\x1b[{PLAYER}m▀\x1b[0m"),
        (28, None, f"\x1b[{PLAYER}m▄\x1b[0m"),
        (None, 31, f"\x1b[{MODEL}m▀\x1b[0m"),
        (31, 28, f"\x1b[{PLAYER};48;5;80m▀\x1b[0m"),
        (28, 31, f"\x1b[{MODEL};48;5;215m▀\x1b[0m"),
    ],
)
def test_two_half_rows_share_a_cell_in_both_colours(player: int | None, model: int | None, cell: str) -> None:
    strokes = [(player, False), (model, True)]
    scene = Scene(strokes=deque(Stroke(pitch, 10.0, mine, 10.1) for pitch, mine in strokes if pitch))
    assert drawn(scene, 10.1, None, 61, colours=True)[-1].lstrip() == cell


def test_both_halves_in_one_colour_are_a_whole_cell_and_without_colours_one_letter() -> None:
    scene = scene_of(
        *(event for pitch in (28, 31) for event in (KeyDown(10.0, pitch, 80), KeyUp(10.1, pitch)))
    )
    assert drawn(scene, 10.1, None, 61, colours=True)[-1].lstrip() == f"\x1b[{PLAYER}m█\x1b[0m"
    assert plain(scene, 10.1)[-1].lstrip() == "o"


def test_the_same_key_on_two_keyboards_sounds_until_each_is_let_go() -> None:
    scene = scene_of(
        KeyDown(10.0, 60, 80, source=0), KeyDown(10.2, 60, 80, source=1), KeyUp(10.4, 60, source=0)
    )
    assert [stroke.until for stroke in scene.strokes] == [10.4, None]


def test_a_key_struck_again_ends_the_stroke_before() -> None:
    scene = scene_of(
        PlayNote(10.0, 1, 60, 70, 1, 10.0), PlayNote(10.5, 2, 60, 70, 1, 10.5), StopNote(11.0, 2, 60, 1)
    )
    assert [(stroke.at, stroke.until) for stroke in scene.strokes] == [(10.0, 10.5), (10.5, 11.0)]


def test_a_release_of_what_was_never_struck_draws_nothing() -> None:
    assert not scene_of(StopNote(10.0, 1, 60, 1), KeyUp(10.0, 62)).strokes


def test_a_note_however_short_is_seen_and_one_long_past_is_not() -> None:
    scene = scene_of(KeyDown(10.0, 60, 80), KeyUp(10.001, 60))
    assert len(marks(plain(scene, 10.05), "o")) == 1
    assert marks(plain(scene, 10.0 + 61 * SECONDS_PER_COLUMN), "o") == []
