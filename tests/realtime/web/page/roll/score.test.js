import assert from "node:assert/strict";
import { test } from "node:test";
import { Score } from "./score.js";

const down = (at, pitch, who = "player", source = 2) => ({ kind: "note", at, who, pitch, velocity: 80, source });
const up = (at, pitch, who = "player", source = 2) => ({ ...down(at, pitch, who, source), velocity: 0 });

test("a stroke lasts from the key's going down to its coming up", () => {
  const score = new Score();
  score.note(down(1, 60));
  assert.equal(score.isHeld, true);
  score.note(up(2, 60));
  assert.deepEqual(score.strokes.map(({ at, until }) => [at, until]), [[1, 2]]);
  assert.equal(score.isHeld, false);
  assert.equal(score.endsAt, 2);
});

test("player and model may hold the same key, and are counted apart", () => {
  const score = new Score();
  score.note(down(1, 60));
  score.note(down(1.5, 60, "model", undefined));
  score.note(up(2, 60));
  assert.deepEqual(score.strokes.map(({ until }) => until), [2, null]);
  assert.deepEqual([score.playerNotes, score.modelNotes], [1, 1]);
});

test("a note let go under the pedal knows the tread that holds it; the model's has none", () => {
  const score = new Score();
  score.pedal({ at: 0.5, depth: 127, source: 2 });
  score.note(down(1, 60));
  score.note(down(1, 64, "model", undefined));
  score.note(up(2, 60));
  score.note(up(2, 64, "model", undefined));
  score.pedal({ at: 3, depth: 0, source: 2 });
  assert.deepEqual(score.strokes.map(({ tread }) => tread?.until), [3, undefined]);
});

test("a pedal is down from 64", () => {
  const score = new Score();
  score.pedal({ at: 1, depth: 63, source: 2 });
  assert.equal(score.isHeld, false);
  score.pedal({ at: 2, depth: 64, source: 2 });
  assert.equal(score.isHeld, true);
});

test("what is long past is forgotten, what is still held is not", () => {
  const score = new Score();
  score.note(down(1, 60));
  score.note(up(2, 60));
  score.note(down(1, 62));
  score.forget(500);
  assert.deepEqual(score.strokes.map(({ pitch }) => pitch), [62]);
});

test("what another score has lies before what is played on, pedal and all", () => {
  const [before, score] = [new Score(), new Score()];
  before.pedal({ depth: 127, source: 0, at: 0.5 });
  before.note({ who: "player", pitch: 60, velocity: 80, source: 0, at: 1 });
  before.letGo(2);
  score.note({ who: "player", pitch: 64, velocity: 80, source: 2, at: 102 });
  score.add(before, 100);
  assert.deepEqual(score.strokes.map(({ pitch, at, until }) => [pitch, at, until]), [[60, 101, 102], [64, 102, null]]);
  assert.deepEqual(score.treads, [{ at: 100.5, until: 102 }]);
  assert.equal(score.strokes[0].tread, score.treads[0]);
  assert.equal(score.endsAt, 102);
});
