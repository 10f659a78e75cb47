import assert from "node:assert/strict";
import { test } from "node:test";
import { limited } from "./piano.js";

test("the limiter leaves quiet sound alone, keeps order, and never reaches full scale", () => {
  assert.equal(limited(0.5), 0.5);
  assert.equal(limited(-0.5), -0.5);
  let last = 0;
  for (let value = 0; value < 1.4; value += 0.01) {
    const out = limited(value);
    assert.ok(out >= last && out < 1);
    last = out;
  }
  assert.ok(limited(100) < 1);
});
