"""Lines wait in order for a disk that is full, in memory that hardly grows, and none is written twice."""

import os
from pathlib import Path

import pytest

from realtime.journals import unwritten
from realtime.journals.unwritten import Unwritten

LINES = [
    b'{"kind":"note","at":%d.5,"who":"player","pitch":60,"velocity":80}\n' % number for number in range(5000)
]


def waiting(lines: list[bytes]) -> Unwritten:
    lines_that_wait = Unwritten()
    for line in lines:
        lines_that_wait.add(line)
    return lines_that_wait


def written(lines: Unwritten, path: Path) -> bytes:
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        lines.write_to(file)
    finally:
        os.close(file)
    return path.read_bytes()


def test_many_lines_are_packed_and_come_out_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "PACKED_AT", 4096)
    lines = waiting(LINES)
    lines.begin_with(b"begin\n")
    assert sum(map(len, lines._packs)) + len(lines._loose) < len(b"".join(LINES)) / 5
    assert written(lines, tmp_path / "j") == b"begin\n" + b"".join(LINES)
    assert written(lines, tmp_path / "nothing more") == b""


def test_where_the_disk_is_full_in_the_middle_the_rest_waits_and_nothing_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unwritten, "PACKED_AT", 4096)
    lines, whole, room = waiting(LINES), os.write, [7000]

    def write(file: int, data: bytearray) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = whole(file, data[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(unwritten.os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        written(lines, tmp_path / "j")
    lines.add(b"later\n")
    room[0] = 1 << 30
    assert written(lines, tmp_path / "j") == b"".join(LINES) + b"later\n"


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "PACKED_AT", 64)
    lines = waiting(LINES)
    assert len(lines._packs) == unwritten.MOST_PACKS
    assert written(lines, tmp_path / "j") == b"".join(LINES[-unwritten.MOST_PACKS :])
