import assert from "node:assert/strict";
import { test } from "node:test";

import { nextStar, Stars } from "./stars.js";

test("the next star is the first after the place, and after the last the first again", () => {
  assert.equal(nextStar([2, 5, 9], 0), 2);
  assert.equal(nextStar([2, 5, 9], 2.1), 5); // that place was just gone to
  assert.equal(nextStar([2, 5, 9], 9), 2);
  assert.equal(nextStar([], 3), undefined);
});

test("each star is a mark at its place, and the button goes to the next", () => {
  globalThis.document = { createElement: () => ({ style: { setProperty: (name, value) => (mark = value) } }) };
  let mark;
  let pressed;
  const went = [];
  const button = { addEventListener: (_, press) => (pressed = press) };
  const marks = { replaceChildren: (...shown) => (marks.count = shown.length) };
  const stars = new Stars({ marks, button }, (at) => went.push(at));
  const take = { starred: [6], seconds: 12 };
  stars.show(take, 1, true);
  assert.deepEqual([marks.count, mark, button.hidden], [1, "0.5", false]);
  pressed();
  assert.deepEqual(went, [6]);
  stars.show(take, 1, false);
  assert.ok(button.hidden);
  stars.show({ starred: [], seconds: 12 }, 1, true);
  assert.deepEqual([marks.count, button.hidden], [0, true]);
});
