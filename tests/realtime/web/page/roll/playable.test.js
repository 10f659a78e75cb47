import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlayable } from "./playable.js";

const NOTE = { kind: "note", at: 1, who: "player", pitch: 60, velocity: 80 };

test("what an engine says can be, and kinds that are not drawn are let pass", () => {
  const rows = [
    NOTE, { ...NOTE, velocity: 0 }, { kind: "pedal", at: 1, depth: 127 }, { kind: "coming", at: 1, notes: [[2, 60, 80, null]] },
    { kind: "idea", at: 1, begins_at: null, notes: [[0.5, 60, 80, 0.25]] }, { kind: "expected", at: 1, keys: [[60, 0.5]] },
    { kind: "quiet", at: 1, since: null, needed_s: null }, { kind: "turn", at: 1, phase: "asking" }, { kind: "line", at: 1, text: "x" },
    { kind: "takes", takes: [] }, { kind: "toString", at: 1 },
  ];
  for (const row of rows) assert.ok(isPlayable(row), JSON.stringify(row));
});

test("what would spoil all that is drawn after it can't be", () => {
  const rows = [
    null, 3, "note", { ...NOTE, at: undefined }, { ...NOTE, at: Infinity }, { ...NOTE, at: "1" }, { ...NOTE, pitch: 128 }, { ...NOTE, pitch: null },
    { ...NOTE, velocity: 0.5 }, { ...NOTE, who: "toString" }, { kind: "pedal", at: 1, depth: -1 }, { kind: "turn", at: 1, phase: "lost" },
    { kind: "quiet", at: 1, since: "x" }, { kind: "idea", at: 1, begins_at: null, notes: [null] }, { kind: "coming", at: 1, notes: {} },
    { kind: "expected", at: 1, keys: [[60]] }, { kind: "line", at: [], text: "x" },
  ];
  for (const row of rows) assert.ok(!isPlayable(row), JSON.stringify(row));
});
