"""Ratings are added and never changed; what is sent twice is there once; nothing is lost."""

import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from listening.ratings import Ratings
from music.settings import SettingError


def test_a_rating_sent_twice_is_there_once_and_the_last_of_several_counts(tmp_path: Path) -> None:
    ratings = Ratings(tmp_path / "ratings.sqlite", synthetic=True)
    listener = ratings.join("secret", 1.0)
    for sent, value in (("a", 3), ("b", 4), ("a", 3), ("a", 5)):
        ratings.rate(listener, "clip", value, sent, 2.0)
    assert ratings.values(listener) == {"clip": 4}
    with sqlite3.connect(tmp_path / "ratings.sqlite") as file:
        assert file.execute("SELECT value, sent FROM ratings").fetchall() == [(3, "a"), (4, "b")]


@pytest.mark.parametrize(
    "statement", ["UPDATE ratings SET value = 5", "DELETE FROM ratings", "DELETE FROM listeners"]
)
def test_the_file_itself_forbids_changes(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "ratings.sqlite"
    ratings = Ratings(path, synthetic=True)
    ratings.rate(ratings.join("secret", 1.0), "clip", 3, "a", 2.0)
    file = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="added, never changed"):
        file.execute(statement)
    file.close()


def test_what_was_answered_is_there_though_nobody_closed_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ratings.sqlite"
    one = Ratings(path, synthetic=True)
    one.rate(one.join("secret", 1.0), "clip", 3, "a", 2.0)
    other = Ratings(path, synthetic=True)  # another process, which knows nothing of the first
    listener = other.listener("secret")
    assert listener is not None
    assert other.values(listener) == {"clip": 3}


def test_two_servers_on_one_folder_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ratings.sqlite"
    servers = [Ratings(path, synthetic=True) for _ in range(2)]

    def join(ratings: Ratings, name: str) -> None:
        for number in range(20):
            listener = ratings.join(f"{name} {number}", 1.0)
            ratings.rate(listener, "clip", 3, "a", 2.0)

    threads = [Thread(target=join, args=(one, str(place))) for place, one in enumerate(servers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listeners = servers[0].listeners()
    assert [one.number for one in listeners] == list(range(1, 41))
    assert all(servers[1].values(one) == {"clip": 3} for one in listeners)


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ratings.sqlite").write_text(
        "this is no database, but text that is long enough to be one" * 20
    )
    with pytest.raises(SettingError, match="no file of ratings"):
        Ratings(tmp_path / "ratings.sqlite")
