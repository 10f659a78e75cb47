"""A listener at the reception: a token where there is one, nothing skipped, nothing lost, nothing double."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from listening.folder import ListeningFolder
from listening.headphones import tones_for
from listening.ratings import Ratings
from listening.reception import Asked, Reception
from tests.support.listening import SECONDS, Clock, asked, cookie_of, made_folder, reception_of


class AtTheReception:
    """One listener with a browser that keeps cookies."""

    def __init__(self, path: Path, scale: str = "closeness", folder: ListeningFolder | None = None) -> None:
        self.folder = folder or made_folder(path, scale=scale)
        self.clock = Clock()
        self.ratings = Ratings(self.folder.ratings(synthetic=True), synthetic=True)
        self.reception: Reception = reception_of(self.folder, self.ratings, self.clock)
        self.cookies = (cookie_of(asked(self.reception, "/join", {})),)

    def get(self, target: str) -> tuple[int, Any]:
        answer = asked(self.reception, target, cookies=self.cookies)
        return answer.status, json.loads(answer.content)

    def post(self, target: str, said: object) -> tuple[int, Any]:
        answer = asked(self.reception, target, said, self.cookies)
        return answer.status, json.loads(answer.content)

    @property
    def state(self) -> Any:
        return self.get("/state")[1]

    def pass_check(self) -> None:
        (listener,) = self.ratings.listeners()
        right = [one.softest for one in tones_for(listener.secret, 0)]
        self.post("/check", {"attempt": 0, "answers": right})

    def hear(self) -> None:
        for clip in self.state["clips"]:
            assert self.get(f"/clip/{clip['clip']}")[0] == 200
            self.clock.at += clip["seconds"]

    def begin(self) -> None:
        self.pass_check()
        self.hear()
        self.post("/next", {"step": "example"})


@pytest.fixture
def listener(tmp_path: Path) -> AtTheReception:
    return AtTheReception(tmp_path / "test")


def test_a_listener_goes_from_the_check_to_the_end_and_all_is_kept(listener: AtTheReception) -> None:
    assert listener.state["step"] == "check"
    listener.begin()
    for number in range(4):
        state = listener.state
        assert (state["step"], state["number"], state["of"]) == ("clips", number, 4)
        listener.hear()
        listener.post("/rate", {"clip": state["clips"][0]["clip"], "value": number, "sent": f"{number}"})
        listener.post("/next", {"step": state["round"]})
    assert listener.state["step"] == "end"
    (one,) = listener.ratings.listeners()
    assert sorted(listener.ratings.values(one).values()) == [0, 1, 2, 3]


def test_no_answer_says_who_plays(listener: AtTheReception) -> None:
    key = listener.folder.key()
    listener.begin()
    text = json.dumps(listener.state)
    assert not any(f'"{word}"' in text for word in (*key["conditions"], "condition", "source"))
    for name in ("key.json", "test.json", "ratings.sqlite", "token"):
        for target in (f"/{name}", f"/page/{name}", f"/clip/{name}", f"/page/../{name}", f"/clip/../{name}"):
            assert listener.get(target)[0] == 404


def test_nothing_is_rated_before_it_can_have_been_heard_nor_skipped(listener: AtTheReception) -> None:
    listener.pass_check()
    assert listener.post("/next", {"step": "example"})[0] == 409
    listener.hear()
    listener.post("/next", {"step": "example"})
    state = listener.state
    rating = {"clip": state["clips"][0]["clip"], "value": 3, "sent": "a"}
    assert listener.post("/rate", rating)[0] == 409  # not handed over
    listener.get(f"/clip/{rating['clip']}")
    listener.clock.at += SECONDS / 2
    assert listener.post("/rate", rating) == (409, {"why": "it is to be heard to its end first"})
    assert listener.post("/next", {"step": state["round"]})[0] == 409  # not rated
    assert listener.post("/next", {"step": "round 3"})[0] == 409
    listener.clock.at += SECONDS
    assert listener.post("/rate", rating)[0] == 200


def test_a_clip_of_another_round_is_neither_heard_nor_rated(listener: AtTheReception) -> None:
    listener.begin()
    now = listener.state["clips"][0]["clip"]
    others = {clip.name for clip in listener.folder.test().clips()} - {now}
    for other in others:
        assert listener.get(f"/clip/{other}")[0] == 409
        assert listener.post("/rate", {"clip": other, "value": 3, "sent": "a"})[0] == 409


def test_who_comes_back_finds_the_round_and_the_tap_before_and_is_the_same_listener(
    listener: AtTheReception,
) -> None:
    listener.begin()
    listener.hear()
    clip = listener.state["clips"][0]["clip"]
    listener.post("/rate", {"clip": clip, "value": 2, "sent": "a"})
    listener.reception = reception_of(
        listener.folder, listener.ratings, listener.clock
    )  # the server began anew
    assert listener.state["clips"] == [{"clip": clip, "seconds": SECONDS, "value": 2}]
    listener.post("/join", {})
    assert len(listener.ratings.listeners()) == 1


def test_going_on_twice_goes_on_once(listener: AtTheReception) -> None:
    listener.begin()
    listener.hear()
    state = listener.state
    listener.post("/rate", {"clip": state["clips"][0]["clip"], "value": 2, "sent": "a"})
    for _ in range(2):
        assert listener.post("/next", {"step": state["round"]})[1]["number"] == 1


def test_three_clips_are_heard_back_to_back_where_the_scale_says_so(tmp_path: Path) -> None:
    listener = AtTheReception(tmp_path, folder=made_folder(tmp_path / "test", 6, 3, "novice"))
    listener.begin()
    state = listener.state
    assert len(state["clips"]) == 3
    assert {clip["clip"][-1] for clip in state["clips"]} == {"0", "1", "2"}  # of each condition one
    assert state["values"] == list(range(1, 11))


def test_a_failed_check_may_be_tried_once_more_and_then_goes_on(listener: AtTheReception) -> None:
    (one,) = listener.ratings.listeners()
    for attempt in range(2):
        wrong = [tones.out_of_phase for tones in tones_for(one.secret, attempt)]
        state = listener.post("/check", {"attempt": attempt, "answers": wrong})[1]
    assert state["step"] == "example"
    assert listener.ratings.checks(one) == [False, False]


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b"{}", b'{"clip": 3}', b"\xff", b'{"clip": "c", "value": "5", "sent": "a"}', b"[" * 4000],
)
def test_junk_is_refused_in_a_line(listener: AtTheReception, said: bytes) -> None:
    listener.begin()
    answer = listener.reception.answer(Asked("POST", "/rate", {"cookie": list(listener.cookies)}, said))
    assert answer.status in (400, 409)
    assert set(json.loads(answer.content)) == {"why"}


@pytest.mark.parametrize("value", [-1, 6, 2.5, True, "3", None])
def test_a_value_that_the_scale_has_not_is_refused(listener: AtTheReception, value: object) -> None:
    listener.begin()
    listener.hear()
    clip = listener.state["clips"][0]["clip"]
    assert listener.post("/rate", {"clip": clip, "value": value, "sent": "a"})[0] == 409


def test_behind_a_token_nothing_is_answered_without_it(tmp_path: Path) -> None:
    folder, clock = made_folder(tmp_path / "test"), Clock()
    reception = reception_of(
        folder, Ratings(tmp_path / "ratings.sqlite", synthetic=True), clock, token="right"
    )
    for target in ("/", "/piano.js", "/state", "/?token=wrong", "/page/listening.js", "/?token="):
        assert asked(reception, target).status == 403
    assert asked(reception, "/join", {}).status == 403
    shown = asked(reception, "/?token=right")
    assert shown.status == 200
    token = cookie_of(shown)
    joined = asked(reception, "/join", {}, (token,))
    assert asked(reception, "/state", cookies=(token, cookie_of(joined))).status == 200
    assert all("HttpOnly" in cookie and "SameSite=Strict" in cookie for cookie in shown.cookies)


def test_another_sites_page_is_answered_nothing(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "test")
    ratings = Ratings(tmp_path / "ratings.sqlite", synthetic=True)
    reception = Reception(folder, ratings, Clock(), lambda hosts, origins: origins == [])
    assert asked(reception, "/").status == 200
    assert asked(reception, "/join", {}, origin="http://evil.example").status == 403


def test_a_clip_that_is_missing_is_said_and_is_not_handed_over(listener: AtTheReception) -> None:
    listener.begin()
    clip = listener.state["clips"][0]["clip"]
    path = listener.folder.clip(listener.folder.test(), clip)
    path.rename(path.with_suffix(".away"))
    status, said = listener.get(f"/clip/{clip}")
    assert status == 404
    assert "missing on the server" in said["why"]
    path.with_suffix(".away").rename(path)
    listener.clock.at += 10 * SECONDS
    assert listener.post("/rate", {"clip": clip, "value": 3, "sent": "a"})[0] == 409
    listener.hear()
    assert listener.post("/rate", {"clip": clip, "value": 3, "sent": "a"})[0] == 200


def test_clips_back_to_back_are_rated_once_all_of_them_can_have_been_heard(tmp_path: Path) -> None:
    listener = AtTheReception(tmp_path, folder=made_folder(tmp_path / "test", 6, 3, "novice"))
    listener.begin()
    clips = [clip["clip"] for clip in listener.state["clips"]]
    rating = {"clip": clips[0], "value": 3, "sent": "a"}
    for clip in clips[:2]:
        listener.get(f"/clip/{clip}")
    listener.clock.at += 10 * SECONDS
    assert listener.post("/rate", rating)[0] == 409  # the third wasn't handed over
    listener.get(f"/clip/{clips[2]}")
    listener.clock.at += SECONDS
    assert listener.post("/rate", rating)[0] == 409  # a third of the round
    listener.clock.at += 2 * SECONDS
    assert listener.post("/rate", rating)[0] == 200


def test_the_page_hears_which_test_it_is_so_that_taps_of_another_stay_apart(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "test")
    reception = reception_of(folder, Ratings(tmp_path / "ratings.sqlite", synthetic=True), Clock())
    welcome = json.loads(asked(reception, "/state").content)
    joined = json.loads(asked(reception, "/join", {}).content)
    assert welcome["test"] == joined["test"] == folder.test().id


class LeavingAfterEveryRequest(AtTheReception):
    """Whose browser is closed before any answer comes, and whose server begins anew: all is asked again."""

    def _come_back(self) -> None:
        self.ratings.close()
        self.ratings = Ratings(self.folder.ratings(synthetic=True), synthetic=True)
        self.reception = reception_of(self.folder, self.ratings, self.clock)

    def get(self, target: str) -> tuple[int, Any]:
        super().get(target)
        self._come_back()
        return super().get(target)

    def post(self, target: str, said: object) -> tuple[int, Any]:
        first = super().post(target, said)
        self._come_back()
        super().post(target, said)
        return first


def test_of_20_clips_nothing_is_lost_or_double_when_a_listener_leaves_after_every_request(
    tmp_path: Path,
) -> None:
    listener = LeavingAfterEveryRequest(tmp_path, folder=made_folder(tmp_path / "test", 20, 4))
    listener.begin()
    wanted = {}
    for number in range(20):
        state = listener.state
        assert (state["step"], state["number"]) == ("clips", number)
        listener.hear()
        (clip,) = state["clips"]
        for tap in (5, number % 6):  # a mind is changed
            rating = {"clip": clip["clip"], "value": tap, "sent": f"{number}, {tap}"}
            assert listener.post("/rate", rating)[0] == 200
        wanted[clip["clip"]] = number % 6
        assert listener.state["clips"][0]["value"] == number % 6
        assert listener.post("/next", {"step": state["round"]})[0] == 200
    assert listener.state["step"] == "end"
    (one,) = listener.ratings.listeners()
    assert listener.ratings.values(one) == wanted
    rows = sqlite3.connect(listener.folder.ratings(synthetic=True))
    counts = [rows.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in ("ratings", "steps")]
    rows.close()
    taps = sum(1 if number % 6 == 5 else 2 for number in range(20))  # the same tap is sent once
    assert counts == [taps, 21]
