import assert from "node:assert/strict";
import { test } from "node:test";
import { keepFont, keptFont } from "./kept_font.js";

/** A store that takes a file, and takes that back at the end, as one does that is full. */
function storeThatTurnsOut(end) {
  const transaction = { error: new Error("full"), objectStore: () => ({ put: ask, delete: ask }) };
  const opening = { result: { transaction: () => transaction, close() {} } };
  function ask() {
    const request = { result: "its key" };
    setTimeout(() => {
      request.onsuccess?.();
      transaction[end]?.();
    });
    return request;
  }
  setTimeout(() => opening.onsuccess());
  return opening;
}

test("a file is kept once the store says so at the end, and one that it takes back is not", async () => {
  const remembered = new Map();
  globalThis.localStorage = { getItem: (name) => remembered.get(name) ?? null, setItem: (name, text) => remembered.set(name, text) };
  for (const [end, isKept] of [["oncomplete", true], ["onabort", false]]) {
    globalThis.indexedDB = { open: () => storeThatTurnsOut(end) };
    assert.equal(await keepFont({ size: 9 }), isKept);
  }
  assert.equal(await keptFont(), undefined);
});
