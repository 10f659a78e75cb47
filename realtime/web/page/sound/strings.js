/* A grand piano, worked out: the partials of stiff strings as they were measured, and the knock of the hammer.

Pure: numbers in, samples out. Knows the measured strings. Must not know audio contexts, pages or who plays. */

import { FALLS, LINGERING, LOWEST_MEASURED, MEASURED, SEMITONES_APART } from "./measured.js";

export const SOFT = 0;
export const HARD = 1;
export const SEMITONES_PER_ZONE = SEMITONES_APART;
export const LOWEST_ZONE = LOWEST_MEASURED;
export const HIGHEST_ZONE = LOWEST_MEASURED + SEMITONES_APART * (MEASURED.length - 1);

const LONGEST_S = 5; // all keys together have to fit into 60 MB
const LOUDNESS = 0.125; // of the loudest key, struck hard, in its first quarter of a second
const MOST_FALL_DB = 80; // a partial that has fallen so far is left out

export function frequencyOf(pitch) {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** Tuned as a piano is, a little wide at both ends, in cents away from equal temperament. */
function stretchOf(pitch) {
  const away = (pitch - 62) / 46;
  return (away < 0 ? 25 : 35) * away ** 3;
}

/** How far a stiff string's partials spread, after measured pianos: least near the bass break, most at the top. */
function stiffnessOf(pitch) {
  return Math.exp(0.085 * pitch - 13.2) + Math.exp(-0.12 * pitch - 5.8);
}

function sampleRateOf(pitch) {
  return pitch < 60 ? 24000 : 32000; // nothing in the lower half lies above 11 kHz
}

/** The same numbers every time, so that a piano sounds the same in every page. */
function chance(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

function digits(text) {
  return [...text].map((sign) => parseInt(sign, 36));
}

/** The measured row that is nearest to a pitch. */
function rowOf(pitch) {
  const row = Math.round((pitch - LOWEST_MEASURED) / SEMITONES_APART);
  const [loudness, hardKnock, softKnock, ...texts] = MEASURED[Math.min(Math.max(row, 0), MEASURED.length - 1)];
  const [levels, softer, falls, laterFalls, lingering] = texts.map(digits);
  return { loudness, knocks: [softKnock, hardKnock], levels, softer, falls, laterFalls, lingering };
}

/** Each partial of a key: where it lies (Hz), how strong it begins beside the strongest, how it falls (dB a second). */
export function partialsOf(pitch, hardness) {
  const row = rowOf(pitch);
  const fundamental = frequencyOf(pitch + stretchOf(pitch) / 100);
  const stiffness = stiffnessOf(pitch);
  return row.levels.map((level, index) => {
    const number = index + 1;
    const below = 2 * level + (hardness === HARD ? 0 : row.softer[index]);
    return {
      frequency: fundamental * number * Math.sqrt((1 + stiffness * number * number) / (1 + stiffness)),
      strength: 10 ** (-below / 20),
      fall: FALLS[row.falls[index]],
      laterFall: FALLS[row.laterFalls[index]],
      lingering: LINGERING[row.lingering[index]],
    };
  });
}

/** Seconds until what is heard of a key has fallen by 54 dB, as far as it is worked out. */
export function decaySeconds(pitch) {
  const within = (seconds) =>
    partialsOf(pitch, HARD).reduce((sum, partial) => {
      const now = (1 - partial.lingering) * 10 ** ((-partial.fall * seconds) / 20);
      return sum + (partial.strength * (now + partial.lingering * 10 ** ((-partial.laterFall * seconds) / 20))) ** 2;
    }, 0);
  const enough = within(0) * 4e-6;
  let seconds = 0.6;
  while (seconds < LONGEST_S && within(seconds) > enough) seconds += 0.1;
  return seconds;
}

/** Add a sine that falls by `fall` dB a second to `samples`; it starts at `phase` and ends once it is too faint. */
function addSine(samples, sampleRate, frequency, strength, fall, phase) {
  const turn = (2 * Math.PI * frequency) / sampleRate;
  const shrink = 10 ** (-fall / (20 * sampleRate));
  const heard_s = Math.max(MOST_FALL_DB + 20 * Math.log10(strength), 0) / fall;
  const length = Math.min(samples.length, Math.ceil(sampleRate * heard_s));
  const once = 2 * shrink * Math.cos(turn);
  const twice = -shrink * shrink;
  let now = strength * Math.sin(phase);
  let before = (strength / shrink) * Math.sin(phase - turn);
  for (let index = 0; index < length; index++) {
    samples[index] += now;
    const next = once * now + twice * before;
    before = now;
    now = next;
  }
}

/** Two or three strings a key, a hair apart: the sound falls fast at first, then lingers, and beats slowly. */
function addStrings(sides, pitch, hardness, sampleRate) {
  const random = chance(pitch);
  const lean = Math.max(-0.34, Math.min(0.34, ((pitch - 62) / 44) * 0.34)); // the bass at the left, as the player sits
  for (const { frequency, strength, fall, laterFall, lingering } of partialsOf(pitch, hardness)) {
    const apart = 1 + (0.25 + 0.55 * random()) * 0.0005 * (random() < 0.5 ? -1 : 1);
    const phase = 0.5 * random();
    const spread = 0.3 + 0.5 * random();
    if (frequency > 0.45 * sampleRate) break;
    for (const [side, samples] of sides.entries()) {
      const here = Math.sqrt((1 + (side === 0 ? -lean : lean)) / 2) * Math.SQRT2 * strength;
      addSine(samples, sampleRate, frequency, here * (1 - lingering), fall, phase);
      // Each side hears the lingering strings in a phase of its own: that is what makes the tone wide.
      const late = phase + (side === 0 ? -1 : 1) * spread;
      addSine(samples, sampleRate, frequency * apart, here * lingering, laterFall, late);
    }
  }
}

/** The knock of the hammer and of the key bed, in wood: a few resonances and a breath of felt. */
function knockOf(pitch, hardness, sampleRate) {
  const random = chance(pitch + 1000 * (hardness + 1));
  const knock = new Float32Array(Math.ceil(0.5 * sampleRate));
  for (const resonance of [83, 121, 176, 249, 342, 487]) {
    const frequency = resonance * (0.94 + 0.12 * random()) * (1 + Math.max(pitch - 60, 0) / 90);
    addSine(knock, sampleRate, frequency, 0.4 / Math.sqrt(resonance / 83), 150 + 250 * random(), 6.28 * random());
  }
  const dull = 1 - Math.exp((-2 * Math.PI * (700 + 26 * Math.max(pitch - 21, 0))) / sampleRate);
  let felt = 0;
  for (let index = 0; index < knock.length; index++) {
    felt += dull * (2 * random() - 1 - felt);
    knock[index] += 1.6 * felt * Math.exp(-index / (0.009 * sampleRate));
  }
  fadeEnds([knock], sampleRate, 0);
  return knock;
}

/** Root mean square of the first seconds. */
export function loudnessOf(sides, sampleRate, seconds) {
  const heard = Math.min(Math.ceil(seconds * sampleRate), sides[0].length);
  let sum = 0;
  for (const samples of sides) for (let index = 0; index < heard; index++) sum += samples[index] ** 2;
  return Math.sqrt(sum / (sides.length * heard));
}

export function scale(samples, factor) {
  for (let index = 0; index < samples.length; index++) samples[index] *= factor;
}

/** Begin and end at nothing, so that neither clicks. */
function fadeEnds(sides, sampleRate, rise_s) {
  for (const samples of sides) {
    const rise = Math.ceil(rise_s * sampleRate);
    for (let index = 0; index < rise; index++) samples[index] *= 0.5 - 0.5 * Math.cos((Math.PI * index) / rise);
    const fall = Math.floor(0.3 * samples.length);
    for (let index = 0; index < fall; index++) {
      samples[samples.length - 1 - index] *= 0.5 - 0.5 * Math.cos((Math.PI * index) / fall);
    }
  }
}

/** How loud a key's samples are in their first quarter of a second, whoever made them. */
export function evenLoudness(pitch) {
  return LOUDNESS * 10 ** (rowOf(pitch).loudness / 20);
}

/** One key, `SOFT` or `HARD`, as the samples of the left and the right; the two layers fit together and may be mixed. */
export function renderNote(pitch, hardness) {
  const sampleRate = sampleRateOf(pitch);
  const { knocks } = rowOf(pitch);
  const sides = [0, 1].map(() => new Float32Array(Math.ceil(decaySeconds(pitch) * sampleRate)));
  addStrings(sides, pitch, hardness, sampleRate);
  const even = evenLoudness(pitch) / loudnessOf(sides, sampleRate, 0.25);
  for (const samples of sides) scale(samples, even);
  const knock = knockOf(pitch, hardness, sampleRate);
  const share = loudnessOf(sides, sampleRate, 0.12) / loudnessOf([knock], sampleRate, 0.12);
  scale(knock, share * 10 ** (knocks[hardness] / 20));
  const length = Math.min(knock.length, sides[0].length);
  for (const samples of sides) for (let index = 0; index < length; index++) samples[index] += knock[index];
  const treble = Math.max(pitch - 60, 0) / 48;
  fadeEnds(sides, sampleRate, (hardness === HARD ? 0.0016 : 0.0042) * (1.25 - 0.7 * treble));
  return { sampleRate, sides };
}

/** The damper's felt falling back on the string. */
export function renderDamper() {
  const sampleRate = 32000;
  const random = chance(77);
  const samples = new Float32Array(Math.ceil(0.14 * sampleRate));
  let felt = 0;
  let deeper = 0;
  for (let index = 0; index < samples.length; index++) {
    felt += 0.09 * (2 * random() - 1 - felt);
    deeper += 0.12 * (felt - deeper);
    samples[index] = deeper * Math.exp(-index / (0.028 * sampleRate));
  }
  fadeEnds([samples], sampleRate, 0.006);
  return { sampleRate, sides: [samples] };
}

/** All strings free to ring along: what a short knock at the bridge leaves in them. */
export function renderSympathy(sampleRate, seconds = 2.4) {
  const sides = [0, 1].map((side) => {
    const random = chance(880 + side);
    const samples = new Float32Array(Math.ceil(seconds * sampleRate));
    for (let pitch = LOWEST_ZONE; pitch <= 100; pitch++) {
      const frequency = frequencyOf(pitch + stretchOf(pitch) / 100);
      for (const number of [1, 2, 3]) {
        const fall = 18 + (number * frequency) / 90;
        if (number * frequency < 5000) addSine(samples, sampleRate, number * frequency, 1 / number, fall, 6.28 * random());
      }
    }
    fadeEnds([samples], sampleRate, 0.03);
    return samples;
  });
  return { sampleRate, sides };
}

/** The room: a few walls, then a tail that grows duller as it fades. */
export function renderRoom(sampleRate, seconds = 1.9) {
  const sides = [0, 1].map((side) => {
    const random = chance(4242 + side);
    const samples = new Float32Array(Math.ceil(seconds * sampleRate));
    for (const wall of [0.0113, 0.0179, 0.0237, 0.0311, 0.0402]) {
      samples[Math.round((wall + 0.0019 * random()) * sampleRate)] += (random() < 0.5 ? -1 : 1) * 0.5 * (1 - wall * 14);
    }
    const first = Math.round(0.014 * sampleRate);
    const closing = Math.exp(-2.4 / sampleRate);
    const fading = 10 ** (-3 / (1.7 * sampleRate));
    let [dull, open, strength] = [0, 0.62, 0.35];
    for (let index = first; index < samples.length; index++) {
      dull += (open + 0.045) * (2 * random() - 1 - dull);
      samples[index] += strength * Math.min((index - first) / (0.03 * sampleRate), 1) * dull;
      open *= closing;
      strength *= fading;
    }
    fadeEnds([samples], sampleRate, 0.001);
    return samples;
  });
  return { sampleRate, sides };
}
