import assert from "node:assert/strict";
import { test } from "node:test";
import { answered } from "./sound.js";

test("a loudspeaker that answers is waited for, and one that refuses says why", async () => {
  assert.equal(await answered(Promise.resolve("it sounds")), "it sounds");
  await assert.rejects(answered(Promise.reject(new Error("not allowed"))), /not allowed/);
});

test("where none answers that is said, as Firefox waits without end", async () => {
  await assert.rejects(answered(new Promise(() => {}), 20), /no loudspeaker/);
});
