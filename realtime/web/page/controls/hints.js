/* One line of help at a time: what has not been tried yet. When all has been tried, it falls silent, for good on this browser.

Knows what can be tried, and the words for it. Must not know keys, rows or the link: others say what was done. */

import { recall, remember } from "../memory.js";

const REMEMBERED = "tried";
const STAYS_MS = 900; // after what it says was done: a line that leaves at once looks like a fault

// In the order in which they are of use; `phases` says when one can be tried, where that is not at any time.
// What is in brackets is a key, by where it lies.
export const HINTS = [
  { name: "play", keys: "Play with the letters on the keys, a phrase long; Shift strikes louder", touch: "Play a phrase: nearer the front edge is louder" },
  { name: "rest", keys: "Let go and rest a moment: that hands over", touch: "Let go and rest a moment: that hands over", phases: ["calling"] },
  { name: "cut-in", keys: "Play while it answers, and it falls silent at once", touch: "Play while it answers, and it falls silent at once", phases: ["answering"] },
  { name: "hand-over", keys: "[Enter] hands over without the rest", touch: "Hand over now: without the rest", phases: ["calling"] },
  { name: "another", keys: "[KeyA] asks for another answer to the same phrase", touch: "Another asks for another answer to the same phrase", phases: ["waiting", "calling", "answering"] },
  { name: "pedal", keys: "[Space] is the pedal", touch: "Hold Pedal with a thumb" },
  { name: "daring", keys: "[Minus] and [Equal] make it calmer and bolder", touch: "Calmer and Bolder turn how daring it is" },
  { name: "knob", keys: "The sliders shape the next answer: try a shorter one", touch: "The sliders shape the next answer: try a shorter one" },
  { name: "octave", keys: "[BracketLeft] and [BracketRight] move your hands by an octave" },
  { name: "mode", keys: "[Digit1] changes how turns pass: bars, endless, together", touch: "Mode: how turns pass, in bars, endless, together" },
  { name: "keys", keys: "[?] shows every key" },
];

export class Hints {
  /** `line` is where it is said; `isTouched` whether fingers play here; `later` waits, in milliseconds. */
  constructor(line, { isTouched = false, later = (then, wait_ms) => setTimeout(then, wait_ms) } = {}) {
    Object.assign(this, { line, later, phase: "waiting", letterOf: (code) => code });
    this.hints = HINTS.map(({ name, keys, touch, phases }) => ({ name, words: isTouched ? touch : keys, phases })).filter(({ words }) => words);
    this.tried = new Set(recall(REMEMBERED, []));
    this.show();
  }

  /** What is printed on the keys. */
  name(letterOf) {
    this.letterOf = letterOf;
    this.write();
  }

  /** A `begin` row: where turns pass in one way alone, there is no other to try. */
  begin({ modes }) {
    if (modes?.length < 2) this.hints = this.hints.filter(({ name }) => name !== "mode");
    this.show();
  }

  /** Whose turn it is: some things can only be tried then. */
  turn(phase) {
    this.phase = phase;
    this.show();
  }

  /** Something was done, by whatever way. */
  done(name) {
    if (this.tried.has(name)) return;
    this.tried.add(name);
    remember(REMEMBERED, [...this.tried]);
    if (name === this.said) this.later(() => this.show(), STAYS_MS);
  }

  show() {
    const next = this.hints.find(({ name, phases }) => !this.tried.has(name) && (phases ?? [this.phase]).includes(this.phase));
    if (next?.name === this.said) return;
    this.said = next?.name;
    this.words = next?.words ?? "";
    this.write();
  }

  write() {
    this.line.replaceChildren(...partsOf(this.words, this.letterOf));
  }
}

/** Words, with what is in brackets as a key. */
function partsOf(words, letterOf) {
  return words.split(/(\[\S+?\])/).filter(Boolean).map((part) => {
    const key = /^\[(\S+)\]$/.exec(part);
    return key ? Object.assign(document.createElement("kbd"), { textContent: letterOf(key[1]) }) : part;
  });
}
