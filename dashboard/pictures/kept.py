"""All pictures that a run, or an experiment, has kept the numbers for, each drawn only when it is asked for.

Knows which files a run leaves. Must not know what stands in a picture.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dashboard.curves import Curves, read_curves
from dashboard.kept import Kept
from dashboard.pictures import capacity, classes, histograms, learning, measures, melody, sampling
from music.settings import SettingError

Picture = Callable[[], str]

CHARTS, CURVES, OUTCOMES, CLASSES = "charts.json", "curves.jsonl", "outcomes.json", "classes"
_DAMAGED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, OSError)
_CURVES: Kept[Curves] = Kept(read_curves, most_bytes=1 << 27)  # of files
_MOST_BYTES = 4 << 20  # of a picture that lies in a file
_FIELDS = ("pitch", "gap", "length", "velocity")


def pictures_in(folder: Path) -> Iterator[tuple[str, Picture]]:
    """The pictures of a run's or an experiment's folder, by name."""
    if (folder / "experiment.json").is_file():
        if (folder / OUTCOMES).is_file():  # else none of its runs is done, and each may have its curves
            yield from pictures_of_points(folder)
        for run in sorted(path for path in folder.iterdir() if path.is_dir()):
            for name, picture in _of_run(run):
                yield f"{run.name}-{name}", partial(_drawn, run, picture)
    else:
        for name, picture in _of_run(folder):
            yield name, partial(_drawn, folder, picture)


def pictures_of_points(folder: Path) -> Iterator[tuple[str, Picture]]:
    """Those of an experiment as a whole, without its runs' own."""
    try:
        rows = capacity.rows_of(_read(folder / "experiment.json"), _read(folder / OUTCOMES))
    except SettingError:
        raise
    except _DAMAGED as error:
        raise _damaged(folder, error) from None
    if rows:
        for figure in capacity.FIGURES:
            yield figure.replace("_", "-"), partial(_drawn, folder, partial(capacity.capacity, rows, figure))


def _drawn(folder: Path, picture: Picture) -> str:
    """What is missing in a file, or is of another kind, is found out only as it is drawn."""
    try:
        return picture()
    except SettingError:
        raise
    except _DAMAGED as error:
        raise _damaged(folder, error) from None


def _damaged(folder: Path, error: Exception) -> SettingError:
    what = f"{type(error).__name__}: {error}"
    return SettingError(f"the files of {folder} are damaged ({what})")


def drawn_into(folder: Path) -> Iterator[tuple[str, Picture]]:
    """Pictures that were drawn into a run's folder, as `antiphon draw` writes them."""
    for path in sorted((folder / "pictures").glob("*.svg")):
        yield path.stem, partial(_text_of, path)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SettingError(f"{path} has more than {_MOST_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8").lstrip()
    except (OSError, ValueError) as error:
        raise SettingError(f"{path} can't be read: {error}") from None
    if not text.startswith("<svg "):
        raise SettingError(f"{path} is no picture as `antiphon draw` writes it")
    return text


def _of_run(folder: Path) -> Iterator[tuple[str, Picture]]:
    if (folder / CURVES).is_file():
        yield "learning", partial(_learning, folder)
    if (folder / CHARTS).is_file():
        yield from _of_charts(_table(folder / CHARTS))
    if (folder / "outcome.json").is_file():
        measured = _table(folder / "outcome.json").get("measures")
        if isinstance(measured, dict) and sampling.has_stages(measured):
            yield "sampling", partial(sampling.by_stage, measured)


def _learning(folder: Path) -> str:
    try:
        curves = _CURVES.of(folder / CURVES)
    except _DAMAGED as error:
        raise SettingError(f"{folder / CURVES} is damaged: {error}") from None
    return learning.learning(curves.train, curves.validation)


def _of_charts(charts: Mapping[str, Any]) -> Iterator[tuple[str, Picture]]:
    if "histograms" in charts:
        for field in _FIELDS:
            yield field, partial(histograms.beside_each_other, charts["histograms"], field)
    if "original" in charts:
        for field in _FIELDS[:3]:  # the families that learn one song write no loudness
            yield f"{field}-learnt", partial(histograms.beside_each_other, charts["original"], field)
    if "after_learnt" in charts:
        for field in _FIELDS:
            yield f"{field}-after", partial(histograms.beside_each_other, charts["after_learnt"], field)
    if "measures" in charts:
        yield "measures", partial(measures.on_the_plane, charts["measures"])
    if "by_heart" in charts:
        yield "melody", partial(melody.rebuilt_melody, charts["by_heart"])
    if CLASSES in charts:
        yield CLASSES, partial(classes.by_frequency, charts[CLASSES])


def classes_in(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """How a run did class by class, by the music that it was tried on; nothing where nobody asked."""
    if not (folder / CHARTS).is_file():
        return {}
    try:
        chart = _table(folder / CHARTS).get(CLASSES, {})
        return {
            words: classes.by_class(chart[music]) for music, words in classes.MUSIC.items() if music in chart
        }
    except SettingError:
        raise
    except _DAMAGED as error:
        raise _damaged(folder, error) from None


def _table(path: Path) -> Mapping[str, Any]:
    found = _read(path)
    if not isinstance(found, dict):
        raise SettingError(f"{path}: damaged, so it can't be drawn: it holds no table")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise SettingError(f"{path}: missing, so nothing is done yet that could be drawn") from None
    except (ValueError, RecursionError, OSError) as error:
        raise SettingError(f"{path}: damaged, so it can't be drawn: {error}") from None
