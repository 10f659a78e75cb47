/* The mode, and the buttons for what is commanded in a moment, as the engine lists them.

The server has the last word: what its rows say is shown. Knows its panel. Must not know the link but by `wish`. */

const STEERS = ["sparser", "denser", "lower", "higher", "shorter-notes", "longer-notes", "softer", "louder"]; // as sliders do
const ELSEWHERE = new Set(["hand-over", "panic", "next-mode", "next-model", ...STEERS]); // these have places of their own
const LABELS = { again: "Another answer", calmer: "Calmer", bolder: "Bolder", freeze: "Freeze", mute: "Mute Antiphon", forget: "Forget", star: "Star this answer" };
const NOTHING = "for…";
const FORGET = "none"; // in place of a control
const BOTH_PLAY = new Set(["together", "bars"]);

export class Commands {
  constructor({ word, modes, tempo, learn, preset, buttons }, wish) {
    Object.assign(this, { word, modes, tempo, learn, preset, buttons, wish, own: [], mode: "call", isMuted: false, isFrozen: false });
    tempo.addEventListener("change", () => this.setTempo());
    learn.addEventListener("change", () => this.beginToLearn());
    preset.addEventListener("change", () => this.keepPreset());
  }

  /** A `begin` row: which modes and buttons there are. */
  begin({ modes = [], buttons = [], presets = [], learnable = [], controls = {} }) {
    this.learn.replaceChildren(...[NOTHING, ...learnable].map(optionOf));
    this.modes.replaceChildren(...modes.map((mode) => this.choiceOf(mode)));
    this.own = buttons.filter(({ name }) => !ELSEWHERE.has(name));
    this.showPresets(presets);
    this.show(controls);
  }

  /** A `presets` row: the names of all of them. */
  showPresets(names) {
    const recalled = names.map((name) => ({ name, about: `The preset ${name}` }));
    this.buttons.replaceChildren(...[...this.own, ...recalled].map((button) => this.buttonOf(button)));
    this.draw();
  }

  /** A `controls` row's values. */
  show({ mode = this.mode, mute = Number(this.isMuted), tempo }) {
    if (tempo !== undefined) this.tempo.value = String(Math.round(tempo));
    this.mode = mode;
    this.isMuted = mute === 1;
    this.draw();
  }

  /** A `turn` row: whether the answer is frozen. */
  turn({ is_frozen: isFrozen = false }) {
    this.isFrozen = isFrozen;
    this.draw();
  }

  /** Whether a key of the player's surely ends the answer. */
  get cutsIn() {
    return !this.isFrozen && !BOTH_PLAY.has(this.mode);
  }

  draw() {
    const words = [this.mode, this.isMuted ? "muted" : "", this.isFrozen ? "frozen" : ""].filter(Boolean);
    this.word.textContent = words.join(" · ");
    for (const input of this.modes.querySelectorAll("input")) input.checked = input.value === this.mode;
    for (const [name, isDown] of [["mute", this.isMuted], ["freeze", this.isFrozen]]) {
      this.buttons.querySelector(`[data-name=${name}]`)?.setAttribute("aria-pressed", String(isDown));
    }
  }

  /** What was typed, if it is a tempo; the row that comes back shows where it stands. */
  setTempo() {
    const { value, min, max } = this.tempo;
    if (value !== "" && Number(value) >= Number(min) && Number(value) <= Number(max)) {
      this.wish({ kind: "control", name: "tempo", value: Number(value) });
    }
    this.tempo.blur();
  }

  /** The next controller that is moved is the one; the line that comes back says which. */
  beginToLearn() {
    if (this.learn.value !== NOTHING) this.wish({ kind: "learn", name: this.learn.value });
    this.learn.value = NOTHING;
    this.learn.blur();
  }

  /** Where all controls stand is kept by the name that was typed; the row that comes back has it. */
  keepPreset() {
    const name = this.preset.value.trim();
    if (name !== "") this.wish({ kind: "keep_preset", name });
    this.preset.value = "";
    this.preset.blur();
  }

  choiceOf({ name, about }) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "mode", value: name });
    input.addEventListener("change", () => {
      input.blur(); // the letters are the piano's again
      this.wish({ kind: "control", name: "mode", value: name });
    });
    label.append(input, ` ${name}: ${about}`);
    const item = document.createElement("li");
    item.append(label);
    return item;
  }

  buttonOf({ name, about }) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: LABELS[name] ?? name, title: about });
    button.dataset.name = name;
    button.addEventListener("click", () => this.wish({ kind: "press", name }));
    return button;
  }
}

function optionOf(name) {
  const textContent = name === FORGET ? "none: forget what was learnt" : name;
  return Object.assign(document.createElement("option"), { value: name, textContent });
}
