import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Link } from "./link.js";

const ADDRESS = new URL("ws://127.0.0.1:8765/bcdf-ghjk-mnpq/live?protocol=1");

let sockets;
let asked;

beforeEach(() => {
  sockets = [];
  asked = [];
  globalThis.WebSocket = class {
    constructor() {
      sockets.push(this);
    }
  };
});

/** What the server answers at the page's own address; undefined: nobody is there. */
function door(status, line = "") {
  globalThis.fetch = async (address) => {
    asked.push(String(address));
    if (status === undefined) throw new TypeError("nobody is there");
    return { status, text: async () => `${line}\n` };
  };
}

/** A line that is tied as far as `connect`, and what it says. */
function tied() {
  const said = [];
  const listener = { opened: () => said.push("opened"), closed: () => said.push("closed"), refused: (reason) => said.push(reason) };
  const link = new Link(ADDRESS, listener);
  link.connect();
  return { link, said };
}

async function settled() {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

async function close(code = 1006, reason = "") {
  sockets.at(-1).onclose({ code, reason });
  await settled();
}

test("a page of another start asks once over http, shows the line, and tries no more", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  door(403, "open the link that is shown now");
  const { link, said } = tied();
  await close();
  assert.deepEqual(asked, ["http://127.0.0.1:8765/bcdf-ghjk-mnpq/"]);
  assert.deepEqual(said, ["open the link that is shown now"]);
  mock.timers.tick(100_000);
  link.hurry();
  assert.equal(sockets.length, 1);
  mock.timers.reset();
});

test("where nobody is there, or the page is still right, it is tried again and again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { link, said } = tied();
  for (const status of [undefined, 200, 503]) {
    door(status);
    const before = sockets.length;
    await close();
    mock.timers.tick(10_000);
    assert.equal(sockets.length, before + 1);
  }
  assert.deepEqual(said, []);
  assert.ok(!link.isOpen);
  mock.timers.reset();
});

test("a line that was open and breaks is tied again before anything is asked", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  door(403, "no");
  const { said } = tied();
  sockets[0].onopen();
  await close();
  assert.deepEqual([asked, said], [[], ["opened", "closed"]]);
  mock.timers.tick(10_000);
  assert.equal(sockets.length, 2);
  mock.timers.reset();
});

test("what the server closes a line for is said, and nothing is asked or tried again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  door(200);
  for (const [code, reason] of [[1002, "another version"], [4003, "another address"]]) {
    sockets = [];
    const { said } = tied();
    sockets[0].onopen();
    await close(code, reason);
    assert.deepEqual([asked, said], [[], ["opened", "closed", reason]]);
    mock.timers.tick(100_000);
    assert.equal(sockets.length, 1);
  }
  mock.timers.reset();
});
