/* Which model answers, and a choice of others. A wish takes a moment: until the server says that the other one is ready, this one plays on.

Knows a select. Must not know how models are opened. */

export class ModelChooser {
  constructor({ place, select }, wished) {
    this.place = place;
    this.select = select;
    this.wished = wished;
    select.addEventListener("pointerdown", () => (this.isPointed = true));
    select.addEventListener("keydown", () => (this.isPointed = false));
    select.addEventListener("change", () => this.choose());
  }

  /** A `begin` row: what can be chosen. */
  begin({ models = [], name = "" }) {
    this.select.replaceChildren(...models.map(optionOf));
    this.place.hidden = models.length < 2;
    this.show({ name });
  }

  /** A `model` row: who answers, also where another one was refused. */
  show({ name }) {
    this.select.value = name;
    this.select.setAttribute("aria-busy", "false");
  }

  choose() {
    if (this.isPointed) this.select.blur(); // the letters are the piano's again
    this.select.setAttribute("aria-busy", "true");
    this.wished(this.select.value);
  }
}

const SAID = { default: "our own", none: "by rule" };

function optionOf(name) {
  const option = document.createElement("option");
  option.value = name;
  option.textContent = SAID[name] ?? name;
  return option;
}
