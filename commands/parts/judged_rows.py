"""A model of any family but events, judged on held-out music as it reads it: in its file, without torch; or
a run, through a file that is exported for the occasion."""

from pathlib import Path
from typing import Any

import numpy as np

from commands.parts.answering import file_of_run
from commands.parts.judged_file import description_of
from evaluation.row_report import RowReport
from evaluation.scoring.rows import row_likelihood
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import Split
from pieces.reversal import reversed_in_time
from realtime.inference.rows.row_scorer import ModelRowScorer
from realtime.inference.rows.row_session import RowSession, open_rows


def judge_rows(path: Path, device: str, corpus: Corpus, split: Split, machine: dict[str, Any]) -> RowReport:
    """The model in a file on the pieces of a split; music that it learnt turned round is turned round."""
    session = open_rows(path, device)
    header, about = session.bundle.header, corpus.description
    unknown = session.bundle.encoding.unknown
    found = row_likelihood(ModelRowScorer(session), _rows_of(session, corpus, split), unknown)
    music = {
        "corpus": about.name,
        "hash": about.hash,
        "tier": about.tier,
        "licence": about.licence,
        "split": split,
        "is_backwards": header.is_backwards,
    }
    return RowReport(machine, description_of(session), music, header.unit, header.in_nats, found.record())


def judge_rows_of_run(
    folder: Path, device: str, corpus: Corpus, split: Split, machine: dict[str, Any]
) -> RowReport:
    """The same of a run, in full precision."""
    with file_of_run(folder) as path:
        report = judge_rows(path, device, corpus, split, machine)
    report.model["name"] = folder.name
    return report


def _rows_of(session: RowSession, corpus: Corpus, split: Split) -> list[np.ndarray[Any, Any]]:
    """The pieces as the model reads them; those of which its encoding writes nothing down are left out."""
    header, encoding = session.bundle.header, session.bundle.encoding
    phrases = (phrase for _, phrase in corpus.phrases(split))
    turned = (reversed_in_time(phrase) if header.is_backwards else phrase for phrase in phrases)
    kind = np.int64 if header.reads_symbols else np.float32
    rows = [encoding.encode(phrase).astype(kind) for phrase in turned]
    heard = [piece for piece in rows if len(piece)]
    if not heard:
        raise SettingError(
            f"{corpus.path}: no piece for {split} can be written as {encoding.name}; say another --split, "
            "or another --corpus"
        )
    return heard
