import assert from "node:assert/strict";
import { test } from "node:test";

const { TakeDesk } = await import("./desk.js");

function element() {
  return {
    listeners: {}, addEventListener() {}, replaceChildren() {}, append() {}, setAttribute() {}, dataset: {}, style: { setProperty() {} },
    querySelector: () => undefined, querySelectorAll: () => [],
  };
}

globalThis.document = { createElement: element };
globalThis.location = { href: "http://127.0.0.1/word/" };
globalThis.MediaStreamAudioDestinationNode = class {};
globalThis.MediaRecorder = class {
  static isTypeSupported = () => true;
  state = "recording";
  start() {}
  stop() {
    this.state = "inactive";
    this.onstop();
  }
};
const PIANO = {
  context: { currentTime: 0 }, ending: { connect() {}, disconnect() {} }, silence() {}, pedal() {}, strike() {}, release() {}, soften() {},
};

function desk() {
  const said = [];
  const notice = { ...element(), querySelector: element };
  const parts = { list: { ...element(), querySelector: () => null }, count: element(), button: element(), notice };
  const sound = { unlock: async () => {}, piano: PIANO };
  return { desk: new TakeDesk(parts, { wish() {}, sound, said: (words) => said.push(words), moved() {} }), said };
}

function gives(take) {
  globalThis.fetch = async () => ({ ok: true, json: async () => take });
}

test("a recording that a key breaks off is said to be lost", async () => {
  gives({ seconds: 9, rows: [], starred: [] });
  const { desk: made, said } = desk();
  await made.record("evening.mid");
  made.interrupted();
  assert.deepEqual(said, ["the recording of evening was broken off: it is not kept"]);
  await made.play("evening.mid");
  made.interrupted();
  assert.equal(said.length, 1); // what was only heard is not lost
});
