import assert from "node:assert/strict";
import { test } from "node:test";
import { Echoes } from "./echoes.js";

test("each sending answers for one row, the next is another page's", () => {
  const echoes = new Echoes(() => 0);
  echoes.expect("key 60");
  assert.equal(echoes.isOwn("key 62"), false);
  assert.equal(echoes.isOwn("key 60"), true);
  assert.equal(echoes.isOwn("key 60"), false);
});

test("what never came back is not awaited for ever", () => {
  let now = 0;
  const echoes = new Echoes(() => now);
  echoes.expect("key 60");
  now = 10;
  assert.equal(echoes.isOwn("key 60"), false);
});
