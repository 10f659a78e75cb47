"""From weights to files: one for each precision that passes its proof, and the reason for each that does not.

The weights come from a run, or, where the run is gone, from a file of it in full or half precision. Knows
runs, graphs and proofs. Must not know the command line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx

from export.bundle import header_of, write_bundle, write_figures
from export.material import made_music, music_of
from export.parity import Parity, ParityError, Reference, check_parity, parity
from export.quantize import QuantisationError, folded, halved, in_eight_bits
from export.saturation import SaturationError
from export.step_graph import Pieces, exportable, joined, traced
from export.taken_apart import taken_apart
from music.settings import SettingError
from music.tokens.encoding import Encoding
from realtime.inference.bundle import FORMAT, Bundle, Header, read_bundle
from realtime.inference.session import ModelSession
from training.opened_run import OpenedRun

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
    pieces: Pieces
    reference: Reference
    music: str  # which music, in words
    header: Callable[[str], Header]  # by precision


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
    model = exportable(run.recipe.model, encoding).eval()
    run.put_weights(model)
    reference = Reference.of_model(model, _music(corpus, encoding))
    whole = traced(model)

    def header(precision: str) -> Header:
        return header_of(name, run.record, encoding, model, precision)

    pieces = Pieces(folded(whole.trunk), folded(whole.draw))
    return Source(name, pieces, reference, _music_name(corpus), header)


def source_of_file(path: Path, corpus: Path | None) -> Source:
    """The model in a file in full or half precision, whose run may be gone."""
    bundle = read_bundle(path)
    if bundle.header.precision == "int8":
        raise SettingError(
            f"{path}: eight bits can't be exported anew; name its fp32 or fp16 file, or the run"
        )
    reference = Reference.of_file(ModelSession(bundle), _music(corpus, bundle.encoding))

    def header(precision: str) -> Header:
        return replace(bundle.header, precision=precision, format=FORMAT)

    pieces = taken_apart(onnx.load_from_string(bundle.content))
    return Source(bundle.header.run, pieces, reference, _music_name(corpus), header)


def export_each(source: Source, out: Path, precisions: Iterable[str]) -> Iterator[Written | NotWritten]:
    """Write a file for each precision; one that does not pass keeps no other from being written."""
    for precision in dict.fromkeys(precisions):
        try:
            yield _export(source, out, precision)
        except (ParityError, QuantisationError, SaturationError) as error:
            yield NotWritten(precision, str(error))


def _export(source: Source, out: Path, precision: str) -> Written:
    smaller = _SMALLER[precision]
    graph = joined(Pieces(smaller(source.pieces.trunk), smaller(source.pieces.draw)))
    proof = _Proof(source.reference)
    bundle = write_bundle(out / f"{source.name}-{precision}.onnx", graph, source.header(precision), proof)
    figures = {"fingerprint": bundle.fingerprint, "music": source.music, **proof.found.record()}
    write_figures(bundle.path, figures)
    return Written(bundle, proof.found)


class _Proof:
    """Compares a file that was just written with the model; what it found is kept."""

    found: Parity

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def __call__(self, bundle: Bundle) -> None:
        """An error where the file plays something else, or would on another processor."""
        self.found = parity(self._reference, ModelSession(bundle))
        check_parity(self.found, bundle.header.precision)


def _music(corpus: Path | None, encoding: Encoding) -> list[Any]:
    return music_of(corpus, encoding) if corpus else made_music(encoding)


def _music_name(corpus: Path | None) -> str:
    return str(corpus) if corpus else "made by rule"
