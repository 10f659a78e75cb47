import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineClock } from "./clock.js";

function clockAt() {
  const page = { now: 100 };
  return [new EngineClock(() => page.now), page];
}

test("the row that took least time tells how far the clocks are apart", () => {
  const [clock, page] = clockAt();
  clock.heard(49.96); // 40 ms under way
  page.now = 101;
  clock.heard(50.999); // 1 ms
  page.now = 102;
  clock.heard(51.9); // 100 ms
  assert.ok(Math.abs(clock.now() - 51.999) < 1e-9);
  assert.ok(Math.abs(clock.onPage(50.999) - 101) < 1e-9);
});

test("an old row is forgotten in time, as clocks drift", () => {
  const [clock, page] = clockAt();
  clock.heard(50);
  for (page.now = 101; page.now < 150; page.now += 1) clock.heard(page.now - 50.01);
  page.now = 150;
  assert.ok(Math.abs(clock.now() - 99.99) < 1e-9);
});

test("before anything was heard moments are now", () => {
  const [clock] = clockAt();
  assert.equal(clock.isSet, false);
  assert.equal(clock.onPage(7), 100);
});
