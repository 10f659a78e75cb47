"""A model judged by belonging: each sort of music, all together, our own calls; JSON, tables, refusals."""

import json
import re
from pathlib import Path

import pytest

from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.tables import OWN
from evaluation.belonging.voices import VOICES
from evaluation.belonging_report import ALL, BelongingReport, judge_belonging
from music.midi.files import write_midi
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set
from tests.support.answerers import Echo, Silent
from tests.support.corpora import phrased_corpus
from tests.support.passages import phrases_of_a_piece, tune


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    folder = tmp_path_factory.mktemp("corpora")
    for name in ("one", "two"):
        phrased_corpus(folder / f"{name}.safetensors")
    (folder / "even").mkdir()
    for number in range(3):
        write_midi(tune([60 + number + place % 7 for place in range(80)]), folder / "even" / f"{number}.mid")
    prepare(music_set("even"), folder / "even", folder / "even.safetensors", workers=1)
    (folder / "lone").mkdir()
    for number in range(3):
        write_midi(phrases_of_a_piece(8, 50 + number), folder / "lone" / f"{number}.mid")
    prepare(music_set("lone"), folder / "lone", folder / "lone.safetensors", workers=1)
    return {name: Corpus(folder / f"{name}.safetensors") for name in ("one", "two", "even", "lone")}


def judged(**sorts: list[Corpus]) -> BelongingReport:
    voices = {"model": Echo(), "rule": Silent()}
    machine = {"command": "antiphon evaluate"}
    return judge_belonging(voices, {"name": "a model"}, sorts, "train", machine, lambda line: None, 6)


@pytest.fixture(scope="module")
def report(corpora: dict[str, Corpus]) -> BelongingReport:
    return judged(one=[corpora["one"]], both=[corpora["one"], corpora["two"]])


def test_each_sort_of_music_has_its_calls_and_all_of_them_and_our_own(report: BelongingReport) -> None:
    assert list(report.sorts) == ["one", "both", ALL, OWN]
    assert [sort["calls"] for sort in report.sorts.values()] == [6, 6, 12, len(OWN_CALLS)]
    assert [(row["sort"], row["corpus"]) for row in report.music] == [
        ("one", "one"),
        ("both", "one"),
        ("both", "two"),
    ]


def test_of_one_sort_there_is_no_table_of_all(corpora: dict[str, Corpus]) -> None:
    assert list(judged(one=[corpora["one"]]).sorts) == ["one", OWN]


def test_it_is_kept_whole_and_read_back_as_it_was(report: BelongingReport, tmp_path: Path) -> None:
    report.save(tmp_path / "new" / "train.json")
    record = json.loads((tmp_path / "new" / "train.json").read_text())
    assert record["version"] == 1
    assert record["sorts"] == report.sorts
    assert record["model"] == {"name": "a model"}
    assert record == json.loads(report.json())


def test_judged_again_it_is_the_same(report: BelongingReport, corpora: dict[str, Corpus]) -> None:
    again = judged(one=[corpora["one"]], both=[corpora["one"], corpora["two"]])
    assert again.json() == report.json()


def test_its_tables_have_every_voice_and_the_ranges(report: BelongingReport) -> None:
    lines = report.table()
    assert lines[0].startswith("model   a model")
    assert "one: 6 calls of 6 pieces" in lines
    assert f"{OWN}: {len(OWN_CALLS)} calls" in lines
    begin = next(place for place, line in enumerate(lines) if line.startswith("all: 12 calls"))
    block = lines[begin + 1 : lines.index("", begin)]
    nearer = block[: 1 + len(VOICES) - 1]
    assert [line[:22].strip() for line in nearer[1:]] == [
        words for voice, words in VOICES.items() if voice != "true"
    ]
    assert re.search(r"\d\.\d\d \(\d\.\d\d–\d\.\d\d\)", nearer[1])
    assert len(block) == len(nearer) + 2 * (1 + len(VOICES))


def test_runs_that_stand_in_train_pieces_have_a_table_of_their_own(corpora: dict[str, Corpus]) -> None:
    voices = {"model": Echo(), "rule": Silent()}
    sorts = {"one": [corpora["one"]]}
    found = judge_belonging(
        voices, {"name": "it"}, sorts, "train", {}, lambda line: None, 4, [corpora["one"]]
    )
    assert found.sorts["one"]["voices"]["true"]["recited"] == {"mean": 15.0, "longest": 15}
    tables = "\n".join(found.table())
    assert tables.count("shared with train") == 2
    assert re.search(r"the true continuation +15\.0 +15\n", tables)


@pytest.mark.parametrize(
    ("name", "why"),
    [("even", "no train piece has a call"), ("lone", "calls of one train piece alone")],
)
def test_music_that_has_no_such_calls_is_refused(corpora: dict[str, Corpus], name: str, why: str) -> None:
    with pytest.raises(SettingError, match=why) as refused:
        judged(sort=[corpora[name]])
    assert "\n" not in str(refused.value)
    assert f"{name}.safetensors" in str(refused.value)
