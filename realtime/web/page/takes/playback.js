/* A take that is heard again: its rows in time, drawn on a score of their own and sounded by the page's piano.

Knows rows, a piano and its clock. Must not know the page; whoever plays a note of their own ends it. */

import { depthOf, isLeftPedal, isSoft } from "../sound/left_pedal.js";
import { liftOf } from "../sound/piano.js";
import { Score } from "../roll/score.js";

const EVERY_MS = 25;
const AHEAD_S = 0.12; // struck so much before it is due, on the audio clock
const LEAD_IN_S = 0.15;
const RINGS_S = 1.5; // after the last key
const STARTS_SHORT_S = 0.01; // a row at the very place from which it goes on is heard

/** A player's name to the piano: such voices have seats and pedals of their own. */
const VOICES = { player: "take", model: "take model" };

export class Playback {
  /** `changed` is called when it begins, moves on by a tenth of a second, and ends. */
  constructor(changed) {
    this.changed = changed;
    this.stop();
  }

  /** From a second on; `take` is what the server gives: its `rows`, and how many `seconds` they last. */
  begin(name, take, piano, from = 0) {
    this.silence();
    Object.assign(this, { name, take, piano, next: 0, score: new Score(), from, heldAt: undefined });
    this.begunAt = piano.context.currentTime + LEAD_IN_S - from;
    this.skipTo(from);
    this.timer ??= setInterval(() => this.goOn(), EVERY_MS);
    this.goOn();
  }

  /** What came before is drawn, not struck; pedals stand as they were left. */
  skipTo(from) {
    const rows = this.take.rows;
    while (this.next < rows.length && rows[this.next].at < from - STARTS_SHORT_S) {
      const row = rows[this.next++];
      this.draw(row);
      if (row.kind !== "note") this.tread(row);
    }
  }

  goOn() {
    if (!this.isPlaying) return; // stopped within the same tick
    const { rows, seconds } = this.take;
    const now = this.now();
    while (this.next < rows.length && rows[this.next].at <= now + AHEAD_S) {
      this.sound(rows[this.next]);
      this.next += 1;
    }
    while (this.drawn < this.next && rows[this.drawn].at <= now) this.draw(rows[this.drawn]);
    if (now > seconds + RINGS_S) this.stop();
    else this.changed(this);
  }

  sound(row) {
    const when = this.begunAt + row.at;
    if (row.kind !== "note") return this.tread(row, when);
    const id = `${VOICES[row.who]}:${row.pitch}`;
    if (row.velocity > 0) this.piano.strike(id, row.pitch, row.velocity, when);
    else this.piano.release(id, when);
    return undefined;
  }

  tread(row, when) {
    if (row.kind === "pedal") this.piano.pedal(VOICES.player, liftOf(row.depth), when);
    else if (isLeftPedal(row)) this.piano.soften(VOICES.player, isSoft(depthOf(row))); // the strikes after it are said after it
  }

  draw(row) {
    this.drawn += 1;
    if (row.kind === "pedal") this.score.pedal(row);
    else if (row.kind === "note") this.score.note(row);
  }

  /** Stand still where it is: nothing sounds, nothing is held. The place, in seconds of the take. */
  hold() {
    const place = Math.min(Math.max(this.now(), 0), this.take.seconds);
    clearInterval(this.timer);
    this.silence();
    this.score.letGo(place);
    Object.assign(this, { timer: undefined, heldAt: place });
    this.changed(this);
    return place;
  }

  get isHeld() {
    return this.heldAt !== undefined;
  }

  /** Seconds of the take. */
  now() {
    if (this.isHeld) return this.heldAt;
    return this.piano ? this.piano.context.currentTime - this.begunAt : 0;
  }

  get isPlaying() {
    return this.timer !== undefined;
  }

  silence() {
    for (const who of Object.values(VOICES)) this.piano?.silence(who);
    this.drawn = 0;
  }

  stop() {
    const wasPlaying = this.isPlaying || this.isHeld;
    clearInterval(this.timer);
    this.silence();
    Object.assign(this, { timer: undefined, name: undefined, take: undefined, score: undefined, next: 0, heldAt: undefined });
    if (wasPlaying) this.changed(this);
  }
}
