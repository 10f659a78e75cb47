import assert from "node:assert/strict";
import { test } from "node:test";
import { Ideas } from "./ideas.js";

const IDEA = { kind: "idea", at: 10, begins_at: null, is_sketch: true, notes: [[0.1, 60, 70, 0.5], [0.6, 64, 70, 0.5], [1.4, 67, 70, 0.5]] };
const READY = { ...IDEA, begins_at: 12, is_sketch: false };
const calling = { kind: "turn", at: 9, phase: "calling", reason: "a phrase begins" };
const asking = { kind: "turn", at: 10, phase: "asking", reason: "the phrase is over" };
const answering = { kind: "turn", at: 10, phase: "answering", reason: "the answer begins" };

function ideas(...turns) {
  const made = new Ideas();
  for (const turn of turns) made.turn(turn);
  return made;
}

const ahead = (made, now) => made.ahead(now).map(({ pitch, in_s: in_s, state }) => [pitch, Number(in_s.toFixed(3)), state]);

test("while the player holds something, a sketch stands still above the keys", () => {
  const made = ideas(calling);
  made.idea(IDEA);
  assert.deepEqual(ahead(made, 10), ahead(made, 11));
  assert.deepEqual(ahead(made, 10).map(([pitch, , state]) => [pitch, state]), [[60, "sketch"], [64, "sketch"], [67, "sketch"]]);
  assert.equal(made.isMoving, false);
});

test("in the silence it comes nearer, and never reaches the keys before the turn has passed", () => {
  const made = ideas(calling);
  made.idea(READY);
  assert.deepEqual(ahead(made, 11.5)[0], [60, 0.6, "ready"]);
  assert.deepEqual(ahead(made, 13)[0], [60, 0.1, "ready"]);
  assert.equal(made.isMoving, true);
});

test("what is committed is solid, and what lies after it stays as it was", () => {
  const made = ideas(calling, asking);
  made.idea(READY);
  made.committed({ notes: [[12.1, 60, 70, 0.5], [12.6, 64, 70, null]] });
  assert.deepEqual(ahead(made, 12), [[67, 1.4, "ready"], [60, 0.1, "committed"], [64, 0.6, "committed"]]);
});

test("a note that is struck is no longer to come", () => {
  const made = ideas(calling, asking, answering);
  made.idea(READY);
  made.committed({ notes: [[12.1, 60, 70, 0.5]] });
  made.struck({ kind: "note", who: "model", pitch: 60, velocity: 70, at: 12.1 });
  assert.deepEqual(ahead(made, 12.1), [[64, 0.5, "ready"], [67, 1.3, "ready"]]);
});

test("a note that was due and never struck goes away by itself", () => {
  const made = ideas(calling, asking, answering);
  made.committed({ notes: [[12.1, 60, 70, 0.5]] });
  assert.equal(made.ahead(12.2).length, 1);
  assert.equal(made.ahead(12.6).length, 0);
});

test("a cut-in, an end and another phrase leave nothing of what stood ready", () => {
  for (const turn of [{ at: 13, phase: "calling", reason: "the player cuts in" }, { at: 13, phase: "waiting", reason: "the answer is over" }]) {
    const made = ideas(calling, asking, answering);
    made.idea(READY);
    made.turn(turn);
    assert.equal(made.isEmpty, true);
  }
});

test("a sketch that was on its way when the turn passed is not shown", () => {
  const made = ideas(calling, asking);
  made.idea(READY);
  made.idea(IDEA);
  assert.equal(ahead(made, 11)[0][2], "ready");
  made.turn({ at: 13, phase: "waiting", reason: "silence by hand" });
  made.idea(IDEA);
  assert.equal(made.isEmpty, true);
});

test("what is thought of a phrase stays where the row of its turn comes later", () => {
  const made = ideas({ at: 5, phase: "waiting" });
  made.idea(IDEA);
  made.turn(calling);
  assert.equal(made.isEmpty, false);
});
