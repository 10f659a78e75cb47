import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundPlace } from "./sound_place.js";

/** A page and what it wished and said. */
function page({ muted = false } = {}) {
  const sound = { muted, isPossible: true, isElsewhere: false, setElsewhere(is) { this.isElsewhere = is; } };
  const notice = { hidden: true };
  const seen = { wishes: 0, words: "" };
  const place = new SoundPlace(sound, { notice, said: (words) => (seen.words = words) }, () => (seen.wishes += 1));
  return { place, sound, notice, seen };
}

test("the first click takes the sound", () => {
  const { place, seen } = page();
  place.welcome(1, null);
  assert.equal(seen.wishes, 0);
  place.begin();
  assert.deepEqual([seen.wishes, seen.words], [1, "this page"]);
});

test("when another page takes it, this one is silent and says so, until it is touched again", () => {
  const { place, sound, notice, seen } = page();
  place.welcome(1, null);
  place.begin();
  place.is(2);
  assert.deepEqual([sound.isElsewhere, notice.hidden, seen.words], [true, false, "another page"]);
  place.claim();
  assert.deepEqual([sound.isElsewhere, notice.hidden, seen.wishes], [false, true, 2]);
  place.claim();
  assert.equal(seen.wishes, 2);
});

test("a muted page doesn't take the sound away from another", () => {
  const { place, seen } = page({ muted: true });
  place.welcome(1, 2);
  place.begin();
  assert.equal(seen.wishes, 0);
});

test("a page that the browser doesn't let sound says so", () => {
  const { place, sound, seen } = page();
  sound.isPossible = false;
  place.begin();
  assert.match(seen.words, /gives no sound/);
});

test("without a line to the server it sounds by itself, and asks for the sound when the line is back", () => {
  const { place, sound, seen } = page();
  place.welcome(1, null);
  place.begin();
  place.is(2);
  place.lost();
  assert.equal(sound.isElsewhere, false);
  place.welcome(7, null);
  assert.deepEqual([sound.isElsewhere, seen.wishes], [false, 2]);
});
