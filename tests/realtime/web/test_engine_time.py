"""What the engine's clock shows is known in another process."""

from time import perf_counter, time

import pytest

from realtime.web.engine_time import EngineTime


def test_a_clock_of_its_own_is_followed_by_the_wall() -> None:
    assert EngineTime(at=1e9, wall=time() - 7.0).now() == pytest.approx(1e9 + 7.0, abs=2.0)


@pytest.mark.parametrize("set_by_s", [3.0, 3600.0, -3600.0])
def test_the_machines_clock_is_read_itself_however_the_wall_was_set_meanwhile(set_by_s: float) -> None:
    engine = EngineTime(at=perf_counter(), wall=time() - set_by_s)
    before = perf_counter()
    assert before <= engine.now() <= perf_counter()
