"""`antiphon generate`: a run and its file play the same, where nothing is left to chance."""

from pathlib import Path

import pytest

from antiphon import main
from export.exporting import Written, export_each, source_of_run
from music.midi.files import read_pieces, write_midi
from tests.support.families import family_run
from tests.support.phrases import improvised
from training.opened_run import opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


@pytest.mark.parametrize("family", ["event", "note", "symbol"])
def test_a_file_plays_what_its_run_plays(family: str, tmp_path: Path) -> None:
    folder = family_run(tmp_path, family)
    (result,) = export_each(source_of_run(opened(folder.path), None), tmp_path, ["fp32"])
    assert isinstance(result, Written)
    write_midi(improvised(2, notes=20, pedal=False), tmp_path / "phrase.mid")
    words = ["--from", str(tmp_path / "phrase.mid"), "--argmax", "--rows", "60", "--seed", "1"]
    run = [folder.path.name, str(tmp_path / "by-run.mid"), "--runs", str(tmp_path)]
    assert main(["generate", *run, *words]) == 0
    assert main(["generate", str(result.bundle.path), str(tmp_path / "by-file.mid"), *words]) == 0
    by_run, by_file = (read_pieces(tmp_path / f"by-{name}.mid")[0].phrase for name in ("run", "file"))
    assert by_run.notes == by_file.notes
