/* The controls that change how the model plays: what they stand at, and what is wished for.

The server has the last word: what its rows say is shown, except under a hand that is just moving it. Knows inputs of the page.
Must not know the link but by `wish`. */

const WISHES_EVERY_MS = 33;
const SETTLES_MS = 400; // a row that was sent before the last wish arrived would throw the hand back

/** Shares are even to the hand when they are doubled and halved by equal ways. */
const plain = { toPlace: (value) => value, toValue: (place) => place };
const doubling = { toPlace: (value) => Math.log2(value), toValue: (place) => 2 ** place };

const SLIDERS = {
  temperature: { scale: plain, step: 0.05, say: (value) => value.toFixed(2) },
  length: { scale: doubling, step: 0.05, say: (value) => `${value.toFixed(value < 1 ? 2 : 1)} ×` },
  loudness: { scale: doubling, step: 0.05, say: (value) => `${value.toFixed(value < 1 ? 2 : 1)} ×` },
};

export class Controls {
  constructor(root, wish) {
    this.wish = wish;
    this.sliders = Object.entries(SLIDERS).map(
      ([name, manner]) => new Slider(root.querySelector(`#${name}`), name, manner, wish),
    );
    this.channel = root.querySelector("#channel");
    this.channel.addEventListener("pointerdown", () => (this.isPointed = true));
    this.channel.addEventListener("keydown", () => (this.isPointed = false));
    this.channel.addEventListener("change", () => this.chooseChannel());
  }

  /** A `begin` row: where the controls begin, and how far they go. */
  begin({ controls, limits }) {
    for (const slider of this.sliders) slider.begin(controls?.[slider.name], limits?.[slider.name]);
    this.show(controls ?? {});
  }

  /** A `controls` row's values. */
  show(values) {
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
  constructor(input, name, manner, wish) {
    Object.assign(this, { input, name, manner, wish, standard: 1, sentAt: -Infinity, waiting: undefined });
    this.output = input.parentElement.querySelector("output");
    input.step = String(manner.step);
    input.addEventListener("input", () => this.moved());
    input.addEventListener("change", () => this.letGo());
    input.addEventListener("dblclick", () => this.reset());
    for (const [kind, holds] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
      input.addEventListener(kind, () => (this.isHeld = holds));
    }
    this.begin(1, [Number(input.dataset.lowest), Number(input.dataset.highest)]);
    this.show(1);
  }

  begin(standard, limits) {
    if (limits) {
      this.input.min = String(this.manner.scale.toPlace(limits[0]));
      this.input.max = String(this.manner.scale.toPlace(limits[1]));
      this.limits = limits;
    }
    if (standard !== undefined) this.standard = standard;
  }

  show(value) {
    clearTimeout(this.later);
    const rest_ms = this.sentAt + SETTLES_MS - performance.now();
    if (this.isHeld || this.waiting !== undefined || rest_ms > 0) {
      this.later = setTimeout(() => this.show(value), Math.max(rest_ms, SETTLES_MS));
      return;
    }
    this.input.value = String(this.manner.scale.toPlace(value));
    this.write(value);
  }

  write(value) {
    const { min, max } = this.input;
    this.input.dataset.value = String(value);
    this.output.textContent = this.manner.say(value);
    this.input.setAttribute("aria-valuetext", this.manner.say(value));
    this.input.style.setProperty("--share", String((Number(this.input.value) - min) / (max - min)));
  }

  get value() {
    const value = this.manner.scale.toValue(Number(this.input.value));
    return Math.min(Math.max(Math.round(value * 1000) / 1000, this.limits[0]), this.limits[1]);
  }

  /** Wishes go at most 30 times a second; the last always goes. */
  moved() {
    this.write(this.value);
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
    clearTimeout(this.later); // what was told before is no longer so
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.sentAt = performance.now();
    this.wish({ kind: "control", name: this.name, value: this.value });
  }

  reset() {
    this.input.value = String(this.manner.scale.toPlace(this.standard));
    this.write(this.standard);
    this.send();
  }
}
