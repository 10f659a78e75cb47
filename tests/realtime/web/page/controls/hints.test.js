import assert from "node:assert/strict";
import { test } from "node:test";

const kept = new Map();
globalThis.localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
globalThis.document = { createElement: () => ({}) };

const { HINTS, Hints } = await import("./hints.js");

function hints(options = {}) {
  kept.clear();
  return again(options);
}

function again(options = {}) {
  const line = { words: "", replaceChildren: (...parts) => (line.words = parts.map((part) => part.textContent ?? part).join("")) };
  return [new Hints(line, { later: (then) => then(), ...options }), line];
}

test("the first thing that has not been tried is said, and after it the next", () => {
  const [made, line] = hints();
  assert.match(line.words, /letters/);
  made.done("play");
  made.turn("calling");
  assert.match(line.words, /rest a moment/);
  made.done("rest");
  assert.equal(line.words, "Enter hands over without the rest");
});

test("what can be tried only while it answers is said then alone", () => {
  const [made, line] = hints();
  made.done("play");
  assert.doesNotMatch(line.words, /falls silent/);
  made.turn("answering");
  assert.match(line.words, /falls silent/);
});

test("brackets are keys, the brackets' own too", () => {
  const [made, line] = hints();
  for (const { name } of HINTS) if (name !== "octave") made.done(name);
  made.name((code) => ({ BracketLeft: "[", BracketRight: "]" })[code]);
  assert.equal(line.words, "[ and ] move your hands by an octave");
});

test("letters are those of the keyboard that is there", () => {
  const [made, line] = hints();
  for (const { name } of HINTS) if (name !== "another") made.done(name);
  made.name((code) => (code === "KeyA" ? "Q" : code)); // as on a French one
  assert.match(line.words, /^Q asks for another answer/);
});

test("where turns pass in one way alone, nothing is said of modes", () => {
  const [made, line] = hints();
  made.begin({ modes: [] });
  for (const { name } of HINTS) if (name !== "mode") made.done(name);
  assert.equal(line.words, "");
  const [other, said] = hints();
  other.begin({ modes: [{}, {}] });
  for (const { name } of HINTS) if (name !== "mode") other.done(name);
  assert.match(said.words, /turns pass/);
});

test("when all has been tried it falls silent, also the next time", () => {
  const [made, line] = hints();
  for (const { name } of HINTS) made.done(name);
  assert.equal(line.words, "");
  assert.equal(again()[1].words, "");
});

test("with fingers nothing is said of a computer's keys, and it falls silent as well", () => {
  const [made, line] = hints({ isTouched: true });
  for (const { name, keys } of HINTS) {
    assert.ok(!line.words || !/[[\]]/.test(line.words), `${keys}: ${line.words}`);
    for (const phase of ["waiting", "calling", "answering"]) made.turn(phase);
    made.done(name);
  }
  made.turn("waiting");
  assert.equal(line.words, "");
});
