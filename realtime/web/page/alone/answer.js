/* One answer as it is drawn, event by event: the plain part of `realtime/answerers/line.py`, in the browser.

The first gap is drawn above the silence that has passed, and the first event is a key going down. When it has lasted its
length keys may only go up, and when none sounds any more it is over. Knows a model. Must not know timers or turns. */

import { gapNumber, happeningOf, KEYS } from "./events.js";

const CELLS_PER_S = 100;
const LONGEST_WAIT_S = 1; // before the first note, and between two
const SHORTEST_NOTE_S = 0.02;
const MOST_DRAWS = 4000;
const TOP_P = 0.99;
const KEY_COOLER = 0.85;

/** The temperatures of gap, key and velocity at a place of the knob from 0 to 2. */
export function heats(knob) {
  const freer = knob > 1 ? 1 : 0.5;
  return [0.85 + 0.15 * knob, KEY_COOLER * (1 + freer * (knob - 1)), 0.6 + 0.4 * knob];
}

/** `{ at, pitch, velocity }` one after the other; `heard` is the last event, the state before it and the cells passed. */
export async function* answered(model, { event, state, passed }, { at, length_s, knob, chance = Math.random }) {
  const sounding = new Map(); // pitch -> since when
  let [wanted, latest, endsAt] = ["any", at + LONGEST_WAIT_S, Infinity];
  for (let draws = 0; draws < MOST_DRAWS && !(wanted === "up" && sounding.size === 0); draws++) {
    const controls = { chances: [chance(), chance(), chance()], temperature: heats(knob()), topP: TOP_P, mask: maskOf(wanted), passed };
    const drawn = await model.step(event, state, controls);
    let [gap, key, velocity] = drawn.event;
    let due = at + (drawn.cells - passed) / CELLS_PER_S;
    if (wanted === "any" && due > latest) {
      wanted = "down"; // it is time that something is struck
      continue;
    }
    if (wanted === "down" && due > latest) {
      due = Math.max(latest, at);
      gap = gapNumber(passed + Math.round((due - at) * CELLS_PER_S));
    }
    if (key < KEYS && due >= endsAt) {
      wanted = "up";
      continue;
    }
    if (wanted !== "up") wanted = "any";
    const { pitch, velocity: strength } = happeningOf([gap, key, velocity]);
    if (strength > 0) {
      endsAt = Math.min(endsAt, due + length_s);
      latest = due + LONGEST_WAIT_S;
      sounding.set(pitch, due);
    } else {
      due = Math.max(due, (sounding.get(pitch) ?? -Infinity) + SHORTEST_NOTE_S);
      sounding.delete(pitch);
    }
    [event, state, passed, at] = [[gap, key, velocity], drawn.after, 0, due];
    yield { at: due, pitch, velocity: strength };
  }
}

function maskOf(wanted) {
  const mask = new Float32Array(2 * KEYS).fill(1);
  if (wanted === "up") mask.fill(0, 0, KEYS);
  if (wanted === "down") mask.fill(0, KEYS);
  return mask;
}
