/* All keys and what they do, in a window of its own: by `?` or by its button.

While it is open the keys play nothing. Knows a dialog. Must not know what the keys do. */

export class Help {
  constructor({ dialog, button, opened }) {
    this.dialog = dialog;
    this.opened = opened;
    button.addEventListener("click", () => this.open());
    dialog.addEventListener("keydown", (event) => this.pressed(event));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside it
    });
  }

  /** A `begin` row: which commands there are; of keys that press another, nothing is said. */
  begin({ buttons }) {
    for (const key of this.dialog.querySelectorAll("dt[data-press]")) {
      const isThere = buttons?.some(({ name }) => name === key.dataset.press) ?? true;
      for (const part of [key, key.nextElementSibling]) part.hidden = !isThere;
    }
  }

  open() {
    if (this.dialog.open) return;
    this.opened();
    this.dialog.showModal();
  }

  /** No key in here is the music's; `?` closes it again. */
  pressed(event) {
    if (!this.dialog.open) return; // it keeps the focus for some moments more: what is struck in them is played
    event.stopPropagation();
    if (event.key === "?") this.dialog.close();
  }
}
