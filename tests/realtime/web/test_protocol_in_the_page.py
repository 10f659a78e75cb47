"""The page in the browser and the protocol's table: it takes every example, and sends what is there."""

import json
from collections.abc import Iterator

import pytest

from tests.realtime.web.test_everyone import begun, opened
from tests.support.either_browser import EITHER_HEARD, Browser
from tests.support.page_process import PageProcess, page_process
from tests.support.protocol import examples_by

pytestmark = pytest.mark.slow

# Every deed on the page for which it sends something.
DEEDS = """(() => {
  const at = (id) => document.getElementById(id);
  const change = (element) => element.dispatchEvent(new Event("change"));
  document.querySelector(".key").click();
  const tread = { bubbles: true, code: "Space", key: " " };
  for (const kind of ["keydown", "keyup"]) document.body.dispatchEvent(new KeyboardEvent(kind, tread));
  at("channel").value = "5"; at("channel").dispatchEvent(new Event("change", { bubbles: true }));
  at("model").value = "default"; change(at("model"));
  at("learn").value = "temperature"; change(at("learn"));
  at("preset").value = "solo"; change(at("preset"));
  document.querySelector("#commands button").click();
  at("hand-over").disabled = false; at("hand-over").click();
  at("panic").click();
  document.querySelector("#takes li > button:last-child").click();
  document.querySelector("#takes form input").value = "another name";
  document.querySelector("#takes form").requestSubmit();
  at("new-take").disabled = false; at("new-take").click();
  const keyboard = { id: "1", name: "Stage piano", state: "connected" };
  const access = { inputs: new Map([[keyboard.id, keyboard]]) };
  Object.defineProperty(navigator, "requestMIDIAccess", { value: async () => access });
  at("midi-in").checked = true; change(at("midi-in"));
  const treading = setInterval(() => {
    if (!keyboard.onmidimessage) return;
    clearInterval(treading);
    keyboard.onmidimessage({ data: [0xb0, 67, 127] });
  }, 20);
})()"""
# A take that this process hasn't: it is heard again, and played on from.
HEARD = """(() => {
  const take = { seconds: 9, starred: [], rows: [] };
  const fetched = window.fetch;
  const isHeard = (asked) => String(asked).includes("/heard/");
  window.fetch = async (asked) => isHeard(asked) ? Response.json(take) : fetched(asked);
  document.querySelector("#takes li > button").click();
})()"""


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    with page_process() as running:
        yield running.open()


@pytest.mark.parametrize("browser", EITHER_HEARD)
def test_the_page_takes_and_sends_what_the_table_has(process: PageProcess, browser: Browser) -> None:
    *rows, end = examples_by("engine")
    to_browsers = examples_by("page process, to browsers")
    with opened(process, browser) as page:
        hears = set(page.value("antiphon.hears"))
        kinds = {example["kind"] for example in (*rows, end, *to_browsers)}
        # Which are for takes, where `controls` and `takes` say the same, or for the page process alone.
        assert kinds - hears <= {"messages", "moved", "starred", "word"}
        assert hears <= kinds
        begun(page)
        page.value(
            "(() => { window.sent = []; const send = WebSocket.prototype.send;"
            "WebSocket.prototype.send = function (text) { sent.push(text); send.call(this, text) } })()"
        )
        for example in (*to_browsers, *rows):
            page.value(f"antiphon.received({json.dumps(example)})")
        page.value(DEEDS)
        page.value(HEARD)
        page.wait_for("!document.querySelector('#heard-again').hidden")
        page.value("document.querySelector('#heard-again .onward').click()")
        wishes = [*examples_by("browser, to the engine"), *examples_by("browser, to the page process")]
        names = {wish["kind"]: set(wish) for wish in wishes}
        missing = "(kinds) => kinds.filter((kind) => !sent.some((text) => JSON.parse(text).kind === kind))"
        page.wait_for(f"({missing})({json.dumps(list(names))}).length === 0", patience_s=30)
        for sent in page.value("sent.map((text) => JSON.parse(text))"):
            assert set(sent) == names[sent["kind"]]
        page.value(f"antiphon.received({json.dumps(end)})")
        page.wait_for("document.querySelector('#turn').dataset.phase === 'lost'")
        assert page.errors == []
