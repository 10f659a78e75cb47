import assert from "node:assert/strict";
import { test } from "node:test";
import { frequencyOf, limited, renderNote, renderRoom } from "./piano.js";

const SOFT = 0;
const HARD = 1;
const PITCHES = [22, 40, 61, 85, 106];

function rootMeanSquare(samples, from, to) {
  let sum = 0;
  for (let index = from; index < to; index++) sum += samples[index] ** 2;
  return Math.sqrt(sum / (to - from));
}

/** How strong a frequency is in the first 0.6 s. */
function strengthAt({ sampleRate, sides }, frequency) {
  let [real, imaginary] = [0, 0];
  const length = Math.floor(0.6 * sampleRate);
  for (let index = 0; index < length; index++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / length);
    real += window * sides[0][index] * Math.cos((2 * Math.PI * frequency * index) / sampleRate);
    imaginary += window * sides[0][index] * Math.sin((2 * Math.PI * frequency * index) / sampleRate);
  }
  return Math.hypot(real, imaginary);
}

/** Seconds until the sound is 30 dB below its beginning. */
function fallsIn({ sampleRate, sides }) {
  const window = Math.floor(0.05 * sampleRate);
  const first = rootMeanSquare(sides[0], 0, window);
  let from = window;
  while (from + window < sides[0].length && rootMeanSquare(sides[0], from, from + window) > first / 31.6) from += window;
  return from / sampleRate;
}

for (const hardness of [SOFT, HARD]) {
  test(`every key begins and ends at nothing and stays below full scale, hardness ${hardness}`, () => {
    for (const pitch of PITCHES) {
      for (const samples of renderNote(pitch, hardness).sides) {
        assert.ok(Math.abs(samples[0]) < 1e-6 && Math.abs(samples.at(-1)) < 1e-6);
        assert.ok(samples.every((value) => Math.abs(value) < 0.9));
      }
    }
  });
}

test("a key sounds within ten milliseconds of its beginning", () => {
  for (const pitch of PITCHES) {
    const { sampleRate, sides } = renderNote(pitch, HARD);
    const early = sides[0].subarray(0, Math.floor(0.01 * sampleRate)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const most = sides[0].reduce((best, value) => Math.max(best, Math.abs(value)), 0);
    assert.ok(early > 0.1 * most, `pitch ${pitch}`);
  }
});

test("it sounds at its pitch, and not a semitone beside it", () => {
  for (const pitch of [40, 61, 85]) {
    const note = renderNote(pitch, HARD);
    const own = strengthAt(note, frequencyOf(pitch));
    assert.ok(own > 4 * strengthAt(note, frequencyOf(pitch - 1.5)), `pitch ${pitch}`);
    assert.ok(own > 4 * strengthAt(note, frequencyOf(pitch + 1.5)), `pitch ${pitch}`);
  }
});

test("a hard stroke is brighter, not only louder", () => {
  const share = (note) => strengthAt(note, 6 * frequencyOf(61) * 1.006) / strengthAt(note, frequencyOf(61));
  assert.ok(share(renderNote(61, HARD)) > 2 * share(renderNote(61, SOFT)));
});

test("the higher the key, the sooner it has faded", () => {
  const seconds = PITCHES.slice(1).map((pitch) => fallsIn(renderNote(pitch, HARD)));
  assert.deepEqual(seconds, [...seconds].sort((one, other) => other - one));
  assert.ok(seconds[0] > 4 * seconds.at(-1));
});

test("low keys are at the left, high ones at the right", () => {
  const lean = (pitch) => {
    const { sampleRate, sides } = renderNote(pitch, HARD);
    const [left, right] = sides.map((samples) => rootMeanSquare(samples, 0, Math.floor(0.3 * sampleRate)));
    return right / left;
  };
  assert.ok(lean(25) < 0.9);
  assert.ok(lean(100) > 1.1);
});

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

test("the room dies away and is not the same at both ears", () => {
  const { sampleRate, sides } = renderRoom(48000);
  const early = rootMeanSquare(sides[0], Math.floor(0.06 * sampleRate), Math.floor(0.2 * sampleRate));
  const late = rootMeanSquare(sides[0], Math.floor(1.4 * sampleRate), Math.floor(1.6 * sampleRate));
  assert.ok(late < early / 50);
  assert.notDeepEqual(sides[0].subarray(2000, 2100), sides[1].subarray(2000, 2100));
});
