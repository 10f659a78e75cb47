"""The model file: what its header says, and whether it may be played, before any runtime opens it.

A model file is an ONNX file with two entries of metadata: `antiphon`, a JSON header, and
`antiphon.fingerprint`, a SHA-256 over all the rest of the file. Both are found by walking the file's
outermost fields, some ten of them, so a file that is wrong, old, cut short, foreign or changed is refused in
one line, whatever it holds. The fingerprint is no signature: it tells accidents, not forgers.

Knows the file's outside. Must not import a runtime, torch or onnx, nor know what the graph computes.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from music.encodings.catalogue import ENCODINGS
from music.settings import SettingError, settings_from
from music.tokens.encoding import Encoding
from music.tokens.vocabulary import Vocabulary
from realtime.inference.graphs.elsewhere import has_weights_elsewhere
from realtime.inference.graphs.fields import BrokenFile, outer_fields, text_field, whole_field

# Since 2, eight-bit weights are small enough that no product saturates; since 3, a file can hold any family.
FORMAT = 3
LIVE_FAMILY = "event"  # the one that is drawn event by event; all others row by row
PRECISIONS = ("int8", "fp32", "fp16")
HEADER_KEY = "antiphon"
FINGERPRINT_KEY = "antiphon.fingerprint"
LANES = -1  # in a state's shape: as many as play side by side

LARGEST_FILE = 512 << 20  # bytes; forty times the default model, and read into memory whole
LARGEST_HEADER = 1 << 20  # bytes; a header has some two thousand

_MOST_NUMBERS = 1 << 24  # in a state of one lane; the default model's largest has a thousand

COLDEST = 1e-6  # a temperature below it is this one: the likeliest is taken
HOTTEST = 10.0  # all but even; above it a key that can't be played could be drawn
UNWISHED_NATS = 1e4  # what a key mask of 0 takes off a logit: much, and far less than what can't be played

# The graph's face. Per lane: the shape, and the numbers' kind, of what goes in; the names of what comes out.
EVENT = "event"
WHETHER_TO_DRAW = "draw"
IS_GIVEN = "is_given"  # which fields are given, so that they are scored in place of drawn
PORTRAIT = "portrait"  # the state of a model that listens which holds what it knows of the player
EVENT_FIELDS = ("gap", "key", "velocity")
SCORES = "log_probability"
OUTPUTS = ("next_event", "next_cells", SCORES)
AFTER = "_after"  # behind the name of a state, where it comes out
ROW = "row"  # what takes the event's place in models of other families
ROW_OUTPUTS = ("next_row", SCORES)

GRAPH, _METADATA = 7, 14  # field numbers of an ONNX file


class ModelFileError(SettingError):
    """A file that can't be played: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A name and how many: of a field's symbols, of a layer's cells."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class StateShape:
    """A tensor that the model carries from event to event; `LANES` stands where its lanes are counted."""

    name: str
    shape: tuple[int, ...]
    silent: float = 0.0  # every number of it before anything was played
    is_whole: bool = False  # whether its numbers are whole (int64); if not, they are single precision


@dataclass(frozen=True, slots=True)
class EncodingRecord:
    """How music is written down for the model."""

    name: str
    version: int
    settings: tuple[tuple[str, ...], ...]  # name and value, as text
    fingerprint: str
    symbols: tuple[str, ...] | None = None  # those that an open vocabulary took from music


@dataclass(frozen=True, slots=True)
class CorpusRecord:
    """A corpus that the weights were trained on."""

    name: str
    tier: str
    licence: str
    credit: str
    hash: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says of itself; measured figures lie beside the file, not in it."""

    format: int
    run: str
    precision: str
    family: str
    sizes: tuple[Counted, ...]
    encoding: EncodingRecord
    fields: tuple[Counted, ...]
    begin: tuple[int, ...]  # the event before the first
    states: tuple[StateShape, ...]
    tier: str
    data: tuple[CorpusRecord, ...]
    source_commit: str
    # Most of the music that it was trained on lies between these two values; older files lack them.
    loudness: tuple[float, ...] | None = None  # mean velocity
    density: tuple[float, ...] | None = None  # onsets a second
    # What a file of another family than events says besides; in one of events they stand as they are here.
    unit: str = "event"  # what a row is
    parts: tuple[str, ...] = EVENT_FIELDS  # what its log-probability is split into, a temperature each
    in_nats: bool = True  # whether these are log-probabilities; if not, losses with their sign turned
    reads_symbols: bool = True  # whether rows are whole numbers; if not, single precision
    chances: int = 3  # random numbers for a row
    wishes: Counted | None = None  # the part that wishes are about, and of how many choices
    window: int = 0  # rows that are read anew for each, kept as a state; 0: all are remembered
    reads_begin: bool = True  # whether a piece begins with `begin`; if not, with its own first row
    is_backwards: bool = False  # whether it learnt music turned round in time

    def size(self, name: str) -> int:
        """One of the model's sizes by name."""
        return {counted.name: counted.count for counted in self.sizes}[name]

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True)
class Bundle:
    """A model file that was read and found right: these bytes, and no others, are what a session opens.

    Once it is open nobody needs them, and they are as large as the model: a session keeps it without.
    """

    path: Path
    header: Header
    fingerprint: str
    content: bytes
    let_go: int = 0  # bytes of content that it had

    @property
    def size(self) -> int:
        """How large the file is, in bytes."""
        return self.let_go or len(self.content)

    def without_content(self) -> "Bundle":
        """All that the file says of itself."""
        return replace(self, content=b"", let_go=self.size)

    @cached_property
    def encoding(self) -> Encoding:
        """How music is written down for the model."""
        return _encoding(self.header.encoding, self.path)

    @cached_property
    def summary(self) -> str:
        """The model in one line."""
        header = self.header
        sizes = " x ".join(str(size.count) for size in header.sizes if size.name in ("layers", "width"))
        sizes = sizes or f"{self.size / 1e6:.1f} MB"
        corpora = ", ".join(corpus.name for corpus in header.data)
        return (
            f"{self.path.name}: {header.family} model {header.run!r}, {sizes}, {header.precision}, "
            f"trained on {corpora} ({header.tier}), {self.fingerprint[:12]}"
        )


def read_bundle(path: Path) -> Bundle:
    """Read a model file and check all that can be checked without running it."""
    content = _content(path)
    text, recorded, found = _header_text(content, path)
    header = _header_of_this_format(text, path)
    if recorded != found:
        raise ModelFileError(
            f"{path}: damaged or changed since it was exported "
            f"(fingerprint {found[:12]}, recorded {recorded[:12]!r}); export or fetch it again"
        )
    right = settings_from(Header, header, f"{path}: its header", error=ModelFileError)
    _check(right, path)
    _check_is_whole(content, path)
    return Bundle(path, right, found, content)


def check_answers(bundle: Bundle) -> None:
    """An error in one line for a model that can't answer."""
    if bundle.header.is_backwards:
        raise ModelFileError(
            f"{bundle.path}: it learnt music backwards, so it can't answer what was played last; "
            "hear it (antiphon generate FILE), or play a run without the transform 'reverse'"
        )


def fingerprint_of(content: bytes) -> str:
    """The SHA-256 of a model file, its own fingerprint left out."""
    digest = hashlib.sha256()
    for field in outer_fields(content):
        if not (field.number == _METADATA and _entry(field.value)[0] == FINGERPRINT_KEY):
            digest.update(field.whole)
    return digest.hexdigest()


def sealed(graph: bytes, header: Header) -> bytes:
    """An ONNX file with its header and its fingerprint added at the end."""
    content = graph + _entry_bytes(HEADER_KEY, json.dumps(header.record(), sort_keys=True))
    return content + _entry_bytes(FINGERPRINT_KEY, fingerprint_of(content))


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ModelFileError(f"{path}: no such model file; make one: antiphon export-onnx RUN")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ModelFileError(
                f"{path}: {size >> 20} MB; a model file of Antiphon has at most {LARGEST_FILE >> 20}"
            )
        with path.open("rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise ModelFileError(f"{path}: can't be read: {error.strerror or error}") from None


def _header_text(content: bytes, path: Path) -> tuple[str, str, str]:
    """The header as text, the fingerprint that the file records, and the one that it has."""
    try:
        entries = _metadata(content)
        found = fingerprint_of(content)
    except BrokenFile as broken:
        raise ModelFileError(f"{path}: not a whole ONNX file: {broken}; export or fetch it again") from None
    if HEADER_KEY not in entries:
        raise ModelFileError(
            f"{path}: an ONNX file, but not a model of Antiphon's; make one: antiphon export-onnx RUN"
        )
    return entries[HEADER_KEY], entries.get(FINGERPRINT_KEY, ""), found


def _check_is_whole(content: bytes, path: Path) -> None:
    """An error where weights lie in another file: the runtime would look for it in whatever folder it was
    started, and no fingerprint covers it."""
    try:
        is_elsewhere = has_weights_elsewhere(content)
    except BrokenFile as broken:
        raise ModelFileError(f"{path}: not a whole ONNX file: {broken}; export or fetch it again") from None
    if is_elsewhere:
        raise ModelFileError(
            f"{path}: some of its weights lie in another file, and a model file of Antiphon holds all; "
            "export or fetch it again"
        )


def _header_of_this_format(text: str, path: Path) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise ModelFileError(f"{path}: its header is not JSON; export it again") from None
    if not isinstance(header, dict) or type(number := header.get("format")) is not int or number < 1:
        raise ModelFileError(f"{path}: its header names no format; export it again")
    if number > FORMAT:
        raise ModelFileError(
            f"{path}: made by a newer Antiphon (format {number}; this one reads up to {FORMAT}): "
            "pip install --upgrade antiphon"
        )
    return header


def _check(header: Header, path: Path) -> None:
    """An error unless this Antiphon writes music down as the model read it, and knows the graph's face."""
    if header.precision not in PRECISIONS:
        raise ModelFileError(f"{path}: precision {header.precision!r}; there are: {', '.join(PRECISIONS)}")
    vocabulary = _encoding(header.encoding, path).vocabulary
    if header.family == LIVE_FAMILY:
        _check_events(header, vocabulary, path)
    else:
        _check_rows(header, vocabulary, path)
    if len(header.begin) != len(header.fields) or not all(
        0 <= value < _MOST_NUMBERS for value in header.begin
    ):
        raise ModelFileError(f"{path}: no event before the first can be {header.begin[:8]}; export it again")
    _check_range("loudness", header.loudness, path)
    _check_range("density", header.density, path)
    for state in header.states:
        _check_state(state, path)


def _check_events(header: Header, vocabulary: Vocabulary, path: Path) -> None:
    right = tuple(Counted(name, size) for name, size in zip(EVENT_FIELDS, vocabulary.sizes, strict=False))
    if header.fields != right or len(header.fields) != len(EVENT_FIELDS):
        fields = [(field.name[:40], field.count) for field in header.fields[:8]]
        raise ModelFileError(f"{path}: events of {fields}; a live model's are {', '.join(EVENT_FIELDS)}")
    if not {"layers", "width"} <= {size.name for size in header.sizes}:
        raise ModelFileError(f"{path}: its header names no layers and width; export it again")


def _check_rows(header: Header, vocabulary: Vocabulary, path: Path) -> None:
    right = tuple(Counted(field.name, field.size) for field in vocabulary.fields)
    if header.fields != right:
        raise ModelFileError(
            f"{path}: rows of {len(header.fields)} fields, which are not those of its encoding "
            f"{header.encoding.name!r}; export it again"
        )
    wished = header.wishes
    if not header.parts or not 0 <= header.chances < _MOST_NUMBERS:
        raise ModelFileError(f"{path}: its header names no parts or random numbers; export it again")
    if wished and (wished.name not in header.parts or not 0 < wished.count < _MOST_NUMBERS):
        raise ModelFileError(
            f"{path}: no part of it can be wished for as {wished.name[:40]!r}; export it again"
        )


def _encoding(record: EncodingRecord, path: Path) -> Encoding:
    """The encoding that a header names, if this Antiphon writes music down in it as the model read it."""
    if record.name not in ENCODINGS:
        raise ModelFileError(
            f"{path}: its music is written as {record.name!r}, which this Antiphon can't read"
        )
    if any(len(pair) != 2 for pair in record.settings):
        raise ModelFileError(f"{path}: its header's settings are not pairs; export it again")
    try:
        encoding = ENCODINGS[record.name].with_settings(**{pair[0]: pair[1] for pair in record.settings})
        encoding = encoding.knowing(record.symbols or ())
    except (SettingError, TypeError) as error:
        raise ModelFileError(f"{path}: its music can't be read: {error}") from None
    if encoding.fingerprint != record.fingerprint:
        raise ModelFileError(
            f"{path}: its music is written in another version of {record.name!r} ({record.fingerprint!r}; "
            f"here {encoding.fingerprint!r}): export the run again with this Antiphon"
        )
    return encoding


def _check_range(name: str, found: tuple[float, ...] | None, path: Path) -> None:
    if found is not None and not (len(found) == 2 and 0 < found[0] <= found[1] < _MOST_NUMBERS):
        raise ModelFileError(f"{path}: its header's {name} is no range: {found[:4]}; export it again")


def _check_state(state: StateShape, path: Path) -> None:
    extents = [extent for extent in state.shape if extent != LANES]
    lanes = len(state.shape) - len(extents)
    if lanes != 1 or min(extents, default=1) < 1 or math.prod(extents) > _MOST_NUMBERS:
        raise ModelFileError(
            f"{path}: a state {state.name[:40]!r} of shape {state.shape[:8]}; export it again"
        )


def _metadata(content: bytes) -> dict[str, str]:
    fields = list(outer_fields(content))
    if sum(field.number == GRAPH for field in fields) != 1:
        raise BrokenFile("it holds no graph")
    entries: dict[str, str] = {}
    for field in fields:
        if field.number == _METADATA:
            key, value = _entry(field.value)
            if key in entries:
                raise BrokenFile(f"it has {key[:40]!r} twice")
            entries[key] = value
    return entries


def _entry(value: memoryview) -> tuple[str, str]:
    if len(value) > LARGEST_HEADER:
        raise BrokenFile(f"an entry of metadata of {len(value)} bytes")
    parts = {field.number: bytes(field.value) for field in outer_fields(value)}
    try:
        return parts.get(1, b"").decode(), parts.get(2, b"").decode()
    except UnicodeDecodeError:
        raise BrokenFile("metadata that is no text") from None


def _entry_bytes(key: str, value: str) -> bytes:
    return whole_field(_METADATA, text_field(1, key) + text_field(2, value))
