"""A model file as something to be judged, and its answers as they would be live. No torch.

Joins the runtime's side to the judge's: what the header says, the scorer, the answerer.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from commands.parts.places import CORPORA
from evaluation.judge import Judged
from music.settings import SettingError
from realtime.answerers.model_file import rehearsal_of
from realtime.answerers.network import Network
from realtime.answerers.rehearsal import Rehearsal
from realtime.inference.bundle import Bundle
from realtime.inference.rows.row_session import RowSession
from realtime.inference.runtime import loaded_runtime
from realtime.inference.scorer import ModelFileScorer
from realtime.inference.session import ModelSession, open_session

_NOT_IN_THE_FILE = "a model file doesn't hold the weights that its run began with; judge the run to see them"


def judged_file(path: Path, device: str) -> Judged:
    """The model in a file, on `cpu` or `cuda`."""
    session = open_session(path, device)
    return Judged(
        description_of(session),
        ModelFileScorer(session),
        answering=lambda: rehearsal_of(session),
        without={"untrained": _NOT_IN_THE_FILE},
    )


def as_drawn(rehearsal: Rehearsal) -> Rehearsal:
    """The same model, each answer given as it is drawn, none thought of before."""
    model = rehearsal.answerer
    return Rehearsal(replace(model, lanes=0) if isinstance(model, Network) else model, rehearsal.rules)


def description_of(session: ModelSession | RowSession) -> dict[str, Any]:
    """What is known of the model, as JSON can hold it."""
    bundle, header = session.bundle, session.bundle.header
    return {
        "name": bundle.path.name,
        "run": header.run,
        "hash": bundle.fingerprint[:16],
        "tier": header.tier,
        "family": header.family,
        "precision": header.precision,
        "bytes": bundle.size,
        "sizes": {size.name: size.count for size in header.sizes},
        "encoding": header.encoding.name,
        "encoding_fingerprint": header.encoding.fingerprint,
        "learnt_from": [
            {
                "name": data.name,
                "tier": data.tier,
                "licence": data.licence,
                "credit": data.credit,
                "hash": data.hash,
                "pieces": data.pieces,
            }
            for data in header.data
        ],
        "source_commit": header.source_commit,
        "runtime": f"onnxruntime {loaded_runtime().__version__}, {session.device}",
    }


def corpus_of(bundle: Bundle, folder: Path = CORPORA) -> Path:
    """Where the corpus lies that the model was trained on; of several it must be said which."""
    names = [data.name for data in bundle.header.data]
    if len(names) != 1:
        raise SettingError(
            f"{bundle.path} was trained on {', '.join(names) or 'no music that it names'}: "
            "say which to judge on (--corpus FILE)"
        )
    return folder / f"{names[0]}.safetensors"
