/* The button that hands over: what it would give now, or, where it can give nothing, why and what to do.

The engine tells which; the button shows that and no other. Knows a button. Must not know turns. */

const LABELS = { answer: "Hand over now", another: "Another answer" };
const SHOWN_MS = 1500;

export class HandOverButton {
  constructor({ button, word, why }, wished) {
    this.parts = { button, word, why };
    this.wished = wished;
    button.addEventListener("click", () => this.press());
  }

  /** What a `turn` or `begin` row offers: `hand_over` is null where nothing would come of it. */
  show({ hand_over: gives = null, offer = "" }) {
    const { button, word, why } = this.parts;
    button.disabled = gives === null;
    if (button.disabled && document.activeElement === button) button.blur(); // else the keys would play into nothing
    word.textContent = LABELS[gives] ?? word.textContent;
    why.textContent = offer;
  }

  /** By click or by key. The engine has the last word, as it may know of a note that this page doesn't yet. */
  press() {
    this.wished();
    const { button, why } = this.parts;
    if (!button.disabled) return;
    why.classList.add("asked");
    clearTimeout(this.calm);
    this.calm = setTimeout(() => why.classList.remove("asked"), SHOWN_MS);
  }
}
