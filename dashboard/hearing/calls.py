"""Calls to try a model with: our own, and a passage of any MIDI file.

Must not know pages, or who answers.
"""

from dataclasses import replace

from evaluation.answering.own_calls import OWN_CALLS
from music.midi.files import MidiFileError, read_pieces_from
from music.notes import is_on_the_piano
from music.phrase import Phrase, pedal_folded
from music.settings import SettingError

LONGEST_S = 30.0  # of a passage: what is longer, the instrument doesn't remember either
OWN = {call.name: call for call in OWN_CALLS}


def passage_of(data: bytes, name: str, from_s: float, length_s: float) -> Phrase:
    """So many seconds of a MIDI file, from a moment on, as a call that begins at 0."""
    try:
        pieces = read_pieces_from(data, name)
    except MidiFileError as error:
        raise SettingError(str(error)) from None
    until = from_s + min(length_s, LONGEST_S)
    notes = [
        replace(note, voice=0, length_s=min(note.length_s, until - note.at))
        for note in (pedal_folded(pieces[0].phrase).notes if pieces else ())
        if from_s <= note.at < until and is_on_the_piano(note.pitch)
    ]
    if not notes:
        raise SettingError(f"{name}: no key of a piano goes down from {from_s:g} to {until:g} s of it")
    return Phrase.of(notes).moved(-min(note.at for note in notes))
