import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { createElement: () => ({}) };

const { BrowserMidi } = await import("./midi_in.js");
const { Hands } = await import("./hands.js");

/** What is said of keyboards, in a browser that lends some or none, served or not. */
function said({ lends, isSecure = true, isAlone }) {
  Object.defineProperty(globalThis, "navigator", { value: lends ? { requestMIDIAccess() {} } : {}, configurable: true });
  globalThis.isSecureContext = isSecure;
  const word = {};
  new BrowserMidi({}, { list: { replaceChildren() {} }, word, toggle: { addEventListener() {} }, isAlone });
  return word.textContent;
}

test("where no server is, nothing is said of what a server could do", () => {
  for (const [lends, isSecure] of [[true, true], [false, true], [false, false]]) {
    assert.doesNotMatch(said({ lends, isSecure, isAlone: true }), /--|Antiphon/);
    assert.match(said({ lends, isSecure, isAlone: false }), /--|Antiphon/);
  }
  assert.equal(said({ lends: true, isAlone: true }), "Switch this on to play a MIDI keyboard.");
});

test("while the browser asks the person that is said, and who switches it off meanwhile is not listened to", async () => {
  let allow;
  const asking = new Promise((resolve) => (allow = resolve));
  Object.defineProperty(globalThis, "navigator", { value: { requestMIDIAccess: () => asking }, configurable: true });
  globalThis.isSecureContext = true;
  const word = {};
  const toggle = { addEventListener() {} };
  const midi = new BrowserMidi({ holding: [], letGoAll() {} }, { list: { replaceChildren() {} }, word, toggle });
  const opened = midi.choose(true);
  assert.match(word.textContent, /asks/);
  await midi.choose(false);
  assert.doesNotMatch(word.textContent, /asks/);
  allow({ inputs: new Map() });
  await opened;
  assert.equal(toggle.checked, false);
});

test("both pedals go as deep as the keyboard says, and a keyboard that is gone lifts them", () => {
  const moved = [];
  const hands = new Hands({ struck() {}, letGo() {}, pedalMoved: (depth) => moved.push(depth), leftPedalMoved: (depth) => moved.push(-depth) });
  globalThis.isSecureContext = true;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const midi = new BrowserMidi(hands, { list: { replaceChildren() {} }, word: {}, toggle: { addEventListener() {} } });
  for (const [number, place] of [[64, 40], [64, 90], [67, 50], [67, 127]]) midi.heard({ id: "a" }, [0xb0, number, place]);
  midi.leave({ id: "a" });
  assert.deepEqual(moved, [40, 90, -50, -127, 0, -0]);
});
