"""Whole ways through the dashboard, in a real browser, over one real server that all of them share."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.colours import DARK, LIGHT
from dashboard.places import Places
from dashboard.sending.calls import sent_calls
from dashboard.sending.chosen import chosen_of, named_apart, reports_named
from dashboard.sending.sheet import sheet
from tests.support.chromium import ChromiumPage, chromium_page
from tests.support.judged import learnt_run
from tests.support.served_dashboard import ROWS, TICKED, served

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

RUNS, BEST = 200, 137
TABLE = "[data-testid=stDataFrame] canvas"
ROW = 35  # pixels of a table's row, and of its head
TICK = 17  # pixels from its left side
BUTTONS = "(document.querySelector('iframe')?.contentDocument?.querySelectorAll('button') ?? [])"
PRESSED = f"[...{BUTTONS}].map(button => button.ariaPressed).join()"
NO_BYTES = {"downloadThroughput": 0, "uploadThroughput": 0}
COUNTS_SOUNDS = """
  globalThis.sounds = 0;
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...words) {
    if (this.buffer?.getChannelData(0).some((value) => value !== 0)) globalThis.sounds += 1;
    return start.apply(this, words);
  };
"""
UNHURT = "!document.querySelector('[data-testid=stException]')"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, data: Path, report_text: str) -> Iterator[int]:
    """A dashboard of two hundred runs, two of which are judged."""
    home = tmp_path_factory.mktemp("journeys")
    places = Places(home / "runs", data, takes=home / "takes")
    for number in range(RUNS):
        folder = learnt_run(places.runs, f"run-{number:03}", 20)
        if number == BEST:
            curves = folder / "curves.jsonl"
            curves.write_text(curves.read_text().replace('"nats_a_note": 15.2', '"nats_a_note": 1.5'))
            rows = [json.loads(line) for line in curves.read_text().splitlines()]
            rows = [row | ({"loss": 1.5} if row["kind"] == "validation" else {}) for row in rows]
            curves.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for number in (1, 2):
        beside = places.runs / f"run-{number:03}" / "evaluation"
        beside.mkdir()
        (beside / "tiny-train.json").write_text(report_text.replace('"a model"', f'"model-{number}"'))
    with served(places) as port:
        yield port


@pytest.fixture
def page() -> Iterator[ChromiumPage]:
    with chromium_page() as page:
        yield page


def place_of(page: ChromiumPage, words: str) -> int:
    """In which row of the table these words stand."""
    page.wait_for(f"{ROWS}.some(row => row.innerText.includes({json.dumps(words)}))")
    place = page.value(f"{ROWS}.findIndex(row => row.innerText.includes({json.dumps(words)}))")
    return int(place)


def tick(page: ChromiumPage, words: str) -> None:
    """Click into the box before the row in which these words stand."""
    page.click_at(TABLE, TICK, ROW * (place_of(page, words) + 1.5))


def test_two_models_are_compared_and_both_heard_and_the_link_shows_the_same(
    port: int, page: ChromiumPage
) -> None:
    page.open(f"http://127.0.0.1:{port}/models")
    page.wait_for_text("Tick two or more rows")
    for name in ("model-1", "model-2"):
        tick(page, name)
        page.wait_for(f"{TICKED}.includes('{name}')")
    page.wait_for_text("The same call, answered by each")
    page.wait_for(f"{PRESSED}.startsWith('false,false,false')")  # theirs, and the rule's
    for place in (1, 2):
        page.click(f".roll:nth-of-type({place}) button", frame="iframe")
        page.wait_for(f"{PRESSED}.split(',')[{place - 1}] === 'true'")
    assert page.value(UNHURT)
    link = page.value("location.href")
    assert link.count("beside=") == 2
    send = "[...document.querySelectorAll('summary')].find(one => one.innerText.includes('one file'))"
    page.wait_for(f"{send} && ({send}.click(), true)")
    make = "[...document.querySelectorAll('button')].find(one => one.innerText.includes('Make the file'))"
    page.wait_for(f"{make} && ({make}.click(), true)")
    page.wait_for_text("models.html, ")
    with chromium_page() as another:
        another.open(link)
        another.wait_for_text("The same call, answered by each")
        another.wait_for(f"{TICKED}.includes('model-1') && {TICKED}.includes('model-2')")
        assert another.value(UNHURT)


def test_the_file_that_is_sent_opens_without_a_network_and_every_answer_is_heard(
    page: ChromiumPage, filled: Places, tmp_path: Path
) -> None:
    found = [one for name in ("first", "default") for one in reports_named(filled, name).items()]
    chosen = chosen_of(named_apart(found))
    calls = sent_calls(filled, chosen, 1)
    path = tmp_path / "models.html"
    path.write_text(sheet(chosen, calls, "Two partners", "2026-11-27"), encoding="utf-8")
    page.call("Network.enable")
    page.call("Network.emulateNetworkConditions", offline=True, latency=0, **NO_BYTES)
    page.call("Page.addScriptToEvaluateOnNewDocument", source=COUNTS_SOUNDS)
    page.open(path.as_uri())
    page.wait_for(f"document.querySelectorAll('.roll').length === {sum(len(call.rolls) for call in calls)}")
    for place in (1, len(calls)):
        before = page.value("sounds")
        page.click(f"#call-{place} .roll:nth-of-type(1) button")
        page.wait_for(f"document.querySelector('#call-{place} button').ariaPressed === 'true'")
        page.wait_for(f"sounds > {before}")
    assert not page.errors  # the file's policy would say what it has refused
    assert page.value("performance.getEntriesByType('resource').length") == 0
    page.resize(390, 844)
    page.wait_for("document.scrollingElement.scrollWidth <= 390")


def test_the_run_with_the_lowest_loss_of_two_hundred_is_found_by_a_click_on_a_columns_head(
    port: int, page: ChromiumPage
) -> None:
    page.open(f"http://127.0.0.1:{port}/")
    page.wait_for(f"{ROWS}.length > 5")
    best = f"run-{BEST}"
    for x in range(200, 700, 40):  # heads are as wide as their columns, which nothing tells
        page.click_at(TABLE, x, ROW / 2)
        page.value("new Promise(done => setTimeout(done, 300))")
        if page.value(f"{ROWS}[0]?.cells[0].innerText === '{best}'"):
            break
    page.wait_for(f"{ROWS}[0]?.cells[0].innerText === '{best}'")
    tick(page, best)
    page.wait_for(f"location.search.includes('{best}')")
    assert page.value(UNHURT)


def test_a_call_is_answered_at_several_temperatures_and_heard_by_a_click(
    port: int, page: ChromiumPage
) -> None:
    page.open(f"http://127.0.0.1:{port}/hear?who=the+rule%2C+without+a+network")
    page.wait_for_text("How they keep to the call")
    page.wait_for(f"{PRESSED}.split(',').length === 6")
    page.click(".roll:nth-of-type(5) button", frame="iframe")
    page.wait_for(f"{PRESSED}.split(',')[4] === 'true'")
    assert page.value(UNHURT)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_pages_and_rolls_are_as_light_or_dark_as_the_system(
    scheme: str, port: int, page: ChromiumPage
) -> None:
    page.prefer(prefers_color_scheme=scheme)
    page.open(f"http://127.0.0.1:{port}/answers")
    page.wait_for(
        f"document.querySelector('iframe')?.contentDocument?.documentElement.dataset.ground === '{scheme}'"
    )
    ground = page.value("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (ground == "rgb(11, 9, 14)") == (scheme == "dark")


def test_light_and_dark_are_switched_in_the_menu_whatever_the_system_has(
    port: int, page: ChromiumPage
) -> None:
    page.prefer(prefers_color_scheme="dark")
    page.open(f"http://127.0.0.1:{port}/answers")
    ground = "document.querySelector('iframe')?.contentDocument?.documentElement.dataset.ground"
    page.wait_for(f"{ground} === 'dark'")
    for name, colour in (("Light", LIGHT.behind), ("Dark", DARK.behind), ("Light", LIGHT.behind)):
        if not page.value("!!document.querySelector('[data-testid=stMainMenuPopover]')"):
            page.click("[data-testid=stMainMenu] button")
        page.wait_for(f"!!document.querySelector('[data-testid=stMainMenuItem-theme-{name}]')")
        page.click(f"[data-testid=stMainMenuItem-theme-{name}]")
        rgb = ", ".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
        page.wait_for(f"getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb({rgb})'")
        page.wait_for(f"{ground} === '{name.lower()}'")  # rolls go with it
    page.click("a[href$='/models']")  # and the next page is so as well
    page.wait_for_text("Tick two or more rows")
    page.wait_for(f"getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb({rgb})'")


def test_no_page_is_wider_than_a_phone(port: int, page: ChromiumPage) -> None:
    page.resize(390, 844)
    for path in ("", "experiments", "models", "model", "listening", "answers", "hear", "takes"):
        page.open(f"http://127.0.0.1:{port}/{path}")
        page.wait_for("document.querySelectorAll('h1').length > 0")
        page.wait_for("document.querySelectorAll('[data-testid=stSkeleton]').length === 0")
        assert page.value("document.scrollingElement.scrollWidth") <= 390, path
        assert page.value(UNHURT), path
