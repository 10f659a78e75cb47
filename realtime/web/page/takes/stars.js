/* Answers with a star, in a take that is heard again: marks beside its place, and a button to the next of them.

Knows moments of a take. Must not know how it is played. */

const SURELY_AFTER_S = 0.25; // a place that was just gone to is not the next one

/** The moment of the next star after a place, or the first again after the last; undefined where there is none. */
export function nextStar(starred, place) {
  return starred.find((at) => at > place + SURELY_AFTER_S) ?? starred[0];
}

export class Stars {
  /** `marks` is laid over the slider, `button` goes to the next; `goTo` gets the second. */
  constructor({ marks, button }, goTo) {
    Object.assign(this, { marks, button, starred: [], place: 0 });
    button.addEventListener("click", () => goTo(nextStar(this.starred, this.place)));
  }

  /** Where the take is now; of one that has none, nothing is shown. */
  show({ starred = [], seconds }, place, canGo) {
    this.place = place;
    this.button.hidden = starred.length === 0 || !canGo;
    if (starred === this.starred) return;
    this.starred = starred;
    this.marks.replaceChildren(...starred.map((at) => markAt(at / Math.max(seconds, at, 1e-6))));
  }
}

function markAt(share) {
  const mark = document.createElement("i");
  mark.style.setProperty("--at", String(share));
  return mark;
}
