/* What stands ready to be played, and what of it is committed: notes that are still to come, with their moments.

Knows the rows `idea`, `coming`, `note` and `turn`. Must not know how they are drawn. */

const STANDS_OFF_S = 0.4; // above the keys, while nobody knows when it begins
const SAME_S = 0.25; // a note of the same pitch so near is the same note
const SHORTEST_S = 0.08;
const GONE_AFTER_S = 0.3; // of a note that was due and was not struck
const PLAYS = new Set(["asking", "answering"]);

export class Ideas {
  constructor() {
    this.turnedAt = -Infinity;
    this.phase = "waiting";
    this.version = 0; // counts the changes after which all looks different
    this.forget();
  }

  forget() {
    this.version += 1;
    this.at = -Infinity;
    this.notes = []; // { pitch, velocity, after, length }: seconds after the beginning
    this.beginsAt = null; // null while the player holds something
    this.isSketch = true;
    this.coming = []; // { pitch, velocity, at, length }
  }

  /** An `idea` row: it takes the place of the one before. */
  idea({ at, begins_at: beginsAt = null, is_sketch: isSketch = true, notes = [] }) {
    if (at < this.turnedAt || (isSketch && PLAYS.has(this.phase))) return; // it was on its way when the turn passed
    this.at = at;
    this.version += 1;
    this.notes = notes.map(([after, pitch, velocity, length]) => ({ after, pitch, velocity, length }));
    this.beginsAt = beginsAt;
    this.isSketch = isSketch;
  }

  /** A `coming` row: all that has been committed and is still to be heard. */
  committed({ notes = [] }) {
    this.version += 1;
    this.coming = notes.map(([at, pitch, velocity, length]) => ({ at, pitch, velocity, length: length ?? SHORTEST_S }));
  }

  /** A `turn` row: where the turn is nobody's or the player's anew, what stood ready no longer does. What is thought of the new
  phrase may have come first. */
  turn({ at, phase }) {
    if (!PLAYS.has(phase) && this.at < at) this.forget();
    this.version += 1;
    this.phase = phase;
    this.turnedAt = at;
  }

  /** A `note` row of the model's: what was struck is no longer to come. */
  struck({ pitch, velocity, at }) {
    if (velocity === 0) return;
    this.coming = this.coming.filter((note) => note.pitch !== pitch || note.at > at + SAME_S);
    if (this.beginsAt === null) return;
    const after = at - this.beginsAt;
    this.notes = this.notes.filter((note) => note.pitch !== pitch || Math.abs(note.after - after) > SAME_S);
  }

  get isEmpty() {
    return this.notes.length === 0 && this.coming.length === 0;
  }

  /** Whether what is to come is coming nearer. */
  get isMoving() {
    return !this.isEmpty && (this.beginsAt !== null || this.coming.length > 0);
  }

  /** The time that counts for what is to come: it stands while nobody knows when that begins, and until the turn has passed. */
  clock(now) {
    if (PLAYS.has(this.phase) || this.coming.length > 0) return now;
    return this.beginsAt === null ? 0 : Math.min(now, this.beginsAt);
  }

  /** All that is to come at `now`, on the engine's clock: in how many seconds, and how sure it is. */
  ahead(now) {
    const committed = this.coming.filter(({ at }) => at > now - GONE_AFTER_S);
    const sure = committed.map(({ at, ...note }) => ({ ...note, in_s: Math.max(at - now, 0), state: "committed" }));
    return [...this.ready(now, committed), ...sure];
  }

  ready(now, committed) {
    const standsOff = this.beginsAt === null;
    const begins = standsOff ? STANDS_OFF_S : PLAYS.has(this.phase) ? this.beginsAt - now : Math.max(this.beginsAt - now, 0);
    const state = this.isSketch ? "sketch" : "ready";
    const last = committed.at(-1)?.at ?? -Infinity;
    return this.notes
      .map(({ after, pitch, velocity, length }) => ({ pitch, velocity, length, in_s: begins + after, state }))
      // What is committed is drawn as such, and what lies before it was left out or moved.
      .filter(({ in_s: in_s }) => in_s > 0 && (standsOff || now + in_s > last + SAME_S / 10));
  }
}
