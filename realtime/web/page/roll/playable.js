/* What a row must say so that it can be drawn and sounded: an engine always says it, and what doesn't would spoil what comes after.

Knows what rows look like (docs/protocol.md). Must not know what is done with them. */

const LATEST_S = 1e9; // of an engine's clock: thirty years
const PHASES = new Set(["waiting", "calling", "asking", "answering", "closed"]);

function isMoment(at) {
  return typeof at === "number" && Math.abs(at) < LATEST_S;
}

function isSevenBits(number) {
  return Number.isInteger(number) && number >= 0 && number <= 127;
}

function isNoteToCome(note) {
  if (!Array.isArray(note)) return false;
  const [at, pitch, velocity, length] = note;
  return isMoment(at) && isSevenBits(pitch) && isSevenBits(velocity) && (length === null || isMoment(length));
}

function isListOf(list, isOne) {
  return Array.isArray(list) && list.every(isOne);
}

const CHECKS = {
  note: ({ who, pitch, velocity }) => ["player", "model"].includes(who) && isSevenBits(pitch) && isSevenBits(velocity),
  pedal: ({ depth }) => isSevenBits(depth),
  turn: ({ phase }) => PHASES.has(phase),
  quiet: ({ since, needed_s }) => since === null || (isMoment(since) && isMoment(needed_s)),
  idea: ({ begins_at, notes }) => (begins_at === null || isMoment(begins_at)) && isListOf(notes, isNoteToCome),
  coming: ({ notes }) => isListOf(notes, isNoteToCome),
  expected: ({ keys }) => isListOf(keys, (key) => Array.isArray(key) && isSevenBits(key[0]) && isMoment(key[1])),
};

/** Whether it can be: a row of a kind that is not drawn can, as long as its moment is one. */
export function isPlayable(row) {
  if (row === null || typeof row !== "object") return false;
  const isDrawn = Object.hasOwn(CHECKS, row.kind);
  if ((isDrawn || row.at !== undefined) && !isMoment(row.at)) return false;
  return !isDrawn || CHECKS[row.kind](row);
}
