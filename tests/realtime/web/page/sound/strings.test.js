import assert from "node:assert/strict";
import { test } from "node:test";
import { frequencyOf, HARD, HIGHEST_ZONE, LOWEST_ZONE, partialsOf, renderNote, renderRoom, SEMITONES_PER_ZONE, SOFT } from "./strings.js";

const PITCHES = [21, 40, 61, 85, 106];

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

test("all keys together fit into 60 MB", () => {
  let bytes = 0;
  for (let pitch = LOWEST_ZONE; pitch <= HIGHEST_ZONE; pitch += SEMITONES_PER_ZONE) {
    bytes += 2 * renderNote(pitch, HARD).sides.reduce((sum, samples) => sum + samples.byteLength, 0); // two layers of a length
  }
  assert.ok(bytes < 60e6, `${bytes}`);
});

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
  const partials = partialsOf(60, HARD);
  const share = (note) => strengthAt(note, partials[9].frequency) / strengthAt(note, partials[0].frequency);
  assert.ok(share(renderNote(60, HARD)) > 2 * share(renderNote(60, SOFT)));
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

test("the room dies away and is not the same at both ears", () => {
  const { sampleRate, sides } = renderRoom(48000);
  const early = rootMeanSquare(sides[0], Math.floor(0.06 * sampleRate), Math.floor(0.2 * sampleRate));
  const late = rootMeanSquare(sides[0], Math.floor(1.4 * sampleRate), Math.floor(1.6 * sampleRate));
  assert.ok(late < early / 50);
  assert.notDeepEqual(sides[0].subarray(2000, 2100), sides[1].subarray(2000, 2100));
});

/** How far below the strongest each of a list of frequencies is from `from_s` on, in dB of both sides' energy. */
function levelsOf({ sampleRate, sides }, frequencies, from_s, seconds) {
  const begin = Math.floor(from_s * sampleRate);
  const length = Math.floor(seconds * sampleRate);
  return frequencies.map((frequency) => {
    let energy = 1e-20;
    for (const samples of sides) {
      let [real, imaginary] = [0, 0];
      for (let index = 0; index < length; index++) {
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / length);
        const angle = (2 * Math.PI * frequency * (begin + index)) / sampleRate;
        real += window * samples[begin + index] * Math.cos(angle);
        imaginary += window * samples[begin + index] * Math.sin(angle);
      }
      energy += (real / length) ** 2 + (imaginary / length) ** 2;
    }
    return 10 * Math.log10(energy);
  });
}

// What was read from the recorded grand itself, stroke 12 of 16: pitch, window and each partial's level beside the strongest.
const GRAND = [
  { name: "C1", pitch: 24, window_s: 0.4, levels: { 3: -7, 4: 0, 5: -11, 6: -6, 11: -13, 16: -26, 20: -17, 21: -16 } },
  { name: "C4", pitch: 60, window_s: 0.2, levels: { 1: -1, 2: 0, 3: -17, 4: -13, 5: -15, 6: -21, 7: -18, 8: -34, 10: -24, 13: -23 } },
  { name: "C7", pitch: 96, window_s: 0.1, levels: { 1: 0, 2: -28, 3: -47 } },
];

for (const { name, pitch, window_s, levels } of GRAND) {
  test(`${name}'s partials are within 6 dB of a grand's`, () => {
    const frequencies = partialsOf(pitch, HARD).map((partial) => partial.frequency);
    const found = levelsOf(renderNote(pitch, HARD), frequencies, 0.03, window_s);
    const strongest = Math.max(...found);
    for (const [number, level] of Object.entries(levels)) {
      const here = found[number - 1] - strongest;
      assert.ok(Math.abs(here - level) < 6, `partial ${number}: ${here.toFixed(1)} dB, where a grand has ${level}`);
    }
  });
}

test("C1 loses little above 1 kHz in a second, as long strings do", () => {
  const note = renderNote(24, HARD);
  const high = partialsOf(24, HARD).map((partial) => partial.frequency).filter((frequency) => frequency > 1000);
  const energy = (from_s) => levelsOf(note, high, from_s, 0.3).reduce((sum, level) => sum + 10 ** (level / 10), 0);
  const lost = 10 * Math.log10(energy(0.03) / energy(1.03));
  assert.ok(lost > 3 && lost < 10, `${lost.toFixed(1)} dB`);
});

test("below 120 Hz the lowest keys have as little as a grand has", () => {
  const frequencies = partialsOf(24, HARD).map((partial) => partial.frequency);
  const levels = levelsOf(renderNote(24, HARD), frequencies, 0.03, 0.3).map((level) => 10 ** (level / 10));
  const sum = (list) => list.reduce((total, level) => total + level, 0);
  const low = 10 * Math.log10(sum(levels.filter((_, index) => frequencies[index] < 120)) / sum(levels));
  assert.ok(low < -6 && low > -14, `${low.toFixed(1)} dB of the whole`);
});

test("in the treble the hammer's knock is heard beside the string, in the middle it is not", () => {
  const knock = (pitch) => {
    const { sampleRate, sides } = renderNote(pitch, HARD);
    const low = [90, 130, 180, 250, 340, 490].map((frequency) => frequency * (1 + Math.max(pitch - 60, 0) / 90));
    const strongest = (frequencies) => Math.max(...levelsOf({ sampleRate, sides }, frequencies, 0, 0.12));
    return strongest(low) - strongest([partialsOf(pitch, HARD)[0].frequency]);
  };
  assert.ok(knock(105) > knock(72) + 8, `${knock(105)} and ${knock(72)}`);
});
