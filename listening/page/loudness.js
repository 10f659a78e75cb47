/* Loudness of clips that the page plays itself: all as loud as each other, whatever is in them.

Each is brought to the same root mean square of what isn't nearly silent. Where a moment would then be beyond the highest sample, it alone
is turned down, and not the whole clip. Knows samples alone. */

export const RATE = 44100;
const TARGET_RMS = 0.05; // 26 dB below the greatest sine
const NEARLY_SILENT = 0.1; // of the loudest block: 20 dB below it
const BLOCK_S = 0.1;
const HIGHEST = 0.98;
const DOWN_S = 0.005; // within so long a moment that is too loud is turned down, and up again
const ROUNDS = 4; // turning moments down makes a clip a little softer, so it is made louder again

/** Change samples, a list for each side, so that they are as loud as those of every other clip. */
export function madeAlike(sides) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const factor = TARGET_RMS / (rms(sides) || 1);
    for (const samples of sides) for (let index = 0; index < samples.length; index += 1) samples[index] *= factor;
    if (!keptBelow(sides)) return;
  }
}

/** How loud it is where it isn't nearly silent. */
export function rms(sides) {
  const block = Math.floor(BLOCK_S * RATE);
  const means = [];
  for (let begin = 0; begin + block <= sides[0].length; begin += block) {
    let sum = 0;
    for (const samples of sides) for (let index = begin; index < begin + block; index += 1) sum += samples[index] ** 2;
    means.push(sum / (sides.length * block));
  }
  const least = NEARLY_SILENT ** 2 * Math.max(...means);
  const loud = means.filter((mean) => mean >= least);
  return Math.sqrt(loud.reduce((sum, mean) => sum + mean, 0) / loud.length);
}

/** Turn down what is beyond the highest sample, both sides alike; whether anything was. */
function keptBelow(sides) {
  const slope = 1 / (DOWN_S * RATE); // how much the gain may change from one sample to the next
  const length = sides[0].length;
  const gains = new Float32Array(length).fill(1);
  let isAny = false;
  for (let index = 0; index < length; index += 1) {
    const peak = Math.max(...sides.map((samples) => Math.abs(samples[index])));
    if (peak > HIGHEST) {
      gains[index] = HIGHEST / peak;
      isAny = true;
    }
  }
  if (!isAny) return false;
  for (let index = 1; index < length; index += 1) gains[index] = Math.min(gains[index], gains[index - 1] + slope);
  for (let index = length - 2; index >= 0; index -= 1) gains[index] = Math.min(gains[index], gains[index + 1] + slope);
  for (const samples of sides) for (let index = 0; index < length; index += 1) samples[index] *= gains[index];
  return true;
}
