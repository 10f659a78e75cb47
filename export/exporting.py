"""From weights to files: one for each precision that passes its proof, and the reason for each that does not.

The weights come from a run, or, where the run is gone, from a file of it in full or half precision. Knows
runs, graphs and proofs. Must not know the command line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import onnx

from export.bundle import header_of, write_bundle, write_figures
from export.material import made_music, music_of
from export.parity import Parity, ParityError, Reference, check_parity
from export.quantize import QuantisationError, folded, halved, in_eight_bits
from export.row_parity import RowReference
from export.saturation import SaturationError
from export.step_graph import Pieces, TracingError, joined, traced
from export.tables.event_draw import TabledDraw
from export.tables.event_step import TabledEvents
from export.taken_apart import taken_apart
from export.weight_names import name_weights
from export.windowed import over_windows
from music.settings import SettingError
from music.tokens.encoding import Encoding
from realtime.inference.bundle import FORMAT, LIVE_FAMILY, Bundle, Header, read_bundle
from realtime.inference.rows.row_session import RowSession
from realtime.inference.session import ModelSession
from training.models.catalogue import model_for
from training.models.event_model import EventModel
from training.models.from_file import event_model_of_file
from training.models.model import Model
from training.models.rolls.sliding import that_draws
from training.opened_run import OpenedRun
from training.playing.generation import memory_of
from training.playing.practice import practice_of, why_not_exported

_SMALLER: dict[str, Callable[[onnx.ModelProto], onnx.ModelProto]] = {
    "fp32": lambda piece: piece,
    "fp16": halved,
    "int8": in_eight_bits,
}
_REMEDIES = {
    "int8": "play its fp32 file on the CPU, or fp16 on CUDA",
    "fp16": "play its fp32 file",
    "fp32": "the exporter has changed: install the versions of constraints.txt and export again",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A model to be written: its graph in single precision, its readings of music, its files' headers."""

    name: str  # the run's, and its files'
    pieces: Callable[[], Pieces]  # traced when they are first asked for
    reference: Reference | RowReference
    music: str  # which music, in words
    header: Callable[[str], Header]  # by precision
    events: EventModel | None = None  # the model itself, if it is one of events: it can be put into tables


@dataclass(frozen=True, slots=True)
class Written:
    """A file that passed its proof."""

    bundle: Bundle
    found: Parity

    @property
    def line(self) -> str:
        """It in one line."""
        found = self.found
        return (
            f"{self.bundle.path}: {len(self.bundle.content) / 1e6:.1f} MB; differs from the model by "
            f"{found.file.mean:.2g} nats per field on average, {found.file.worst:.2g} at worst, "
            f"over {found.events:,} events"
        )


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A precision that did not pass: no file of it was left."""

    precision: str
    reason: str

    @property
    def line(self) -> str:
        """It in one line, with the remedy."""
        return f"no {self.precision} file was written: {self.reason}; {_REMEDIES[self.precision]}"


def source_of_run(run: OpenedRun, corpus: Path | None) -> Source:
    """A run's model, compared on a corpus's held-out pieces or on music made by rule."""
    name, encoding = run.folder.path.name, run.encoding
    if why := why_not_exported(run.recipe):
        raise SettingError(f"{run.folder.path}: {why}")
    inner = model_for(run.recipe.model, encoding)
    run.put_weights(inner)
    practice = practice_of(run.recipe)
    is_filled = memory_of(run.recipe).is_filled
    model = (
        over_windows(inner, practice.window, is_filled=is_filled) if practice.window else that_draws(inner)
    ).eval()
    reference = _reference(model, _music(corpus, encoding))

    def header(precision: str) -> Header:
        return header_of(name, run.record, encoding, model, precision, practice)

    events = model if isinstance(model, EventModel) else None
    pieces = cache(lambda: _named(_folded(traced(model)), model))
    return Source(name, pieces, reference, _music_name(corpus), header, events)


def _reference(model: Model, music: list[Any]) -> Reference | RowReference:
    if isinstance(model, EventModel):
        return Reference.of_model(model, music)
    return RowReference.of_model(model, music)


def source_of_file(path: Path, corpus: Path | None) -> Source:
    """The model in a file in full or half precision, whose run may be gone."""
    bundle = read_bundle(path)
    if bundle.header.precision == "int8":
        raise SettingError(
            f"{path}: eight bits can't be exported anew; name its fp32 or fp16 file, or the run"
        )
    reference = _reference_of_file(bundle, _music(corpus, bundle.encoding))

    def header(precision: str) -> Header:
        return replace(bundle.header, precision=precision, format=FORMAT)

    pieces, name = taken_apart(onnx.load_from_string(bundle.content)), _music_name(corpus)
    return Source(bundle.header.run, lambda: pieces, reference, name, header, event_model_of_file(path))


def _reference_of_file(bundle: Bundle, music: list[Any]) -> Reference | RowReference:
    if bundle.header.family == LIVE_FAMILY:
        return Reference.of_file(ModelSession(bundle), music)
    return RowReference.of_file(RowSession(bundle), music)


def export_each(source: Source, out: Path, precisions: Iterable[str]) -> Iterator[Written | NotWritten]:
    """Write a file for each precision; one that does not pass keeps no other from being written."""
    for precision in dict.fromkeys(precisions):
        try:
            yield _export(source, out, precision)
        except (ParityError, QuantisationError, SaturationError, TracingError) as error:
            yield NotWritten(precision, str(error))


def _export(source: Source, out: Path, precision: str) -> Written:
    smaller, events = _SMALLER[precision], source.events if precision == "int8" else None
    pieces = source.pieces() if events is None else _by_tables(events)
    # nobody takes a file by tables apart, or learns on from it
    graph = joined(Pieces(smaller(pieces.trunk), smaller(pieces.draw)), puts_off=events is not None)
    proof = _Proof(source.reference)
    bundle = write_bundle(out / f"{source.name}-{precision}.onnx", graph, source.header(precision), proof)
    figures = {"fingerprint": bundle.fingerprint, "music": source.music, **proof.found.record()}
    write_figures(bundle.path, figures)
    return Written(bundle, proof.found)


def _by_tables(model: EventModel) -> Pieces:
    """The pieces of a file that only a CPU plays."""
    return _folded(traced(TabledEvents(model).eval(), TabledDraw(model)))


def _folded(pieces: Pieces) -> Pieces:
    return Pieces(folded(pieces.trunk), folded(pieces.draw))


def _named(pieces: Pieces, model: Model) -> Pieces:
    name_weights((pieces.trunk.graph, pieces.draw.graph), model)
    return pieces


class _Proof:
    """Compares a file that was just written with the model; what it found is kept."""

    found: Parity

    def __init__(self, reference: Reference | RowReference) -> None:
        self._reference = reference

    def __call__(self, bundle: Bundle) -> None:
        """An error where the file plays something else, or would on another processor."""
        self.found = self._reference.found(bundle)
        check_parity(self.found, bundle.header.precision)


def _music(corpus: Path | None, encoding: Encoding) -> list[Any]:
    return music_of(corpus, encoding) if corpus else made_music(encoding)


def _music_name(corpus: Path | None) -> str:
    return str(corpus) if corpus else "made by rule"
