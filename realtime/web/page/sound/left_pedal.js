/* The left pedal, as rows have it: a `message` of controller 67.

Pure. */

const SOFT_FROM = 64; // of its way

/** Whether a row is of the left pedal. */
export function isLeftPedal({ bytes }) {
  return /^b.43../.test(bytes ?? "");
}

/** Whether the hammers strike fewer strings where it is so far down, from 0 to 127. */
export function isSoft(depth) {
  return depth >= SOFT_FROM;
}

/** How far down it is after such a row. */
export function depthOf({ bytes }) {
  return parseInt(bytes.slice(4, 6), 16);
}
