"""The page's server in a process of its own.

Who is answered, with what, and that no browser harms another or the engine.
"""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from realtime.web.browsers.browser import MOST_ROWS
from realtime.web.browsers.server import MOST_BROWSERS
from tests.support.page_process import (
    PATIENCE_S,
    ROOT,
    TOKEN,
    PageProcess,
    note,
    page_process,
    received,
    turn,
)
from tests.support.waiting import wait_until

PAGE = ROOT / "realtime" / "web" / "page"
SOCKETS = Path("/proc/net/tcp")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[PageProcess]:
    with page_process(take=tmp_path / "my take.mid") as running:
        yield running.open()


def wish(browser: ClientConnection, **names: object) -> None:
    browser.send(json.dumps(names))


# Files.


def test_the_page_and_its_files_are_served_with_what_keeps_strangers_out(page: PageProcess) -> None:
    response, content = page.get("/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert content == (PAGE / "index.html").read_bytes()
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'self'" in policy
    assert f"connect-src 'self' ws://{page.host}" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("ending", "content_type"),
    [(".js", "text/javascript; charset=utf-8"), (".css", "text/css; charset=utf-8")],
)
def test_every_file_of_the_page_has_its_type(page: PageProcess, ending: str, content_type: str) -> None:
    paths = [path for path in PAGE.rglob("*") if path.suffix == ending]
    assert paths
    for path in paths:
        response, content = page.get(f"/page/{path.relative_to(PAGE).as_posix()}")
        assert (response.status, response.headers["Content-Type"]) == (200, content_type)
        assert content == path.read_bytes()
    response, content = page.get(f"/page/{paths[0].relative_to(PAGE).as_posix()}", "HEAD")
    assert (response.status, content) == (200, b"")
    assert int(response.headers["Content-Length"]) == paths[0].stat().st_size


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/page/",
        "/page/nothing.js",
        "/page/roll",
        "/page/roll/",
        "/page/roll.js",
        "/page/roll/../main.js",
        "/page/roll/../../browsers/server.py",
        "/page/../server.py",
        "/page/..%2fserver.py",
        "/page/%2e%2e/server.py",
        "/page/..",
        "/page//etc/passwd",
        "/page/%00",
        "/page/%ff",
        "/server.py",
        "/takes/",
        "/takes/nothing.mid",
        "/takes/..%2f..%2fetc%2fpasswd",
        "//x",
    ],
)
def test_what_is_not_there_is_refused_in_one_line(page: PageProcess, path: str) -> None:
    response, content = page.get(path)
    assert response.status == 404
    assert content.count(b"\n") == 1
    assert response.headers["Content-Type"].startswith("text/plain")


def test_an_address_that_is_none_is_refused_too(page: PageProcess) -> None:
    assert page.get("//[", Host=page.host)[0].status == 404


def test_only_reading_is_understood(page: PageProcess) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response, content = page.get("/", method)
        assert response.status == 405
        assert response.headers["Allow"] == "GET, HEAD"
        assert content == f"{method} is not understood here\n".encode()


def test_the_take_being_played_is_given_as_it_is_now(page: PageProcess, tmp_path: Path) -> None:
    page.tell(note(1.0, 60), note(1.5, 60, 0))
    with page.browser() as browser:
        (take,) = received(browser, "welcome")["takes"] or received(browser, "takes")["takes"]
        assert (take["name"], take["player"], take["now"]) == ("my take.mid", 1, True)
    response, content = page.get("/takes/my%20take.mid")
    assert response.status == 200
    assert response.headers["Content-Type"] == "audio/midi"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"my take.mid\"; filename*=UTF-8''my%20take.mid"
    )
    assert content.startswith(b"MThd")
    assert not (tmp_path / "my take.mid").exists()  # nobody's turn has ended


# Who is answered.


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.example.org:{port}", "", "0.0.0.0:{port}"]
)
def test_another_name_for_this_machine_is_refused(page: PageProcess, host: str) -> None:
    for path in ("/", "/live", "/takes/x.mid", "/nothing"):
        response, _ = page.get(path, Host=host.format(port=page.port))
        assert response.status == 403


def test_the_names_of_this_machine_are_answered(page: PageProcess) -> None:
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert page.get("/", Host=f"{host}:{page.port}")[0].status == 200


def test_without_the_word_in_its_address_nothing_is_answered(page: PageProcess) -> None:
    page.tell(note(1.0, 60), note(1.5, 60, 0))
    with page.browser() as browser:
        received(browser, "welcome")
        for path in ("/", "/favicon.ico"):
            response, content = page.get_bare(path)
            assert response.status == 403
            assert content == b"open the address that Antiphon shows when it starts\n"
        strangers = [
            "/live",
            "/takes/my%20take.mid",
            "/page/main.js",
            "/words/",
            "/wor/",
            f"/{TOKEN}x/",
            "*",
            "",
        ]
        strangers += [f"/{TOKEN}", f"/?{TOKEN}", f"//{TOKEN}/", "/%77ord/"]
        for path in strangers:
            assert page.get_bare(path)[0].status == 403
        address, origin = f"ws://{page.host}/wrong/live", Origin(f"http://{page.host}")
        with pytest.raises(InvalidStatus) as refused, connect(address, origin=origin):
            pass
        assert refused.value.response.status_code == 403
        line = received(browser, "line")["text"]
        assert line == "somebody asked for the page with a wrong address, and was refused (this is said once)"
        page.tell(turn(2.0))
        assert received(browser, "turn")["at"] == 2.0


def test_wrong_words_are_soon_not_even_looked_at_while_the_right_one_is_answered(page: PageProcess) -> None:
    statuses = [page.get_bare(f"/{guess}/")[0].status for guess in range(60)]
    assert statuses[0] == 403
    assert 429 in statuses
    assert page.get("/")[0].status == 200


def test_after_a_flood_of_guesses_one_more_is_looked_at_each_second(page: PageProcess) -> None:
    for guess in range(400):  # so many that they would fill minutes if each of them counted
        page.get_bare(f"/{guess}/")
    wait_until(lambda: page.get_bare("/another/")[0].status == 403, within_s=60.0)


def test_an_address_of_another_start_is_said_to_be_one(page: PageProcess) -> None:
    with page.browser() as browser:
        received(browser, "welcome")
        for path in ("/bcdf-ghjk-mnpq/live", "/bcdf-ghjk-mnpq/", "/guess/"):
            assert page.get_bare(path)[0].status == 403
        said = [received(browser, "line")["text"] for _ in range(2)]
        assert said == [
            f"somebody asked for the page with {what}, and was refused (this is said once)"
            for what in ("the address of another start", "a wrong address")
        ]


def test_with_another_word_the_old_one_ends_and_who_came_by_it_is_sent_away(page: PageProcess) -> None:
    with page.browser() as browser:
        begin = received(browser, "welcome")["begin"]
        assert begin["token"] == TOKEN
        page.tell({"kind": "word", "at": 1.0, "token": "bcdf-ghjk-mnpq"}, note(1.5, 60))
        assert page.said("ready")["url"] == f"http://{page.host}/bcdf-ghjk-mnpq/"
        with pytest.raises(ConnectionClosed):
            received(browser, "note")
        assert browser.close_code == 4003
        assert "open the link that is shown now" in str(browser.close_reason)
    assert page.get("/")[0].status == 403
    assert page.get_bare("/bcdf-ghjk-mnpq/")[0].status == 200
    address, origin = f"ws://{page.host}/bcdf-ghjk-mnpq/live", Origin(f"http://{page.host}")
    with connect(address, origin=origin) as browser:
        assert received(browser, "welcome")["begin"]["token"] == "bcdf-ghjk-mnpq"


def test_the_right_word_is_right_as_a_phone_types_it(page: PageProcess) -> None:
    assert page.get_bare(f"/{TOKEN.capitalize()}/")[0].status == 200


def test_only_the_page_itself_may_open_a_websocket(page: PageProcess) -> None:
    strangers = [
        None,
        "null",
        "https://example.org",
        f"http://example.org:{page.port}",
        f"https://{page.host}",
        "http://127.0.0.1:1",
        f"http://localhost:{page.port}",  # another name than the one asked
    ]
    for origin in strangers:
        with pytest.raises(InvalidStatus) as refused, page.browser(origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with page.browser() as browser:
        assert received(browser)["kind"] == "welcome"


def test_a_client_of_another_version_gets_one_line_and_disturbs_nobody(page: PageProcess) -> None:
    address, origin = f"ws://{page.host}/{TOKEN}/live?protocol=", Origin(f"http://{page.host}")
    said = "this Antiphon speaks version 1 of its protocol, not 99"
    with page.browser() as other, connect(f"{address}99", origin=origin) as browser:
        assert json.loads(browser.recv(timeout=PATIENCE_S)) == {"kind": "line", "text": said}
        with pytest.raises(ConnectionClosed):
            browser.recv(timeout=PATIENCE_S)
        assert (browser.close_code, browser.close_reason) == (1002, said)
        assert received(other, "welcome")["hand"] == 1
        wish(other, kind="panic")
        assert page.said() == {"kind": "panic"}
    for asked in ("1", "1&more=[", "%5B&protocol=1"):
        with connect(f"{address}{asked}", origin=origin) as browser:
            assert received(browser, "welcome")["protocol"] == 1


def test_the_page_s_files_are_packed_where_a_browser_accepts_it_and_takes_are_not(page: PageProcess) -> None:
    for path in ("/", "/page/style.css", "/page/main.js"):
        plain = page.get(path)[1]
        for accepted in ("gzip", "br;q=1, GZIP;q=0.5"):
            response, content = page.get(path, **{"Accept-Encoding": accepted})
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Content-Length"] == str(len(content))
            assert len(content) < len(plain)
            assert gzip.decompress(content) == plain
        for accepted in ("br", "gzipped", ""):
            response, content = page.get(path, **{"Accept-Encoding": accepted})
            assert response.headers["Content-Encoding"] is None
            assert content == plain
    assert page.get("/page/none.js", **{"Accept-Encoding": "gzip"})[0].status == 404
    assert page.get("/heard/none.mid", **{"Accept-Encoding": "gzip"})[0].headers["Content-Encoding"] is None


def test_the_websocket_is_nowhere_else_and_is_no_page(page: PageProcess) -> None:
    response, content = page.get("/live")
    assert (response.status, response.headers["Upgrade"]) == (426, "websocket")
    assert content == b"here is the page's websocket, and no page\n"


@pytest.mark.skipif(not SOCKETS.exists(), reason="needs Linux' list of sockets")
def test_nothing_listens_but_on_this_machine_alone(page: PageProcess) -> None:
    table = [line.split() for line in SOCKETS.read_text().splitlines()[1:]]
    addresses = {row[1] for row in table if row[3] == "0A" and row[1].endswith(f":{page.port:04X}")}
    assert addresses == {f"0100007F:{page.port:04X}"}


# Rows and wishes.


def test_a_browser_is_welcomed_with_all_that_it_needs_and_gets_rows_as_they_come(page: PageProcess) -> None:
    at = page.began_at
    ports = {"kind": "ports", "at": at, "inputs": [], "outputs": ["Synth"]}
    quiet = {"kind": "quiet", "at": at, "since": at, "needed_s": 1.0}
    controls = {"kind": "controls", "at": at, "controls": {"temperature": 0.5}}
    played = [note(at, 60), turn(at, "calling")]
    page.tell(*played, ports, quiet, controls)
    with page.browser() as first:
        welcome = received(first)
        while welcome["controls"] != {"temperature": 0.5}:  # it came in before the rows did
            welcome["controls"] = received(first, "controls")["controls"]
    with page.browser() as browser:
        welcome = received(browser)
        assert welcome["kind"] == "welcome"
        assert welcome["begin"]["model"] == "none"
        assert welcome["recent"] == played
        assert (welcome["turn"], welcome["quiet"], welcome["ports"]) == (played[1], quiet, ports)
        assert welcome["controls"] == {"temperature": 0.5}
        assert [take["player"] for take in welcome["takes"]] == [1]
        assert at < welcome["now"] <= time.perf_counter()
        page.tell(note(at + 1, 62), note(at + 2, 62, 0), turn(at + 3))
        assert [received(browser) for _ in range(3)] == [note(at + 1, 62), note(at + 2, 62, 0), turn(at + 3)]
        assert received(browser, "takes")["takes"][0]["player"] == 2


def test_wishes_reach_the_engine_and_junk_does_not(page: PageProcess) -> None:
    with page.browser() as browser:
        for junk in ("{", "[]", '{"kind":"key","pitch":999,"velocity":1}', '{"kind":"gone"}', "[" * 4000, ""):
            browser.send(junk)
        browser.send(b"\x90\x3c\x40")
        wish(browser, kind="key", pitch=60, velocity=70, source=3)
        wish(browser, kind="control", name="temperature", value=1.5)
        wish(browser, kind="control", name="channel", value="same")
        wish(browser, kind="hand_over")
        wish(browser, kind="key", pitch=60, velocity=0)
        wish(browser, kind="panic")
        assert page.said() == {"kind": "key", "pitch": 60, "velocity": 70}
        assert page.said() == {"kind": "control", "name": "temperature", "value": 1.5}
        assert page.said() == {"kind": "control", "name": "channel", "value": "same"}
        assert page.said() == {"kind": "hand_over"}
        assert page.said() == {"kind": "key", "pitch": 60, "velocity": 0}
        assert page.said() == {"kind": "panic"}


def test_a_browser_that_vanishes_lets_go_of_what_it_held(page: PageProcess) -> None:
    with page.browser() as browser:
        wish(browser, kind="key", pitch=60, velocity=70)
        wish(browser, kind="pedal", depth=127)
        assert [page.said()["kind"] for _ in range(2)] == ["key", "pedal"]
        browser.socket.shutdown(socket.SHUT_RDWR)  # without a word, as when its process is killed
        assert page.said() == {"kind": "key", "pitch": 60, "velocity": 0}
        assert page.said() == {"kind": "pedal", "depth": 0}
        assert page.said() == {"kind": "gone"}


def test_each_page_is_a_hand_and_what_it_strikes_is_shown_as_its_own(page: PageProcess) -> None:
    with page.browser() as first, page.browser() as second:
        assert received(first, "welcome")["hand"] == 1
        assert received(second, "welcome")["hand"] == 2
        wish(second, kind="key", pitch=60, velocity=70)
        assert page.said("key")["pitch"] == 60
        struck = note(1.0, 60, 70) | {"source": 1000}
        elsewhere = note(1.1, 61, 70) | {"source": 2}
        page.tell(struck, elsewhere)
        for browser in (first, second):
            assert received(browser, "note") == struck | {"hand": 2}
            assert received(browser, "note") == elsewhere
        with page.browser() as late:
            assert received(late, "welcome")["recent"] == [struck | {"hand": 2}, elsewhere]


def test_of_two_browsers_with_one_key_the_one_that_leaves_does_not_let_it_go(page: PageProcess) -> None:
    with page.browser() as staying:
        with page.browser() as leaving:
            for browser in (staying, leaving):
                received(browser, "welcome")
                wish(browser, kind="key", pitch=60, velocity=70)
                assert page.said("key")["velocity"] == 70
            wish(leaving, kind="key", pitch=62, velocity=70)
            assert page.said("key")["pitch"] == 62
        assert page.said() == {"kind": "key", "pitch": 62, "velocity": 0}
        assert page.said("line")["text"] == "a page went away with keys held; they are let go"
        wish(staying, kind="key", pitch=60, velocity=0)
        assert page.said() == {"kind": "key", "pitch": 60, "velocity": 0}


def test_too_long_a_message_ends_the_connection_and_nothing_else(page: PageProcess) -> None:
    with page.browser() as other, page.browser(max_size=None) as browser:
        received(other, "welcome")
        received(browser, "welcome")
        with suppress(ConnectionClosed):
            browser.send("x" * 10_000_000)
        with pytest.raises(ConnectionClosed):
            browser.recv(timeout=PATIENCE_S)
        assert browser.close_code in (1009, 1006)  # it may not have read the word while it was still talking
        wish(other, kind="panic")
        assert page.said() == {"kind": "panic"}


@pytest.mark.slow
def test_a_flood_of_junk_is_closed_and_what_its_sender_held_is_let_go(page: PageProcess) -> None:
    with page.browser() as flooding, page.browser() as other:
        wish(flooding, kind="key", pitch=60, velocity=70)
        assert page.said("key")["velocity"] == 70
        with suppress(ConnectionClosed):
            for _ in range(2000):
                flooding.send('{"kind":"junk"}')
        assert page.said() == {"kind": "key", "pitch": 60, "velocity": 0}
        assert page.said("line")["text"] == "a page went away with keys held; they are let go"
        wish(other, kind="panic")
        assert page.said() == {"kind": "panic"}


@pytest.mark.slow
def test_a_flood_of_wishes_is_read_no_faster_than_is_allowed_and_others_are_heard_meanwhile(
    page: PageProcess,
) -> None:
    with page.browser() as flooding, page.browser() as other:
        for _ in range(500):
            wish(flooding, kind="hand_over")
        wish(other, kind="panic")
        before = 0
        while page.said()["kind"] != "panic":
            before += 1
        assert before < 400


@pytest.mark.slow
def test_many_browsers_get_every_row_and_one_too_many_is_refused(page: PageProcess) -> None:
    with ExitStack() as open_pages:
        browsers = [open_pages.enter_context(page.browser()) for _ in range(50)]
        rows = [note(float(at), at % 128) for at in range(300)]
        for browser in browsers:
            received(browser, "welcome")
        page.tell(*rows)
        for browser in browsers:
            assert [received(browser, "note") for _ in rows] == rows
        more = [open_pages.enter_context(page.browser()) for _ in range(MOST_BROWSERS - len(browsers))]
        received(more[-1], "welcome")
        with pytest.raises(InvalidStatus) as refused, page.browser():
            pass
        assert refused.value.response.status_code == 503


def test_connections_that_say_nothing_or_nonsense_harm_nobody(page: PageProcess) -> None:
    idle = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(20)]
    for connection, words in zip(
        idle, [b"", b"\0" * 5000, b"GET", b"GET / HTTP/1.1\r\nHost"] * 5, strict=True
    ):
        connection.sendall(words)
    assert page.get("/page/nothing.js")[0].status == 404
    for connection in idle:
        connection.close()
    assert page.get("/page/nothing.js")[0].status == 404


@pytest.mark.slow
def test_a_browser_that_does_not_read_holds_nobody_back_and_starts_afresh(page: PageProcess) -> None:
    stuck = socket.create_connection(("127.0.0.1", page.port))
    stuck.sendall(
        f"GET /{TOKEN}/live HTTP/1.1\r\nHost: {page.host}\r\nOrigin: http://{page.host}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        "".encode()
    )
    stuck.settimeout(PATIENCE_S)
    assert stuck.recv(12) == b"HTTP/1.1 101"
    with page.browser() as browser:
        received(browser, "welcome")
        for lot in range(2 * MOST_ROWS // 100):
            rows = [note(float(lot), at % 128) | {"filling": "x" * 1000} for at in range(100)]
            page.tell(*rows)
            assert [received(browser, "note") for _ in rows] == rows
    # What the system had taken for it still comes, and then it is over.
    came = 0
    with suppress(ConnectionResetError):
        while content := stuck.recv(1 << 20):
            came += len(content)
    stuck.close()
    assert came < MOST_ROWS * 1000


def test_a_new_take_is_saved_and_listed_and_the_next_begins(page: PageProcess, tmp_path: Path) -> None:
    with page.browser() as browser:
        page.tell(note(1.0, 60), note(1.5, 60, 0))
        received(browser, "note")
        wish(browser, kind="new_take")
        while True:
            takes = received(browser, "takes")["takes"]
            if not takes[0]["now"]:
                break
        page.tell(note(9.0, 62), note(9.5, 62, 0), turn(10.0))
        names = [take["name"] for take in received(browser, "takes")["takes"]]
        assert len(names) == 2
        assert names[1] == "my take.mid"
        page.tell({"kind": "end", "at": 11.0})
        assert page.said() == {"kind": "saved", "path": str(tmp_path / names[0])}
        assert {path.name for path in tmp_path.iterdir()} == set(names)


def test_the_sound_is_where_it_was_taken_last_and_goes_back_when_that_browser_goes(page: PageProcess) -> None:
    with page.browser() as first:
        one = received(first, "welcome")
        assert one["sound"] is None
        first.send('{"kind":"take_sound"}')
        assert received(first, "sound")["browser"] == one["you"]
        with page.browser() as second:
            two = received(second, "welcome")
            assert two["sound"] == one["you"] != two["you"]
            second.send('{"kind":"take_sound"}')
            assert received(first, "sound")["browser"] == received(second, "sound")["browser"] == two["you"]
        assert received(first, "sound")["browser"] == one["you"]


def test_what_is_thought_of_is_wanted_while_one_browser_at_least_looks(page: PageProcess) -> None:
    def wanted() -> object:
        return page.said("look")["wanted"]

    with page.browser() as first:
        wish(first, kind="look", wanted=True)
        assert wanted() is True
        with page.browser() as second:
            wish(second, kind="look", wanted=True)
            assert wanted() is True  # again: that one has seen nothing yet
            wish(first, kind="look", wanted=False)
            page.tell({"kind": "idea", "at": 1.0, "begins_at": None, "is_sketch": True, "notes": []})
            assert received(second, "idea")["notes"] == []
        assert wanted() is False
        wish(first, kind="look", wanted=False)
        wish(first, kind="panic")
        assert page.said()["kind"] == "panic"


def test_who_comes_late_gets_the_log_of_turns_and_takes(page: PageProcess) -> None:
    with page.browser() as browser:
        received(browser, "welcome")
        page.tell(turn(1.0, "calling"), note(1.0, 60), note(1.5, 60, 0), turn(2.0))
        assert "a take begins" in received(browser, "happened")["text"]
        browser.send('{"kind":"new_take"}')
        assert "(notes: 1 yours, 0 in answer)" in received(browser, "happened")["text"]
    with page.browser() as late:
        log = received(late, "welcome")["log"]
        assert [row["kind"] for row in log] == ["turn", "happened", "turn", "happened"]
