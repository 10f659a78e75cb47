"""A take played again gets the same answers from the same seed, and is found to differ where they differ.

With an answerer that thinks while others play, whether there was time to think is not in a take; that is
found out by how each answer began.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from realtime.answerers.network import Network
from realtime.answerers.rule.imitation import Imitation
from realtime.kept.folder import piece_of
from realtime.kept.reading import kept_in
from realtime.kept.replay import replayed
from realtime.knobs import Knobs
from realtime.performer.events import AskedAnew, HandOverNow
from realtime.performer.rules import Rules
from tests.support.kept_takes import GRAIN_S, SEED, phrase_at, take_of


def test_from_the_same_seed_every_answer_is_the_same(tmp_path: Path) -> None:
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid"))
    again = replayed(kept, lambda: Imitation(SEED))
    assert again.same == len(kept.asked) == 4
    assert again.differing == ()
    before = sorted((*kept.played.notes, *kept.answered.notes), key=lambda note: (note.at, note.pitch))
    notes = piece_of(again.recorder).phrase.notes
    assert [(note.pitch, note.velocity) for note in notes] == [(n.pitch, n.velocity) for n in before]
    assert [note.at for note in notes] == pytest.approx([note.at for note in before], abs=GRAIN_S)


def test_from_another_seed_the_answers_are_others_and_it_is_said_which(tmp_path: Path) -> None:
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid"))
    again = replayed(kept, lambda: Imitation(SEED + 1))
    assert again.same < len(kept.asked)
    assert again.differing[0] == kept.asked[0]


def test_a_take_that_begins_in_the_middle_of_an_evening_keeps_its_turns(tmp_path: Path) -> None:
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid"))
    begins = 16.0  # with the third phrase
    later = replace(
        kept,
        done=tuple(replace(event, at=event.at - begins) for event in kept.done if event.at >= begins),
        asked=tuple(replace(asked, at=asked.at - begins) for asked in kept.asked[3:]),
        answered=kept.answered.moved(-begins),
        rules=replace(kept.rules, knobs=Knobs(temperature=0.5, length=0.5)),
    )
    assert replayed(later, lambda: Imitation(SEED)).same == len(later.asked) == 1


@pytest.mark.slow
def test_a_model_answers_as_it_did_where_it_had_time_to_think(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    from realtime.inference.default_model import default_model
    from realtime.inference.session import open_session

    session = open_session(default_model())
    done = [*phrase_at(1.0, (60, 64, 67, 72, 67, 64)), *phrase_at(9.0, (62, 65, 69, 74))]
    kept = kept_in(take_of(Network(session, SEED), tmp_path / "take.mid", Rules(), done))
    assert len(kept.asked) == 2
    assert replayed(kept, lambda: Network(session, SEED)).same == 2


def test_an_answer_that_was_passed_over_before_it_was_given_is_passed_over_again(tmp_path: Path) -> None:
    done = phrase_at(1.0, (60, 64, 67, 72, 67, 64))
    done += [AskedAnew(done[-1].at + GRAIN_S), HandOverNow(done[-1].at + 0.25)]
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid", done=done))
    assert [asked.attempt for asked in kept.asked] == [1]
    assert replayed(kept, lambda: Imitation(SEED)).same == 1
