import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { createElement: () => ({}) };

const { BrowserMidi } = await import("./midi_in.js");

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
