/* The controls that change how the model plays: what they stand at, and what is wished for.

The server has the last word: what its rows say is shown, except under a hand that is just moving it. Knows inputs of the page.
Must not know the link but by `wish`. */

import { Scale, lengthSaid, semitonesSaid, valueSaid } from "./scale.js";

const WISHES_EVERY_MS = 33;
const MOST_IN_A_ROW = 4; // knobs: more stand in rows of their own
const SETTLES_MS = 400; // a row that was sent before the last wish arrived would throw the hand back

export class Controls {
  constructor(root, wish) {
    this.wish = wish;
    this.console = root.querySelector(".console");
    this.sliders = [];
    this.channel = root.querySelector("#channel");
    this.channel.addEventListener("pointerdown", () => (this.isPointed = true));
    this.channel.addEventListener("keydown", () => (this.isPointed = false));
    this.channel.addEventListener("change", () => this.chooseChannel());
  }

  /** A `begin` row: where the controls begin, and what values they go through. */
  begin({ knobs = [], controls, steps, answer_within_s: bounds }) {
    this.build(knobs);
    for (const slider of this.sliders) slider.begin(controls?.[slider.name], steps?.[slider.name]);
    this.show(controls ?? {}, bounds);
  }

  /** A slider for each knob that the engine has; those that are there already stay. */
  build(knobs) {
    if (knobs.map(({ name }) => name).join() === this.sliders.map(({ name }) => name).join()) return;
    for (const slider of this.sliders) slider.element.remove();
    const readings = { length: (value) => lengthSaid(value, this.answer_within_s), register: semitonesSaid };
    this.sliders = knobs.map((knob) => new Slider(knob, readings[knob.name] ?? ((value) => valueSaid(value, knob.unit)), this.wish));
    this.console.prepend(...this.sliders.map(({ element }) => element));
    this.console.style.setProperty("--knobs", String(Math.min(knobs.length, MOST_IN_A_ROW)));
    this.console.classList.toggle("crowded", knobs.length > MOST_IN_A_ROW);
  }

  /** A `controls` row's values, and how long an answer is at least and at most. */
  show(values, bounds) {
    this.answer_within_s = bounds ?? undefined;
    for (const slider of this.sliders) if (slider.name in values) slider.show(values[slider.name]);
    if ("channel" in values) this.channel.value = String(values.channel);
  }

  chooseChannel() {
    const value = this.channel.value;
    if (this.isPointed) this.channel.blur(); // the letters are the piano's again
    this.wish({ kind: "control", name: "channel", value: /^\d+$/.test(value) ? Number(value) : value });
  }
}

class Slider {
  constructor({ name, word = name, about, effect = "", low, high }, said, wish) {
    const title = `${capitalised([about, effect].filter(Boolean).join(": "))} (${name}). Double click: as it was at the start`;
    const input = made("input", { id: name, type: "range", title });
    this.output = made("output", {});
    this.output.htmlFor.add(name);
    this.element = made("div", { className: "control" });
    const label = made("label", { htmlFor: name, textContent: capitalised(word) });
    this.element.append(label, this.output, input, ...[low, high].map((end) => made("small", { textContent: end })));
    Object.assign(this, { input, name, said, wish, standard: 1, value: 1, sentAt: -Infinity, waiting: undefined });
    input.addEventListener("input", () => this.moved());
    input.addEventListener("change", () => this.letGo());
    input.addEventListener("dblclick", () => this.reset());
    for (const [kind, holds] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
      input.addEventListener(kind, () => (this.isHeld = holds));
    }
    this.begin(1, undefined);
  }

  begin(standard = this.standard, steps) {
    this.standard = standard;
    this.scale = new Scale(steps);
    Object.assign(this.input, { min: "0", max: String(this.scale.last), step: "1", disabled: this.scale.last < 1 });
  }

  show(value) {
    clearTimeout(this.later);
    const rest_ms = this.sentAt + SETTLES_MS - performance.now();
    if (this.isHeld || this.waiting !== undefined || rest_ms > 0) {
      this.later = setTimeout(() => this.show(value), Math.max(rest_ms, SETTLES_MS));
      return;
    }
    this.put(value);
  }

  /** The value, which may lie between two places, and the hand at the nearest of them. */
  put(value) {
    this.input.value = String(this.scale.placeOf(value));
    this.write(value);
  }

  write(value) {
    this.value = value;
    this.input.dataset.value = String(value);
    this.output.textContent = this.said(value);
    this.input.setAttribute("aria-valuetext", this.said(value));
    this.input.style.setProperty("--share", String(Number(this.input.value) / Math.max(this.scale.last, 1)));
  }

  /** Wishes go at most 30 times a second; the last always goes. */
  moved() {
    this.write(this.scale.valueAt(Number(this.input.value)));
    if (this.waiting !== undefined) return;
    const rest_ms = this.sentAt + WISHES_EVERY_MS - performance.now();
    if (rest_ms <= 0) this.send();
    else this.waiting = setTimeout(() => this.send(), rest_ms);
  }

  letGo() {
    this.isHeld = false;
    if (this.waiting !== undefined) this.send();
  }

  send() {
    clearTimeout(this.later); // what was shown before is no longer so
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.sentAt = performance.now();
    this.wish({ kind: "control", name: this.name, value: this.value });
  }

  reset() {
    this.put(this.standard);
    this.send();
  }
}

function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function capitalised(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
