"""`antiphon generate FILE --no-format-filter`: it breaks the format, or says why it can't."""

from pathlib import Path

import pytest

from antiphon import main
from export.exporting import Written, export_each, source_of_run
from tests.support.families import FAMILIES, family_run
from training.opened_run import opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


def pair_file(folder: Path, *, format_filter: bool) -> Path:
    pair = FAMILIES["pair"]["model"] | {"format_filter": format_filter}
    run = opened(family_run(folder, "pair", changes={"model": pair}).path)
    (result,) = export_each(source_of_run(run, None), folder, ["fp32"])
    assert isinstance(result, Written)
    return result.bundle.path


def test_a_format_may_be_broken_unless_the_model_learnt_within_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    within, without = (pair_file(tmp_path / str(kept), format_filter=kept) for kept in (True, False))
    words = ["--rows", "60", "--seed", "2", "--no-format-filter"]
    assert main(["generate", str(within), str(tmp_path / "no.mid"), *words]) == 2
    assert "learnt with the format filter within it" in capsys.readouterr().err
    assert main(["generate", str(without), str(tmp_path / "broken.mid"), *words]) == 0
    assert main(["generate", str(without), str(tmp_path / "kept.mid"), *words[:-1]]) == 0
    assert (tmp_path / "broken.mid").read_bytes() != (tmp_path / "kept.mid").read_bytes()
