"""What was lost, out of order, left sounding, unanswered or out of turn, from messages as they are noted."""

from benchmarks.soaking import judging
from benchmarks.soaking.judging import (
    ANSWERED,
    NOTHING,
    UNHEARD,
    Astray,
    Noted,
    Passage,
    Phrase,
    compared,
    outcome,
    passed_on,
)

C, D, E = b"\x90\x3c\x40", b"\x90\x3e\x41", b"\x90\x40\x42"
C_UP = b"\x80\x3c\x11"
ANSWER = b"\x91\x43\x50"
NOBODY = Noted((), (), ())


def test_what_arrives_in_order_has_only_what_was_lost_missing() -> None:
    assert compared([C, D, E, C_UP], [C, E]) == Passage(handed=4, lost=2, reordered=0, more=0)


def test_one_that_comes_after_its_successor_is_out_of_order_and_not_lost() -> None:
    assert compared([C, D, E], [D, C, E]) == Passage(handed=3, lost=0, reordered=1, more=0)


def test_what_nobody_handed_over_is_more() -> None:
    assert compared([C], [C, ANSWER]) == Passage(handed=1, lost=0, reordered=0, more=1)


def test_of_what_comes_twice_at_once_one_is_kept() -> None:
    assert judging.without_doubles([(1.0, C), (1.001, C), (2.0, C), (2.1, D)]) == [
        (1.0, C),
        (2.0, C),
        (2.1, D),
    ]


def test_nor_is_one_kept_that_a_late_driver_says_again_a_period_later() -> None:
    assert judging.without_doubles([(1.0, C), (1.09, C), (1.2, C_UP)]) == [(1.0, C), (1.2, C_UP)]


def test_what_came_goes_with_what_was_sent_since_and_soon() -> None:
    came = [(1.0, C), (2.0, D), (3.0, C_UP), (4.0, E)]
    released_by_us = (1.5, C_UP)
    sent = [(1.001, C), released_by_us, (2.001, D), (3.001, C_UP), (4.0, E)]
    assert passed_on(came, sent) == Astray(lost=[], reordered=[], more=1)


def test_what_is_sent_before_one_that_came_sooner_is_out_of_order_and_what_never_is_lost() -> None:
    came = [(1.0, C), (1.1, D), (1.2, E)]
    assert passed_on(came, [(1.3, D), (1.4, C)]) == Astray(lost=[2], reordered=[1], more=0)


def test_nor_is_a_key_kept_that_comes_again_at_once_after_others_unless_it_was_let_go() -> None:
    assert judging.without_doubles([(1.0, C), (1.002, D), (1.004, C), (1.005, C)]) == [(1.0, C), (1.002, D)]
    trill = [(1.0, C), (1.01, C_UP), (1.02, C)]
    assert judging.without_doubles(trill) == trill


def test_a_pedal_holds_what_was_let_go_until_it_rises_or_all_sound_is_off() -> None:
    down, up = b"\xb0\x40\x7f", b"\xb0\x40\x00"
    assert judging.sounding_after([C, down, C_UP]) == {(0, 60)}
    assert judging.sounding_after([C, down, C_UP, b"\xb0\x7b\x00"]) == {(0, 60)}
    assert judging.sounding_after([C, down, C_UP, up]) == set()
    assert judging.sounding_after([C, down, D, b"\xb0\x78\x00"]) == set()


def test_a_phrase_is_answered_by_a_note_of_the_models_before_the_next_phrase() -> None:
    phrase = Phrase(1.0, 9.0)
    assert outcome(phrase, Noted([(1.0, C)], [(4.0, ANSWER)], ())) == ANSWERED
    assert outcome(phrase, Noted([(1.0, C)], [(9.5, ANSWER)], ())) == NOTHING
    assert outcome(phrase, Noted([(1.0, C)], [(1.0, C)], ())) == NOTHING


def test_a_phrase_that_was_lost_whole_or_has_an_excuse_needs_no_answer() -> None:
    assert outcome(Phrase(1.0, 9.0), NOBODY) == UNHEARD
    assert outcome(Phrase(1.0, 9.0, "the power went"), NOBODY) == "the power went"
    failed = "no answer: the answerer failed"
    assert outcome(Phrase(1.0, 9.0), Noted([(1.0, C)], (), [(3.0, "waiting", failed)])) == failed


def test_a_note_after_a_cut_in_and_before_the_next_question_is_out_of_turn() -> None:
    turns = [(1.0, "asking", ""), (2.0, "answering", ""), (3.0, "calling", ""), (5.0, "asking", "")]
    sent = [(1.9, ANSWER), (2.5, ANSWER), (3.1, ANSWER), (3.2, C), (5.5, ANSWER)]
    assert judging.struck_out_of_turn(Noted((), sent, turns)) == 1
