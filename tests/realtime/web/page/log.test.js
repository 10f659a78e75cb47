import assert from "node:assert/strict";
import { test } from "node:test";
import { Log, sentenceOf } from "./log.js";

test("a turn is written with its reason, and an answer with its length", () => {
  const turn = { kind: "turn", at: 1, phase: "calling", reason: "the player cuts in" };
  assert.equal(sentenceOf(turn), "You: the player cuts in");
  assert.match(sentenceOf({ ...turn, phase: "asking", reason: "the phrase is over", answer_s: 4.2 }), /the phrase is over, for about 4 s$/);
});

test("of the controls what changed is written, and where nothing did, nothing", () => {
  const before = { temperature: 1, length: 1, loudness: 1, channel: "next" };
  const row = { kind: "controls", at: 1, controls: { ...before, temperature: 0.5, channel: 3 }, answer_within_s: [2, 30] };
  assert.equal(sentenceOf(row, before), "temperature 0.50, channel 3");
  assert.equal(sentenceOf({ ...row, controls: { ...before, length: 2 } }, before), "length 2.00 × · 2–30 s");
  assert.equal(sentenceOf({ ...row, controls: before }, before), "");
});

test("what is worth reading is written as it is", () => {
  assert.equal(sentenceOf({ kind: "line", at: 1, text: "Piano is back" }), "Piano is back");
});

class List {
  children = [];
  get firstChild() {
    return this.children[0];
  }
  get lastChild() {
    return this.children.at(-1);
  }
  replaceChildren() {
    this.children = [];
  }
  prepend(child) {
    this.children.unshift(child);
    child.remove = () => this.children.splice(this.children.indexOf(child), 1);
  }
}

globalThis.document = {
  createElement: () => ({ append(...parts) { this.text = parts.map((part) => part.textContent ?? part).join(""); } }),
};

test("entries carry the time of day, the newest first; a control under a moving hand is one of them", () => {
  const list = new List();
  const log = new Log(list);
  const controls = (at, temperature) => ({ kind: "controls", at, controls: { temperature } });
  log.begin({ at: 100, wall: new Date(2026, 0, 1, 20, 15, 0).getTime() / 1000, controls: { temperature: 1 }, model: "none", seed: 5 });
  log.take({ kind: "turn", at: 130, phase: "calling", reason: "a phrase begins" });
  for (const [at, value] of [[140, 0.9], [140.5, 0.8], [141, 0.7]]) log.take(controls(at, value));
  log.take(controls(150, 0.6));
  assert.deepEqual(list.children.map(({ text }) => text), [
    "20:15:50 temperature 0.60",
    "20:15:41 temperature 0.70",
    "20:15:30 You: a phrase begins",
    "20:15:00 model none, seed 5",
  ]);
});

test("who answers is written when it changes, and not when another was refused", () => {
  const list = new List();
  const log = new Log(list);
  log.begin({ at: 0, wall: 0, model: "first", seed: 5 });
  for (const [at, model] of [[1, "first"], [2, "second"], [3, "second"], [4, "first"]]) log.take({ kind: "model", at, model });
  assert.deepEqual(list.children.map(({ text }) => text.slice(9)), ["model first", "model second", "model first, seed 5"]);
});
