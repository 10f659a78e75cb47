/* Where the 88 keys lie from left to right, as shares of the whole width: the keyboard and the roll above it agree by this.

Pure. */

export const LOWEST_KEY = 21;
export const HIGHEST_KEY = 108;
export const WHITE_KEYS = 52;
const BLACK = new Set([1, 3, 6, 8, 10]);
const BLACK_WIDTH = 0.58 / WHITE_KEYS;
// The black keys of a group stand a little apart from each other, as on a piano.
const LEAN = { 1: -0.1, 3: 0.1, 6: -0.14, 8: 0, 10: 0.14 };

export function isBlack(pitch) {
  return BLACK.has(pitch % 12);
}

const places = new Map();
let whites = 0;
for (let pitch = LOWEST_KEY; pitch <= HIGHEST_KEY; pitch++) {
  if (isBlack(pitch)) {
    const middle = (whites + LEAN[pitch % 12]) / WHITE_KEYS;
    places.set(pitch, { left: middle - BLACK_WIDTH / 2, width: BLACK_WIDTH });
  } else {
    places.set(pitch, { left: whites / WHITE_KEYS, width: 1 / WHITE_KEYS });
    whites += 1;
  }
}

/** `left` and `width` of a key as shares of the keyboard; what lies beyond its ends is put at the end. */
export function placeOf(pitch) {
  return places.get(Math.min(Math.max(pitch, LOWEST_KEY), HIGHEST_KEY));
}

/** The key under a point, `across` from left to right and `along` from the back of the keys to their front. */
export function pitchAt(across, along) {
  const white = Math.min(Math.max(Math.floor(across * WHITE_KEYS), 0), WHITE_KEYS - 1);
  let found = LOWEST_KEY;
  for (const [pitch, { left, width }] of places) {
    const isHere = across >= left && across < left + width;
    if (isBlack(pitch) && isHere && along < 0.63) return pitch;
    if (!isBlack(pitch) && Math.round(left * WHITE_KEYS) === white) found = pitch;
  }
  return found;
}

const NAMES = ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"];

/** What a key is called when it is read aloud. */
export function nameOf(pitch) {
  return `${NAMES[pitch % 12]} ${Math.floor(pitch / 12) - 1}`;
}
