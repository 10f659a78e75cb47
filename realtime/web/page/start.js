/* The first words: one click or key, and there is sound.

Knows the overlay. Must not know what begins. */

export class Start {
  constructor(overlay, begun) {
    this.overlay = overlay;
    this.begun = begun;
    this.isOver = false;
    overlay.addEventListener("click", () => this.end());
    // Before the keyboard hears it, so that the first key already sounds.
    globalThis.addEventListener("keydown", this.pressed, { capture: true });
  }

  pressed = (event) => {
    if (["Shift", "Control", "Alt", "Meta", "Tab", "CapsLock"].includes(event.key)) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    this.end();
    // These began it; they aren't also meant as a wish.
    if (["Enter", "Escape", " "].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  end() {
    if (this.isOver) return;
    this.isOver = true;
    globalThis.removeEventListener("keydown", this.pressed, { capture: true });
    this.overlay.querySelector("button").blur();
    this.overlay.classList.add("gone");
    this.overlay.setAttribute("aria-hidden", "true");
    this.overlay.inert = true;
    this.begun();
  }
}
