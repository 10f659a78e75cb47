"""Rows come back as they were and in order, from a file, from memory where there is none, and both."""

from typing import Any

import pytest

from realtime.rows import kept as kept_module
from realtime.rows.kept import PACKED_AT, KeptRows


def row(number: int) -> dict[str, Any]:
    return {
        "kind": "note",
        "at": number / 7,
        "who": "player",
        "pitch": number % 128,
        "velocity": 80,
        "take": None,
    }


def filled(count: int) -> KeptRows:
    rows = KeptRows()
    for number in range(count):
        rows.append(row(number))
    return rows


@pytest.mark.parametrize("count", [0, 1, PACKED_AT - 1, PACKED_AT, 5 * PACKED_AT + 3])
def test_all_rows_come_back_in_order_more_than_once(count: int) -> None:
    rows = filled(count)
    assert list(rows) == [row(number) for number in range(count)]
    rows.append(row(count))
    assert list(rows) == [row(number) for number in range(count + 1)]


def test_few_rows_are_ever_in_memory() -> None:
    rows = filled(5 * PACKED_AT + 3)
    assert len(rows._loose) == 3
    assert rows._packs == []


def test_where_no_file_can_be_had_they_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_module, "TemporaryFile", refuse)
    assert list(filled(2 * PACKED_AT)) == [row(number) for number in range(2 * PACKED_AT)]


def test_a_disk_that_fills_up_meanwhile_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = filled(2 * PACKED_AT)
    assert rows._file is not None

    class Full:
        def __init__(self, file: Any) -> None:
            self.seek, self.read = file.seek, file.read

        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

    rows._file = Full(rows._file)  # type: ignore[assignment]
    for number in range(2 * PACKED_AT, 4 * PACKED_AT + 1):
        rows.append(row(number))
    assert list(rows) == [row(number) for number in range(4 * PACKED_AT + 1)]
