/* What the instrument is made of tonight, whether input arrives, and what is worth reading.

Knows rows about ports and lines. Must not know notes but that one came. */

const SHOWN_MS = 7000;
const KEPT_LINES = 60;
const BLINK_MS = 140;

export class Status {
  constructor({ status, light, toasts, log }) {
    this.parts = { status, light, toasts, log };
    this.facts = {};
    this.write();
  }

  /** A `begin` row. */
  begin({ inputs, outputs, model, device, seed }) {
    this.facts = { inputs, outputs, model, device, seed };
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

  write() {
    const { inputs, outputs, model, device, seed } = this.facts;
    const facts = [["In", names(inputs)], ["Out", names(outputs)], ["Model", model], ["On", device], ["Seed", seed]];
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

  /** A line worth reading: shown for a while, and kept. */
  line(text) {
    const { toasts, log } = this.parts;
    const toast = document.createElement("li");
    toast.textContent = text;
    toasts.append(toast);
    while (toasts.children.length > 3) toasts.firstChild.remove();
    setTimeout(() => toast.classList.add("gone"), SHOWN_MS);
    setTimeout(() => toast.remove(), SHOWN_MS + 600);
    const kept = document.createElement("li");
    kept.textContent = text;
    log.prepend(kept);
    while (log.children.length > KEPT_LINES) log.lastChild.remove();
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
