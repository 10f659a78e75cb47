import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Playback } from "./playback.js";

class Piano {
  constructor() {
    this.context = { currentTime: 10 };
    this.said = [];
  }

  strike(id, pitch, velocity, when) {
    this.said.push(["strike", id, pitch, velocity, Number(when.toFixed(3))]);
  }

  release(id, when) {
    this.said.push(["release", id, Number(when.toFixed(3))]);
  }

  pedal(who, lift, when) {
    this.said.push(["pedal", who, lift, ...(when === undefined ? [] : [Number(when.toFixed(3))])]);
  }

  soften(who, isSoft) {
    this.said.push(["soften", who, isSoft]);
  }

  silence(who) {
    this.said.push(["silence", who]);
  }
}

const TAKE = {
  seconds: 2,
  rows: [
    { kind: "note", at: 0, who: "player", pitch: 60, velocity: 70, source: 0 },
    { kind: "pedal", at: 0.5, depth: 127, source: 0 },
    { kind: "note", at: 0.6, who: "player", pitch: 60, velocity: 0, source: 0 },
    { kind: "note", at: 1.5, who: "model", pitch: 67, velocity: 50, source: 0 },
    { kind: "note", at: 2, who: "model", pitch: 67, velocity: 0, source: 0 },
  ],
};

/** Let so many seconds pass, for the piano's clock and the timers. */
function pass(piano, seconds) {
  for (let step = 0; step < seconds * 40; step++) {
    piano.context.currentTime += 0.025;
    mock.timers.tick(25);
  }
}

function begun(from = 0) {
  mock.timers.enable({ apis: ["setInterval"] });
  const piano = new Piano();
  const playback = new Playback(() => {});
  playback.begin("a take", TAKE, piano, from);
  return { piano, playback };
}

test("each row is sounded at its moment on the audio clock, and drawn when it is due", () => {
  const { piano, playback } = begun();
  pass(piano, 1.8);
  const strikes = piano.said.filter(([what]) => what === "strike");
  assert.deepEqual(strikes, [
    ["strike", "take:60", 60, 70, 10.15],
    ["strike", "take model:67", 67, 50, 11.65],
  ]);
  assert.deepEqual(playback.score.strokes.map(({ who, pitch }) => [who, pitch]), [["player", 60], ["model", 67]]);
  assert.ok(playback.isPlaying);
  mock.timers.reset();
});

test("the pedal moves at its moment on the audio clock, as the keys do, and in their order", () => {
  const { piano } = begun();
  pass(piano, 0.8);
  assert.deepEqual(piano.said.filter(([what]) => what !== "silence"), [
    ["strike", "take:60", 60, 70, 10.15],
    ["pedal", "take", 1, 10.65],
    ["release", "take:60", 10.75],
  ]);
  mock.timers.reset();
});

test("it ends by itself after its last note has rung, and leaves nothing sounding", () => {
  const { piano, playback } = begun();
  pass(piano, 4);
  assert.ok(!playback.isPlaying);
  assert.deepEqual(piano.said.slice(-2), [["silence", "take"], ["silence", "take model"]]);
  mock.timers.reset();
});

test("it can stand still at a place: what was drawn stays, nothing sounds or is held, and no time passes", () => {
  const { piano, playback } = begun();
  pass(piano, 0.4 + 0.15);
  const place = playback.hold();
  assert.ok(Math.abs(place - 0.4) < 0.03, String(place));
  assert.ok(playback.isHeld && !playback.isPlaying);
  assert.deepEqual(piano.said.slice(-2), [["silence", "take"], ["silence", "take model"]]);
  pass(piano, 3);
  assert.equal(playback.now(), place);
  assert.deepEqual(playback.score.strokes.map(({ until }) => until), [place]);
  playback.stop();
  assert.ok(!playback.isHeld);
  mock.timers.reset();
});

test("half a pedal and the left one are as they were, also from a later place", () => {
  const rows = [
    { kind: "pedal", at: 0, depth: 44, source: 0 },
    { kind: "message", at: 0, bytes: "b0437f", source: 0 },
    { kind: "message", at: 0.2, bytes: "b04600", source: 0 },
    { kind: "note", at: 0.5, who: "player", pitch: 60, velocity: 70, source: 0 },
  ];
  mock.timers.enable({ apis: ["setInterval"] });
  for (const from of [0, 0.4]) {
    const piano = new Piano();
    const playback = new Playback(() => {});
    playback.begin("a take", { seconds: 1, rows }, piano, from);
    pass(piano, 0.8);
    const said = piano.said.filter(([what]) => what !== "silence").map((words) => words.slice(0, 3));
    assert.deepEqual(said, [["pedal", "take", 0.5], ["soften", "take", true], ["strike", "take:60", 60]]);
    playback.stop();
  }
  mock.timers.reset();
});

test("from a later place, what came before is drawn and not struck, and the pedal is down as it was", () => {
  const { piano, playback } = begun(1);
  assert.deepEqual(playback.score.strokes.map(({ pitch }) => pitch), [60]);
  assert.deepEqual(piano.said.filter(([what]) => what === "pedal"), [["pedal", "take", 1]]);
  pass(piano, 1);
  assert.deepEqual(piano.said.filter(([what]) => what === "strike").map(([, id]) => id), ["take model:67"]);
  mock.timers.reset();
});

test("stopped in the middle, it strikes nothing more", () => {
  const { piano, playback } = begun();
  pass(piano, 0.5);
  playback.stop();
  const said = piano.said.length;
  pass(piano, 3);
  assert.equal(piano.said.length, said);
  assert.equal(playback.score, undefined);
  mock.timers.reset();
});
