"""Phrases are the same from the same seed, end with nothing held, and have no two messages alike nearby."""

from collections import Counter

from benchmarks.soaking.judging import is_played, sounding_after
from benchmarks.soaking.phrases import Phrases


def test_the_same_seed_plays_the_same() -> None:
    assert Phrases(3).phrase() == Phrases(3).phrase()
    assert Phrases(3).phrase() != Phrases(4).phrase()


def test_a_phrase_ends_with_nothing_sounding_and_is_played_at_some_ten_notes_a_second() -> None:
    phrases = Phrases(5)
    played = [timed for _ in range(40) for timed in phrases.phrase()]
    assert sounding_after([message for _, message in played]) == set()
    notes = sum(message[0] == 0x90 for _, message in played)
    assert 8 < notes / sum(wait_s for wait_s, _ in played) < 14


def test_within_some_phrases_no_key_s_message_comes_twice() -> None:
    phrases = Phrases(6)
    messages = [message for _ in range(3) for _, message in phrases.phrase() if is_played(message)]
    assert Counter(messages).most_common(1)[0][1] == 1
