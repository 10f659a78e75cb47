"""What a new run begins with besides chance: the weights of another run, or of a model file.

Whoever trains on from weights is bound by the licences of the music that they were trained on: `Origin` says
which music that was. Knows files of weights, model files and what a run records. Must not know the loop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pieces.corpus import strictest
from realtime.inference.bundle import read_bundle
from training.learning.checkpoint import RunFolder, load_weights
from training.models.from_file import put_weights_of_file
from training.models.model import Model

MODEL_FILE = ".onnx"
_ROOT = Path(__file__).parents[2]


def begin_with(model: Model, file: Path) -> None:
    """Give a new run's model the weights of a file: a model file, or one that a run left."""
    if file.suffix == MODEL_FILE:
        put_weights_of_file(model, file)
    else:
        load_weights(model, file)


def file_named(name: str) -> Path:
    """A file that a recipe names; one that comes with Antiphon is found from any folder."""
    ours = _ROOT / name
    return ours if ours.is_file() and not Path(name).is_file() else Path(name)


@dataclass(frozen=True, slots=True)
class Origin:
    """What weights were trained on: the records of the corpora, and the tiers that bind whoever uses them."""

    corpora: Sequence[dict[str, Any]] = ()
    tiers: Sequence[str] = ()


def origin_of(file: Path) -> Origin:
    """What the weights in a file were trained on; of a file of weights outside any run that isn't known."""
    if file.suffix == MODEL_FILE:
        header = read_bundle(file).header
        return Origin([asdict(corpus) for corpus in header.data], [header.tier])
    if (file.parent / "run.json").is_file():
        record = RunFolder.existing(file.parent).record
        return Origin(
            [*record["data"], *record.get("stages", ()), *record.get("began_with", ())], [record["tier"]]
        )
    return Origin()


def origin_record(tier: str, files: Iterable[Path]) -> dict[str, Any]:
    """What a run of this tier records of the files that it begins with."""
    origins = list(map(origin_of, files))
    corpora = [corpus for origin in origins for corpus in origin.corpora]
    tiers = [tier, *(one for origin in origins for one in origin.tiers)]
    return {"tier": strictest(tiers)} | ({"began_with": corpora} if corpora else {})
