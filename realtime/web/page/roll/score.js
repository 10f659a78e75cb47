/* What was played in the last seconds, as strokes to be drawn: who, which key, from when until when.

Knows rows. Must not know how they are drawn. */

const REMEMBERS_S = 40;

export class Score {
  constructor() {
    this.generation = 0; // counts how often all was forgotten
    this.playerNotes = 0; // keys that went down since the page has looked on
    this.modelNotes = 0;
    this.clear();
  }

  clear() {
    this.generation += 1;
    this.strokes = []; // { who, pitch, velocity, hand, at, until, tread }: until null while held; tread: the pedal after
    this.treads = []; // { at, until }: the player's pedal
    this.keys = new Map(); // which keyboard and key -> its stroke
    this.pedals = new Map(); // source -> its tread
    this.endsAt = -Infinity; // when the last of it ended
  }

  /** A `note` row. */
  note({ who, pitch, velocity, source, hand, at }) {
    const key = `${who} ${source ?? ""} ${pitch}`;
    this.end(key, at);
    if (velocity === 0) return;
    if (who === "model") this.modelNotes += 1;
    else this.playerNotes += 1;
    const stroke = { who, pitch, velocity, hand, at, until: null, source, tread: undefined };
    this.keys.set(key, stroke);
    this.strokes.push(stroke);
  }

  end(key, at) {
    const stroke = this.keys.get(key);
    if (!stroke) return;
    this.keys.delete(key);
    stroke.until = at;
    stroke.tread = stroke.who === "model" ? undefined : this.pedals.get(stroke.source);
    this.endsAt = Math.max(this.endsAt, at);
  }

  /** A `pedal` row. */
  pedal({ depth, source, at }) {
    const tread = this.pedals.get(source);
    if (depth >= 64 && !tread) {
      const begun = { at, until: null };
      this.pedals.set(source, begun);
      this.treads.push(begun);
    } else if (depth < 64 && tread) {
      this.pedals.delete(source);
      tread.until = at;
      this.endsAt = Math.max(this.endsAt, at);
    }
  }

  /** Whether anything is held at this moment. */
  get isHeld() {
    return this.keys.size > 0 || this.pedals.size > 0;
  }

  /** Nothing is held from this moment on. */
  letGo(at) {
    for (const key of [...this.keys.keys()]) this.end(key, at);
    for (const source of [...this.pedals.keys()]) this.pedal({ depth: 0, source, at });
  }

  /** All that another score has, of which nothing is held, so many seconds later. */
  add(other, by) {
    const treads = new Map(other.treads.map((tread) => [tread, { at: tread.at + by, until: tread.until + by }]));
    this.treads.unshift(...treads.values());
    this.strokes.unshift(
      ...other.strokes.map((stroke) => ({ ...stroke, at: stroke.at + by, until: stroke.until + by, tread: treads.get(stroke.tread) })),
    );
    this.endsAt = Math.max(this.endsAt, other.endsAt + by);
  }

  /** Drop what ended long before `now`. */
  forget(now) {
    const isRecent = ({ until }) => until === null || until > now - REMEMBERS_S;
    if (this.strokes.length > 0 && !isRecent(this.strokes[0])) this.strokes = this.strokes.filter(isRecent);
    if (this.treads.length > 0 && !isRecent(this.treads[0])) this.treads = this.treads.filter(isRecent);
  }
}
