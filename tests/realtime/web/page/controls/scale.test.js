import assert from "node:assert/strict";
import { test } from "node:test";
import { Scale, lengthSaid, semitonesSaid, valueSaid } from "./scale.js";

const scale = new Scale([0.1, 0.5, 1, 2, 8]);

test("each place has the value that is listed for it, both ends too", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((place) => scale.valueAt(place)), scale.steps);
  assert.deepEqual([scale.valueAt(-1), scale.valueAt(99)], [0.1, 8]);
});

test("a value is shown at the nearest place, and a listed one at its own", () => {
  assert.deepEqual(scale.steps.map((value) => scale.placeOf(value)), [0, 1, 2, 3, 4]);
  assert.deepEqual([0.9, 1.4, 100, 0].map((value) => scale.placeOf(value)), [2, 2, 4, 0]);
});

test("a length is read as a share within bounds, and as seconds where the bounds leave no choice", () => {
  assert.equal(lengthSaid(1, [2, 30]), "1.00 × · 2–30 s");
  assert.equal(lengthSaid(0.5, [3, 12.5]), "0.50 × · 3–12.5 s");
  assert.equal(lengthSaid(1, [8, 8]), "8 s");
});

test("a distance on the keyboard is read in whole semitones, up or down", () => {
  assert.deepEqual([12, -24, 0.375, -0.375, 0].map(semitonesSaid), ["+12 st", "-24 st", "0 st", "0 st", "0 st"]);
});

test("a value is read with two places, and with its unit where it has one", () => {
  assert.deepEqual([valueSaid(1), valueSaid(0.5, ""), valueSaid(4, "×")], ["1.00", "0.50", "4.00 ×"]);
});
