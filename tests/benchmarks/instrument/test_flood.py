"""A flood is as many messages a second as it should be, and what it costs is a share of a core."""

import pytest

from benchmarks.instrument import flood, live


def test_a_flood_turns_one_controller_up_and_down() -> None:
    sent: list[bytes] = []
    count = flood.flood(sent.append, flood.EXPRESSION, 0.05)
    assert count == len(sent) > 0
    assert count % flood.BURST == 0
    assert count <= 0.05 * flood.A_SECOND + flood.BURST
    assert {message[:2] for message in sent} == {b"\xb0\x0b"}
    assert len({message[2] for message in sent}) > 10


def test_what_it_costs_is_without_the_player_s_own_share(monkeypatch: pytest.MonkeyPatch) -> None:
    used = iter([1.0, 1.5, 2.0, 3.0, 4.0, 6.0])  # before and after: nobody, the knob, what is passed on
    monkeypatch.setattr(flood, "children", lambda _: [])
    monkeypatch.setattr(flood, "cpu_s", lambda _: next(used))
    monkeypatch.setattr(flood, "flood", lambda *_: 50_000)
    found = flood.costs(lambda _: None, 10.0)
    assert found == {
        "knob": {"messages_a_second": 5000.0, "cpu_percent": pytest.approx(5.0)},
        "passed_on": {"messages_a_second": 5000.0, "cpu_percent": pytest.approx(15.0)},
    }


@pytest.mark.slow
def test_a_real_instrument_is_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(live, "IDLE_S", 0.2)
    parser = live.argparse.ArgumentParser()
    live.add_arguments(parser)
    found = live.run(parser.parse_args(["--flood", "--seconds", "1", "--alone"]))
    assert found["flood"].keys() == {"knob", "passed_on"}
    assert all(one["messages_a_second"] > 0 for one in found["flood"].values())
