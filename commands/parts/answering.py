"""A model as one who answers, by its name: an exported file, or a run through a file made for the occasion.

Joins the runtime's side, or torch, to whoever asks for answers; each is imported only when it is needed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.answering.answerer import Answerer
from music.settings import SettingError

MODEL_FILE = ".onnx"


def answerer_named(name: str, runs: Path, device: str = "cpu") -> Answerer:
    """The model of an exported file, on `cpu` or `cuda`, or of a run in the folder `runs`."""
    if name.endswith(MODEL_FILE):
        from realtime.answerers.model_file import rehearsal_of, session_of

        return rehearsal_of(session_of(Path(name), device))
    return run_answering(runs / name)


def run_answering(folder: Path) -> Answerer:
    """A run as it will be played: through a file that is exported for the occasion, in full precision."""
    with file_of_run(folder) as path:
        from realtime.answerers.model_file import rehearsal_of, session_of

        return rehearsal_of(session_of(path))


@contextmanager
def file_of_run(folder: Path) -> Iterator[Path]:
    """A run's file in full precision, which is there for as long as it is needed."""
    try:
        from export.exporting import Written, export_each, source_of_run
        from training.opened_run import opened
    except ModuleNotFoundError as missing:
        raise SettingError(f"a run answers through an exported file, and {missing.name} is missing") from None
    with TemporaryDirectory() as place:
        (result,) = export_each(source_of_run(opened(folder), None), Path(place), ["fp32"])
        if not isinstance(result, Written):
            raise SettingError(f"{folder}: it can't answer: {result.line}")
        yield result.bundle.path
