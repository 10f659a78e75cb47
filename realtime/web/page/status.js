/* What the instrument is made of tonight, where it is heard, whether input arrives, and what is worth reading now.

Knows rows about ports and lines. Must not know notes but that one came. */

const SHOWN_MS = 7000;
const BLINK_MS = 140;

export class Status {
  constructor({ status, light, toasts }) {
    this.parts = { status, light, toasts };
    this.facts = {};
    this.write();
  }

  /** A `begin` row. */
  begin({ inputs, outputs, model, device, seed }) {
    Object.assign(this.facts, { inputs, outputs, model, device, seed });
    this.write();
  }

  /** A `model` row. */
  model({ model, device }) {
    Object.assign(this.facts, { model, device });
    this.write();
  }

  /** A `ports` row. */
  ports({ inputs, outputs }) {
    Object.assign(this.facts, { inputs, outputs });
    this.write();
  }

  setConnected(isConnected) {
    this.parts.status.dataset.connected = String(isConnected);
    if (!isConnected) this.write();
  }

  /** Whether the notes are heard on this page, and if not, why: in words. */
  heard(words) {
    this.facts.heard = words;
    this.write();
  }

  write() {
    const { inputs, outputs, heard, model, device, seed } = this.facts;
    const facts = [["In", names(inputs)], ["Out", [...(outputs ?? []), heard].filter(Boolean).join(", ")], ["Model", model], ["On", device], ["Seed", seed]];
    const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
    this.parts.status.replaceChildren(...known.map(([word, value]) => factOf(word, String(value))));
  }

  /** Something of the player's arrived. */
  blink() {
    const { light } = this.parts;
    light.classList.add("on");
    light.dataset.count = String(Number(light.dataset.count ?? 0) + 1);
    clearTimeout(this.dark);
    this.dark = setTimeout(() => light.classList.remove("on"), BLINK_MS);
  }

  /** A line worth reading: shown for a while. */
  line(text) {
    const { toasts } = this.parts;
    const toast = document.createElement("li");
    toast.textContent = text;
    toasts.append(toast);
    while (toasts.children.length > 3) toasts.firstChild.remove();
    setTimeout(() => toast.classList.add("gone"), SHOWN_MS);
    setTimeout(() => toast.remove(), SHOWN_MS + 600);
  }
}

function names(list) {
  if (list === undefined) return undefined;
  return list.length > 0 ? list.join(", ") : "this page";
}

function factOf(word, value) {
  const fact = document.createElement("span");
  const name = document.createElement("b");
  name.textContent = word;
  fact.append(name, value);
  fact.title = `${word}: ${value}`;
  return fact;
}
