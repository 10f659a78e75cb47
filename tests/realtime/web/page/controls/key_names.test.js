import assert from "node:assert/strict";
import { test } from "node:test";

import { nameKeys } from "./key_names.js";

test("keys and buttons have the letters that are printed where they lie", () => {
  const key = { dataset: { code: "KeyZ" }, textContent: "Z" };
  const button = { dataset: { code: "KeyA" }, title: "Another answer: the next best (A)" };
  const page = { querySelectorAll: (wanted) => (wanted.startsWith("kbd") ? [key] : [button]) };
  const french = (code) => ({ KeyZ: "W", KeyA: "Q" })[code];
  nameKeys(page, french);
  assert.equal(key.textContent, "W");
  assert.equal(button.title, "Another answer: the next best (Q)");
});
