/* What one says to a partner in passing: another one, calmer, bolder. Within reach beside the answer that stands ready.

Knows its buttons. Must not know the link but by `press`. */

export class Asides {
  constructor(place, press) {
    this.another = place.querySelector("[data-name=again]");
    for (const button of place.querySelectorAll("button")) button.addEventListener("click", () => press(button.dataset.name));
    this.turn({});
  }

  /** A `turn` row: whether another answer could be had. */
  turn({ phase, hand_over: gives }) {
    this.another.disabled = phase !== "answering" && phase !== "calling" && gives !== "another";
    if (this.another.disabled && document.activeElement === this.another) this.another.blur();
  }
}
