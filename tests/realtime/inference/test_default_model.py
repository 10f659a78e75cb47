"""The model that comes with Antiphon lies in the wheel: one run, a file for each device, free to ship."""

import pytest

from realtime.inference.bundle import FORMAT, read_bundle
from realtime.inference.default_model import FILES, default_model
from realtime.inference.providers import DEVICES


def test_there_is_a_file_for_every_device() -> None:
    assert set(FILES) == set(DEVICES)
    assert len(set(FILES.values())) == len(FILES)


@pytest.mark.parametrize("device", FILES)
def test_each_file_can_be_read_and_says_what_it_was_trained_on(device: str) -> None:
    bundle = read_bundle(default_model(device))
    assert bundle.header.format <= FORMAT
    assert bundle.header.tier == "ship"
    assert bundle.header.data
    assert all(corpus.credit and corpus.licence for corpus in bundle.header.data)
    assert bundle.encoding.as_live().name == bundle.header.encoding.name


def test_both_are_one_run_and_differ_in_precision_alone() -> None:
    cpu, cuda = (read_bundle(default_model(device)).header for device in ("cpu", "cuda"))
    assert (cpu.precision, cuda.precision) == ("int8", "fp16")
    for field in ("run", "family", "sizes", "encoding", "fields", "begin", "states", "data"):
        assert getattr(cpu, field) == getattr(cuda, field)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_neither_says_anything_of_the_machine_that_made_it(device: str) -> None:
    content = default_model(device).read_bytes()
    for trace in (b'File "', b"site-packages", b"stack_trace"):
        assert trace not in content
