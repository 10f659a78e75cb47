import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "./commands.js";

/** As much of the document as the panel needs. */
class Element {
  constructor(tag) {
    Object.assign(this, { tag, children: [], dataset: {}, attributes: {}, listeners: {}, textContent: "" });
  }
  append(...parts) {
    this.children.push(...parts);
  }
  replaceChildren(...parts) {
    this.children = parts;
  }
  addEventListener(kind, heard) {
    this.listeners[kind] = heard;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  blur() {}
  get all() {
    return this.children.flatMap((child) => (child instanceof Element ? [child, ...child.all] : []));
  }
  querySelectorAll(tag) {
    return this.all.filter((element) => element.tag === tag);
  }
  querySelector(selector) {
    return this.all.find((element) => selector === `[data-name=${element.dataset.name}]`);
  }
}

globalThis.document = { createElement: (tag) => new Element(tag) };

const BEGIN = {
  modes: [{ name: "call", about: "one" }, { name: "endless", about: "two" }, { name: "together", about: "three" }],
  buttons: ["hand-over", "panic", "again", "freeze", "mute", "next-mode"].map((name) => ({ name, about: "…" })),
  controls: { mode: "call", mute: 0 },
};

function panel() {
  const wishes = [];
  const parts = { word: new Element("b"), modes: new Element("ul"), tempo: Object.assign(new Element("input"), { min: "20", max: "300" }), learn: new Element("select"), preset: new Element("input"), buttons: new Element("p") };
  const commands = new Commands(parts, (wish) => wishes.push(wish));
  commands.begin(BEGIN);
  return { ...parts, commands, wishes };
}

test("there is a choice for each mode, and a button for each command that has no place elsewhere", () => {
  const { modes, buttons, word } = panel();
  assert.deepEqual(modes.querySelectorAll("input").map(({ value }) => value), ["call", "endless", "together"]);
  assert.deepEqual(buttons.children.map(({ dataset }) => dataset.name), ["again", "freeze", "mute"]);
  assert.equal(word.textContent, "call");
});

test("a mode that is chosen and a button that is pressed are wished for, and shown once the server says so", () => {
  const { modes, buttons, word, wishes, commands } = panel();
  modes.querySelectorAll("input")[1].listeners.change();
  buttons.children[2].listeners.click();
  assert.deepEqual(wishes, [{ kind: "control", name: "mode", value: "endless" }, { kind: "press", name: "mute" }]);
  assert.equal(word.textContent, "call");
  commands.show({ mode: "endless", mute: 1 });
  assert.equal(word.textContent, "endless · muted");
  assert.equal(buttons.children[2].attributes["aria-pressed"], "true");
  assert.deepEqual(modes.querySelectorAll("input").map(({ checked }) => checked), [false, true, false]);
});

test("what a controller shall learn is wished for, and chosen anew each time", () => {
  const { learn, wishes, commands } = panel();
  commands.begin({ ...BEGIN, learnable: ["temperature", "freeze"] });
  assert.deepEqual(learn.children.map(({ value }) => value).slice(1), ["temperature", "freeze"]);
  learn.value = "freeze";
  learn.listeners.change();
  assert.equal(learn.value, learn.children[0].value);
  learn.listeners.change();
  assert.deepEqual(wishes, [{ kind: "learn", name: "freeze" }]);
  commands.begin({ ...BEGIN, learnable: ["freeze", "none"] });
  assert.equal(learn.children.at(-1).textContent, "none: forget what was learnt");
  learn.value = "none";
  learn.listeners.change();
  assert.deepEqual(wishes.at(-1), { kind: "learn", name: "none" });
});

test("a preset has a button with its name", () => {
  const { buttons, wishes, commands } = panel();
  commands.begin({ ...BEGIN, presets: ["verse"] });
  const button = buttons.children.at(-1);
  assert.equal(button.textContent, "verse");
  button.listeners.click();
  assert.deepEqual(wishes, [{ kind: "press", name: "verse" }]);
});

test("a name that is typed is wished for as a preset, and has a button once the server says so", () => {
  const { preset, buttons, wishes, commands } = panel();
  for (const typed of ["  ", " solo "]) {
    preset.value = typed;
    preset.listeners.change();
    assert.equal(preset.value, "");
  }
  assert.deepEqual(wishes, [{ kind: "keep_preset", name: "solo" }]);
  commands.turn({ is_frozen: true });
  commands.showPresets(["verse", "solo"]);
  assert.deepEqual(buttons.children.slice(-2).map(({ textContent }) => textContent), ["verse", "solo"]);
  assert.equal(buttons.children[1].attributes["aria-pressed"], "true");
});

test("a tempo that is one is wished for, and any other is not", () => {
  const { tempo, wishes, commands } = panel();
  for (const typed of ["", "10", "999", "96"]) {
    tempo.value = typed;
    tempo.listeners.change();
  }
  assert.deepEqual(wishes, [{ kind: "control", name: "tempo", value: 96 }]);
  commands.show({ tempo: 119.8 });
  assert.equal(tempo.value, "120");
});

test("where both play, or the answer is frozen, a key of the player's ends nothing", () => {
  const { commands, buttons } = panel();
  assert.equal(commands.cutsIn, true);
  commands.turn({ is_frozen: true });
  assert.equal(commands.cutsIn, false);
  assert.equal(buttons.children[1].attributes["aria-pressed"], "true");
  commands.turn({ is_frozen: false });
  commands.show({ mode: "together" });
  assert.equal(commands.cutsIn, false);
});
