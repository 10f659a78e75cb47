"""What is thought of is drawn, then judged one by one: the best comes first, and no bounds are broken."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from music.manner.features import features_of
from music.notes import Note, NoteOff, NoteOn
from music.phrase import Phrase, events_of
from realtime.answerers.bounds import bounds_for, keeps_within
from realtime.answerers.passages.choosing import NONSENSE, cost_of
from realtime.answerers.passages.thinking import FEWEST_LEFT, Thought

Events = list[NoteOn | NoteOff]

CALL = [
    Note(place * 0.3, pitch, 70 + 6 * (place % 2), 0.25)
    for place, pitch in enumerate((60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72))
]
ENDS = CALL[-1].until


@dataclass
class Given:
    """Candidates that need so many draws, and whose answers a test gives."""

    answers: list[Events]
    draws_left: int = 3
    is_cut_short: bool = False
    asked: list[int] = field(default_factory=list)  # whose place was asked for

    @property
    def is_over(self) -> bool:
        return self.is_cut_short or self.draws_left == 0

    @property
    def done(self) -> float:
        return 1 - self.draws_left / 4

    def step(self) -> None:
        self.draws_left -= 1

    def place_of(self, number: int) -> float:
        self.asked.append(number)
        return 0.0


def events(notes: Sequence[Note]) -> Events:
    return [event for event in events_of(Phrase.of(notes)) if isinstance(event, NoteOn | NoteOff)]


def like_the_call(seed: int = 0, notes: int = 10) -> list[Note]:
    scale = (60, 62, 64, 65, 67, 69, 71, 72)
    return [
        Note(ENDS + 0.5 + 0.3 * place, scale[(place * (2 + seed) + seed) % 8], 70, 0.25)
        for place in range(notes)
    ]


def unlike_the_call() -> list[Note]:
    return [
        Note(ENDS + 0.5 + 0.9 * place, 60 + (1, 6, 8, 3)[place % 4], 20 + 50 * (place % 3), 0.05)
        for place in range(4)
    ]


def thought_of(*answers: Sequence[Note], length_s: float = 3.0, before: Sequence[Note] = ()) -> Thought:
    candidates = Given([events(answer) for answer in answers])
    thought = Thought(CALL, CALL, ENDS + 0.5, length_s, candidates, before)  # type: ignore[arg-type]
    while not thought.is_complete:
        thought.step()
    return thought


def cost(passage: Sequence[Note]) -> float:
    return cost_of(features_of(passage), features_of(CALL))


def test_it_draws_first_and_then_judges_one_at_a_step() -> None:
    candidates = Given([events(like_the_call(seed)) for seed in range(2)])
    thought = Thought(CALL, CALL, ENDS + 0.5, 3.0, candidates)  # type: ignore[arg-type]
    judged = []
    while not thought.is_complete:
        thought.step()
        judged.append((candidates.draws_left, list(candidates.asked)))
    assert judged == [(2, []), (1, []), (0, []), (0, [0]), (0, [0, 1])]


def test_without_answers_it_is_complete_and_has_nothing() -> None:
    thought = thought_of()
    assert thought.ranked == []
    assert thought.taken(0, ENDS) == []


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_nearest_to_the_call_comes_first_whatever_the_order_of_drawing(order: tuple[int, ...]) -> None:
    drawn = [like_the_call(0), like_the_call(1), like_the_call(2), unlike_the_call()]
    thought = thought_of(*[drawn[number] for number in order])
    assert len(thought.ranked) == 4
    costs = [thought._cost(passage) for passage in thought.ranked]
    assert costs == sorted(costs)
    assert thought.ranked[-1] == thought_of(unlike_the_call()).ranked[0]


def test_each_is_what_it_would_be_alone() -> None:
    together = thought_of(like_the_call(0), like_the_call(1))
    alone = [thought_of(like_the_call(seed)).ranked[0] for seed in range(2)]
    assert [passage for passage in together.ranked if passage in alone] == together.ranked


@pytest.mark.parametrize("count", [0, 1, 2])
def test_of_too_few_notes_nothing_is_made(count: int) -> None:
    assert thought_of(like_the_call(notes=count)).ranked == []


def test_fitted_it_begins_after_the_silence_and_keeps_within_the_calls_bounds() -> None:
    for passage in thought_of(*(like_the_call(seed) for seed in range(5))).ranked:
        assert passage[0].at > ENDS + 0.5
        assert len(passage) >= FEWEST_LEFT
        assert keeps_within(passage, bounds_for(CALL))


def test_what_would_break_the_bounds_is_left_out() -> None:
    """A key again and again is no passage, however near to the call it is otherwise."""
    weary = [Note(ENDS + 0.5 + 0.3 * place, 64, 70, 0.25) for place in range(10)]
    thought = thought_of(weary, like_the_call())
    assert thought.ranked
    assert all(keeps_within(passage, bounds_for(CALL)) for passage in thought.ranked)
    long_ago = [Note(ENDS - 20.0, 64, 70, 0.25)]  # a silence follows that nobody keeps
    assert thought_of(like_the_call(), before=long_ago).ranked == []


def test_what_would_break_the_bounds_together_with_what_was_played_before_is_left_out() -> None:
    begins = like_the_call()
    first = thought_of(begins).ranked[0][0]
    again = [Note(first.at - 0.3 * place, first.pitch, 70, 0.2) for place in (3, 2, 1)]
    alone = thought_of(begins).ranked
    joined = thought_of(begins, before=again).ranked
    assert alone
    assert all(keeps_within([*again, *passage], bounds_for(CALL)) for passage in joined)
    assert joined != alone


def test_of_what_a_passage_can_be_made_the_cheapest_is_kept() -> None:
    """As it was drawn, it is like a stranger; with the call's rhythm it is nearer."""
    strange = unlike_the_call()
    (kept,) = thought_of(strange, length_s=1.0).ranked
    assert cost(kept) < cost(strange)


@pytest.mark.parametrize(("length_s", "notes"), [(7.2, 24), (1.8, 6)])
def test_what_lasts_as_long_as_asked_is_preferred(length_s: float, notes: int) -> None:
    drawn = [like_the_call(notes=24), like_the_call(notes=6)]
    assert len(thought_of(*drawn, length_s=length_s).ranked[0]) == pytest.approx(notes, abs=2)


def test_a_little_longer_or_shorter_costs_nothing() -> None:
    thought = thought_of(like_the_call(), length_s=3.0)
    (passage,) = thought.ranked
    lasts_s = thought.next_place(passage) - passage[0].at
    for factor, costs in ((1.0, False), (1.15, False), (0.86, False), (1.5, True), (0.5, True)):
        asked = thought_of(like_the_call(), length_s=lasts_s * factor)
        assert (asked._off_length(passage) > 0) is costs


def test_the_ranks_go_round() -> None:
    thought = thought_of(like_the_call(0), like_the_call(1))
    first, second, third = (thought.taken(rank, ENDS + 0.5) for rank in range(3))
    assert first == third != second


@pytest.mark.parametrize("late_s", [-0.2, 0.0, 0.15, 1.0])
def test_taken_sooner_or_later_it_is_moved_as_a_whole(late_s: float) -> None:
    thought = thought_of(like_the_call())
    expected, moved = thought.taken(0, ENDS + 0.5), thought.taken(0, ENDS + 0.5 + late_s)
    by_s = [after.at - before.at for before, after in zip(expected, moved, strict=True)]
    assert by_s == pytest.approx([by_s[0]] * len(by_s))
    assert late_s - 1e-6 <= by_s[0] < late_s + 0.31
    assert [note.pitch for note in moved] == [note.pitch for note in expected]


@pytest.mark.parametrize(
    ("onsets", "wanted"),
    [((1.0,), 1.75), ((1.0, 1.4), 2.0), ((0.0, 1.0, 1.2, 1.4), 1.7), ((0.0, 0.01, 0.5, 0.51), 1.25)],
    ids=["one note", "two notes", "the usual gap", "chords"],
)
def test_the_next_passage_begins_a_breath_after_the_last_onset(
    onsets: tuple[float, ...], wanted: float
) -> None:
    notes = [Note(at, 60 + place, 70, 0.1) for place, at in enumerate(onsets)]
    assert thought_of().next_place(notes) == pytest.approx(wanted, abs=0.02)


def test_of_what_costs_the_same_the_first_that_was_drawn_comes_first() -> None:
    one = like_the_call()
    again = [replace(note, velocity=note.velocity) for note in one]
    both = thought_of(one, again)
    assert both._costs[0] == both._costs[1]
    other = like_the_call(3)
    three = thought_of(one, other, again)
    places = [passage == thought_of(one).ranked[0] for passage in three.ranked]
    assert sorted(places) == [False, True, True]
    assert both.ranked[0] == both.ranked[1]


def test_what_costs_more_than_nearly_all_true_continuations_is_nonsense() -> None:
    assert thought_of().is_nonsense
    assert not thought_of(like_the_call()).is_nonsense
    thought = thought_of(like_the_call())
    thought._costs[0] = NONSENSE + 0.01
    assert thought.is_nonsense


@pytest.mark.parametrize("ends", [True, False])
def test_only_the_last_passage_closes(ends: bool) -> None:
    candidates = Given([events(like_the_call(seed, notes=9)) for seed in range(6)])
    thought = Thought(CALL, CALL, ENDS + 0.5, 3.0, candidates, ends=ends)  # type: ignore[arg-type]
    while not thought.is_complete:
        thought.step()
    on_the_tonic = [passage[-1].pitch % 12 in {0, 4, 7} for passage in thought.ranked]
    assert all(on_the_tonic) is ends


def hurried(draws_left: int, *answers: Sequence[Note]) -> tuple[Thought, bool]:
    candidates = Given([events(answer) for answer in answers], draws_left)
    thought = Thought(CALL, CALL, ENDS + 0.5, 4.0, candidates)  # type: ignore[arg-type]
    return thought, thought.hurry()


def test_in_a_hurry_what_has_been_drawn_is_enough_if_it_is_much() -> None:
    thought, is_ready = hurried(2, like_the_call(notes=9), like_the_call(1, notes=9))
    assert is_ready
    assert len(thought.ranked) == 1  # the others aren't judged: there is no time
    assert thought.candidates.draws_left == 2  # type: ignore[attr-defined]
    assert thought.length_s == pytest.approx(2.0)
    assert not thought.is_nonsense


def test_in_a_hurry_what_is_too_little_is_left() -> None:
    thought, is_ready = hurried(3, like_the_call(notes=9))
    assert not is_ready
    assert not thought.candidates.is_cut_short
    assert thought.ranked == []


def test_what_was_cut_short_does_not_close() -> None:
    drawn = [like_the_call(seed, notes=9) for seed in range(6)]
    last = []
    for answer in drawn:
        thought, _ = hurried(1, answer)
        last.append(thought.ranked[0][-1].pitch % 12 in {0, 4, 7})
    assert not all(last)


def test_without_an_answer_to_take_a_hurry_leaves_nothing_to_play() -> None:
    thought, is_ready = hurried(1)
    assert not is_ready
    assert thought.ranked == []


def test_after_a_hurry_another_answer_is_another() -> None:
    thought, _ = hurried(1, *(like_the_call(seed, notes=9) for seed in range(5)))
    played = thought.taken(0, ENDS + 0.5)
    others = [thought.taken(rank, ENDS + 0.5) for rank in range(1, 5)]
    assert thought.is_complete
    assert played not in others
    assert thought.taken(0, ENDS + 0.5) == played
    assert sorted(thought._costs[1:]) == thought._costs[1:]
