/* What a newcomer sees behind the first words: a phrase and its answer, drawn once, without a sound.

A picture of what will happen, composed for this; nothing of it is counted or played. It rises into place and then stands
still. Knows the roll. Must not know the server. */

import { Roll } from "./roll.js";
import { Score } from "./score.js";

const RISES_S = 5;
// Beats, pitch, beats long, velocity: a rising question at the player's side, and its answer at the other, turned round.
const PHRASE = [
  [0, 29, 3.6, 75], [0, 36, 3.4, 65], [0.5, 41, 0.45, 85], [1, 44, 0.45, 93], [1.5, 48, 0.7, 109],
  [2.25, 46, 0.2, 91], [2.5, 44, 0.45, 101], [3, 48, 0.9, 124], [4, 27, 3.4, 80], [4, 34, 3.4, 70],
  [4, 43, 0.7, 117], [4.75, 44, 0.2, 88], [5, 46, 0.9, 109], [6, 51, 1.4, 127], [6, 55, 1.4, 117],
];
const ANSWER = [
  [8.6, 86, 3.5, 72], [8.6, 93, 3.5, 78], [9.1, 98, 0.45, 106], [9.6, 94, 0.45, 98], [10.1, 91, 0.7, 114],
  [10.85, 93, 0.2, 91], [11.1, 94, 0.45, 104], [11.6, 91, 0.9, 119], [12.6, 84, 2.6, 78], [12.6, 88, 2.6, 72],
  [12.6, 96, 0.45, 111], [13.1, 94, 0.45, 96], [13.6, 91, 0.45, 101], [14.1, 88, 0.7, 109],
  [14.85, 89, 0.2, 85], [15.1, 79, 2.2, 85], [15.1, 86, 2.2, 78], [15.1, 91, 2.2, 127],
];
const BEAT_S = 0.5;
const ENDS_AT = 8.7;

function composed() {
  const score = new Score();
  for (const [who, notes] of [["player", PHRASE], ["model", ANSWER]]) {
    for (const [beat, pitch, beats, velocity] of notes) {
      score.strokes.push({ who, pitch, velocity, at: beat * BEAT_S, until: (beat + beats) * BEAT_S });
    }
  }
  return score;
}

export class Prelude {
  constructor(canvas) {
    this.canvas = canvas;
    this.roll = new Roll(canvas);
    this.score = composed();
    this.begunAt = performance.now() / 1000;
    this.isOver = false;
  }

  /** Draw it; true while it goes on moving. */
  draw() {
    if (this.isOver) return false;
    this.roll.resize();
    const share = this.roll.isCalm ? 1 : Math.min((performance.now() / 1000 - this.begunAt) / RISES_S, 1);
    const slowing = 1 - (1 - share) ** 3;
    this.roll.draw(this.score, ENDS_AT - 3.2 * (1 - slowing));
    return share < 1;
  }

  end() {
    if (this.isOver) return;
    this.isOver = true;
    this.canvas.classList.add("gone");
    setTimeout(() => this.canvas.remove(), 900);
  }
}
