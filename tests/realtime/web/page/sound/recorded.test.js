import assert from "node:assert/strict";
import { test } from "node:test";
import { heardPart, mixOf } from "./recorded.js";

test("a velocity between two strokes is mixed from both, and beyond them from the nearest", () => {
  assert.deepEqual(mixOf(10, [32, 64, 96]), [[0, 1]]);
  assert.deepEqual(mixOf(127, [32, 64, 96]), [[2, 1]]);
  assert.deepEqual(mixOf(72, [32, 64, 96]), [[1, 0.75], [2, 0.25]]);
  assert.deepEqual(mixOf(72, [50]), [[0, 1]]);
});

test("a recording is heard from just before its onset until it has faded", () => {
  const samples = new Float32Array(20000);
  for (let index = 3000; index < 12000; index++) samples[index] = Math.exp(-(index - 3000) / 1000) * (index % 2 ? 1 : -1);
  const [from, to] = heardPart([samples], 10000);
  assert.ok(from >= 2960 && from <= 3000, `from ${from}`);
  assert.ok(to > 8500 && to < 9600, `to ${to}`);
});
