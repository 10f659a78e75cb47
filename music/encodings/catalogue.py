"""Every way of writing music down, by the name that the command line and a model file call it."""

from typing import Any

from music.encodings.character import CharacterEncoding
from music.encodings.chord import ChordEncoding
from music.encodings.event import EventEncoding
from music.encodings.message import MessageEncoding
from music.encodings.note import NoteEncoding
from music.encodings.pair import PairEncoding
from music.encodings.performance import PerformanceEncoding
from music.encodings.roll import RollEncoding
from music.encodings.roll_token import RollTokenEncoding
from music.encodings.step import StepEncoding
from music.settings import right_ones
from music.tokens.encoding import Encoding, EncodingError

_ALL: tuple[type[Encoding], ...] = (
    EventEncoding,
    NoteEncoding,
    PerformanceEncoding,
    CharacterEncoding,
    StepEncoding,
    RollTokenEncoding,
    RollEncoding,
    PairEncoding,
    MessageEncoding,
    ChordEncoding,
)
ENCODINGS: dict[str, type[Encoding]] = {encoding.name: encoding for encoding in _ALL}


def encoding_named(name: str, **settings: Any) -> Encoding:
    """The encoding of that name with these settings; an error with the closest for an unknown one."""
    if name not in ENCODINGS:
        raise EncodingError(f"no encoding is called {name!r}; {right_ones(name, ENCODINGS)}")
    return ENCODINGS[name].with_settings(**settings)
