/* What is played, as the events that a model of events reads and draws: `music/encodings/event.py`, in the browser.

A test compares the two. Knows keys, cells of 10 ms and the pedal's rule. Must not know models, or whose turn it is. */

export const KEYS = 88;
const LOWEST = 21;
const CELLS_PER_S = 100;
const EXACT_CELLS = 100;
const UPPER = Array.from({ length: 40 }, (_, bucket) => Math.round(EXACT_CELLS * 2 ** ((bucket + 1) / 8)));
const LOWER = [EXACT_CELLS + 1, ...UPPER.slice(0, -1).map((upper) => upper + 1)];
const NO_VELOCITY = 0;
const ROUNDING_GUARD = 1e-6;

export function gapNumber(cells) {
  if (cells <= EXACT_CELLS) return Math.max(cells, 0);
  const within = Math.min(cells, UPPER.at(-1));
  return EXACT_CELLS + 1 + UPPER.findIndex((upper) => upper >= within);
}

function velocityBin(velocity) {
  return Math.floor((Math.min(Math.max(velocity, 1), 127) - 1) / 4);
}

/** What an event says that happens: `{ pitch, velocity }`, 0 for a key going up. */
export function happeningOf([, key, velocity]) {
  if (key >= KEYS) return { pitch: LOWEST + key - KEYS, velocity: 0 };
  return { pitch: LOWEST + key, velocity: 4 * Math.max(velocity - 1, 0) + 2 };
}

/** Writes down what is played, the pedal folded in, as it comes; moments are seconds from the first key on. */
export class Writing {
  constructor() {
    this.cell = 0;
    this.fresh = new Set(); // struck in this cell
    this.held = new Set();
    this.sustained = new Set();
    this.isPedalDown = false;
  }

  get sounds() {
    return this.held.size > 0 || this.sustained.size > 0;
  }

  /** The events of a key that goes down, or up with velocity 0. */
  key(at, pitch, velocity) {
    if (pitch < LOWEST || pitch >= LOWEST + KEYS) return [];
    if (velocity > 0) {
      const ends = this.held.has(pitch) || this.sustained.has(pitch) ? [[pitch, 0]] : [];
      this.held.add(pitch);
      this.sustained.delete(pitch);
      return this.written(at, [...ends, [pitch, velocity]]);
    }
    if (!this.held.delete(pitch)) return [];
    if (this.isPedalDown) {
      this.sustained.add(pitch);
      return [];
    }
    return this.written(at, [[pitch, 0]]);
  }

  pedal(at, isDown) {
    this.isPedalDown = isDown;
    if (isDown) return [];
    const ends = [...this.sustained].sort((one, other) => one - other);
    this.sustained.clear();
    return this.written(at, ends.map((pitch) => [pitch, 0]));
  }

  /** All that still sounds goes up. */
  ended(at) {
    const ends = [...new Set([...this.held, ...this.sustained])].sort((one, other) => one - other);
    this.held.clear();
    this.sustained.clear();
    return this.written(at, ends.map((pitch) => [pitch, 0]));
  }

  written(at, sounds) {
    return sounds.map(([pitch, velocity]) => {
      let due = Math.max(nearest(at * CELLS_PER_S), this.cell);
      if (due === this.cell && this.fresh.has(pitch) && velocity === 0) due += 1; // no note is shorter than a cell
      if (due > this.cell) this.fresh.clear();
      const gap = gapNumber(due - this.cell);
      this.cell = due;
      if (velocity > 0) this.fresh.add(pitch);
      const key = pitch - LOWEST;
      return velocity > 0 ? [gap, key, velocityBin(velocity) + 1] : [gap, KEYS + key, NO_VELOCITY];
    });
  }
}

function nearest(value) {
  return Math.floor(value + 0.5 + ROUNDING_GUARD);
}
