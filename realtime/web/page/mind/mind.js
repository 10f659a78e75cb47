/* What the page shows of the answerer's mind: the answer that stands ready, and the keys that it expects; each can be switched off.

While neither is seen, the server knows, and works out nothing for it. Knows rows, switches, ghosts and keys. Must not know the
link but by `wish`. */

import { recall, remember } from "../memory.js";
import { Ghosts } from "./ghosts.js";
import { Ideas } from "./ideas.js";

export class Mind {
  constructor({ roll, keyboard, switches }, wish) {
    this.ideas = new Ideas();
    this.ghosts = new Ghosts(roll);
    this.keyboard = keyboard;
    this.wish = wish;
    this.shows = {};
    for (const [name, input] of Object.entries(switches)) {
      this.shows[name] = input.checked = recall(name, true);
      input.addEventListener("change", () => this.choose(name, input));
    }
    document.addEventListener("visibilitychange", () => this.look());
  }

  choose(name, input) {
    this.shows[name] = input.checked;
    remember(name, input.checked);
    if (!this.shows.expected) this.keyboard.expect([]);
    if (!this.shows.ideas) this.ideas.forget();
    this.look();
  }

  /** Tell the server whether anybody looks. */
  look() {
    this.wish({ kind: "look", wanted: !document.hidden && Object.values(this.shows).some(Boolean) });
  }

  forget() {
    this.ideas.forget();
    this.keyboard.expect([]);
  }

  /** Rows; those about notes and turns as well. */
  idea(row) {
    if (this.shows.ideas) this.ideas.idea(row);
  }

  committed(row) {
    if (this.shows.ideas) this.ideas.committed(row);
  }

  expected({ at, keys = [] }) {
    const { phase, turnedAt } = this.ideas;
    const isOfNow = phase === "calling" || (phase === "waiting" && at > turnedAt); // it may come before its turn does
    if (this.shows.expected && isOfNow) this.keyboard.expect(keys);
  }

  turn(row) {
    this.ideas.turn(row);
    if (row.phase !== "calling") this.keyboard.expect([]);
  }

  note(row) {
    if (row.who === "model") this.ideas.struck(row);
  }

  /** Draw what is to come at `now`; true while it moves. */
  draw(now) {
    if (!this.ideas.isEmpty) this.ghosts.draw(this.ideas, now);
    return this.ideas.isMoving;
  }
}
