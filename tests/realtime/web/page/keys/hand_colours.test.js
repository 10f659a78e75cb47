import assert from "node:assert/strict";
import { test } from "node:test";
import { HAND_COLOURS, inkOfHand, placeOfHand } from "./hand_colours.js";

test("hands have colours of their own, as many as there are, and then the first again", () => {
  const numbers = HAND_COLOURS.map((_, place) => place + 1);
  assert.equal(new Set(numbers.map(inkOfHand)).size, HAND_COLOURS.length);
  assert.equal(inkOfHand(HAND_COLOURS.length + 1), inkOfHand(1));
});

test("no hand looks like the first", () => {
  assert.equal(placeOfHand(undefined), 0);
  assert.equal(inkOfHand(undefined), inkOfHand(1));
});
