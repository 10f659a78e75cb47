"""Answerers whose answers a person can foretell: what judging answers is tested with."""

from dataclasses import replace

from music.phrase import Phrase


class Echo:
    """Plays the call again, half a second after it, `semitones` higher."""

    def __init__(self, semitones: int = 0) -> None:
        self.semitones = semitones

    def answer_to(self, call: Phrase, number: int) -> Phrase:
        """The call's notes alone, later."""
        moved = call.moved(call.until + 0.5)
        return Phrase.of(replace(note, pitch=note.pitch + self.semitones) for note in moved.notes)


class Silent:
    """Has nothing to say."""

    def answer_to(self, call: Phrase, number: int) -> Phrase:
        """No note."""
        return Phrase()
