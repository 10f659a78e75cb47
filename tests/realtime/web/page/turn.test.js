import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { body: { dataset: {} } };
const { TurnView } = await import("./turn.js");

function view() {
  const bar = { style: {} };
  const silence = { querySelector: () => bar, dataset: {}, setAttribute() {} };
  const reason = { textContent: "" };
  return { turn: new TurnView({ turn: { dataset: {} }, words: {}, reason, silence }), reason };
}

const HELD = { since: null, needed_s: null, waits_for: "waiting for G3 to be let go" };

test("what is held for long is said in your turn, until it is let go", () => {
  const { turn, reason } = view();
  turn.turn({ phase: "calling", reason: "a phrase begins", answer_s: null });
  turn.quiet(HELD);
  assert.equal(reason.textContent, "waiting for G3 to be let go");
  turn.quiet({ since: 2, needed_s: 1, waits_for: null });
  assert.equal(reason.textContent, "");
});

test("a silence takes nothing away that was said of the turn", () => {
  const { turn, reason } = view();
  turn.turn({ phase: "calling", reason: "the player cuts in", answer_s: null });
  turn.quiet({ since: 2, needed_s: 1, waits_for: null });
  assert.equal(reason.textContent, "the player cuts in");
});
