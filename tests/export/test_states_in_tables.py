"""An event model with every trunk plays alike wherever its states lie."""

from pathlib import Path

import pytest

from export.exporting import Written, export_each, source_of_run
from tests.realtime.batch.test_states_stay import assert_alike
from tests.support.families import TRUNKS, family_run
from training.opened_run import opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


@pytest.mark.parametrize("trunk", TRUNKS)
def test_with_every_trunk_states_may_stay_on_the_device(trunk: str, tmp_path: Path) -> None:
    run = opened(family_run(tmp_path, "event", trunk).path)
    (written,) = export_each(source_of_run(run, None), tmp_path, ["fp32"])
    assert isinstance(written, Written)
    assert_alike(written.bundle.path, 5, 1)
