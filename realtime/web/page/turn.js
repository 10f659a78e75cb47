/* Whose turn it is, and the silence that hands it over.

Knows the `turn` and `quiet` rows. Must not know notes. */

const WORDS = {
  waiting: "Play a phrase",
  calling: "You play",
  asking: "Taking a breath",
  answering: "Antiphon answers",
  closed: "Good night",
  lost: "The line to Antiphon is lost",
};
const FIRST_HINT = "then rest a moment: Antiphon answers";
const UNSAID = new Set(["a phrase begins", "the answer begins"]);

/** Seconds as one says them. */
export function secondsSaid(seconds) {
  return seconds < 10 ? String(Math.round(2 * seconds) / 2) : String(Math.round(seconds));
}

export class TurnView {
  constructor({ turn, words, reason, silence }) {
    this.parts = { turn, words, reason, silence };
    this.bar = silence.querySelector("i");
    this.since = null;
    this.needed_s = 0;
    this.waitsFor = "";
    this.show("waiting", FIRST_HINT);
  }

  /** A `turn` row. */
  turn({ phase, reason, answer_s }) {
    this.since = null;
    this.waitsFor = "";
    const said = [UNSAID.has(reason) ? "" : reason, answer_s ? `about ${secondsSaid(answer_s)} s` : ""].filter(Boolean);
    if (said.length > 0 || phase !== "waiting") this.show(phase, said.join(" · "));
    else this.show(phase, FIRST_HINT);
  }

  /** There is nobody to play with. */
  lost(reason) {
    this.since = null;
    this.show("lost", reason);
  }

  show(phase, reason) {
    this.phase = phase;
    this.parts.turn.dataset.phase = phase;
    document.body.dataset.phase = phase;
    this.parts.words.textContent = WORDS[phase] ?? phase;
    this.parts.reason.textContent = reason;
    this.draw(0);
  }

  /** A `quiet` row. */
  quiet({ since, needed_s, waits_for }) {
    this.since = since;
    this.needed_s = needed_s;
    this.waitFor(waits_for ?? "");
    if (since === null) this.draw(0);
  }

  /** What is held for long, in words; nothing, when it is let go. */
  waitFor(words) {
    if (words === this.waitsFor) return;
    this.waitsFor = words;
    if (this.phase === "calling") this.parts.reason.textContent = words;
  }

  /** Show how much of the silence has passed at `now`, on the engine's clock; true while it fills. */
  draw(now) {
    const share = this.shareAt(now);
    const text = share.toFixed(3);
    if (text !== this.shown) {
      this.shown = text;
      this.bar.style.transform = `scaleX(${text})`;
      this.parts.silence.dataset.share = text;
    }
    return this.phase === "calling" && this.since !== null && share < 1;
  }

  shareAt(now) {
    if (this.phase === "asking" || this.phase === "answering") return 1;
    if (this.phase !== "calling" || this.since === null || !(this.needed_s > 0)) return 0;
    return Math.min(Math.max((now - this.since) / this.needed_s, 0), 1);
  }
}
