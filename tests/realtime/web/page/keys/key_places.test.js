import assert from "node:assert/strict";
import { test } from "node:test";
import { HIGHEST_KEY, LOWEST_KEY, isBlack, nameOf, pitchAt, placeOf } from "./key_places.js";

test("the middle of every key is that key", () => {
  for (let pitch = LOWEST_KEY; pitch <= HIGHEST_KEY; pitch++) {
    const { left, width } = placeOf(pitch);
    assert.equal(pitchAt(left + width / 2, isBlack(pitch) ? 0.3 : 0.9), pitch);
  }
});

test("below the black keys there are only white ones", () => {
  for (let across = 0; across <= 1; across += 0.001) assert.equal(isBlack(pitchAt(across, 0.9)), false);
});

test("beyond the ends lie the last keys", () => {
  assert.equal(pitchAt(-0.2, 0.9), LOWEST_KEY);
  assert.equal(pitchAt(1.2, 0.9), HIGHEST_KEY);
  assert.deepEqual(placeOf(127), placeOf(HIGHEST_KEY));
});

test("a key is named as it is read aloud", () => {
  assert.deepEqual([21, 60, 61, 108].map(nameOf), ["A 0", "C 4", "C sharp 4", "C 8"]);
});
