import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { Partner, silenceNeeded } from "./partner.js";

/** Draws what it is given, then middle C every second; of keys that may only go up, one that sounds. */
class Scripted {
  constructor(drawn) {
    Object.assign(this, { begin: [0, 176, 0], drawn: [...drawn], read: [], asked: [], sounding: new Set() });
  }

  silent() {
    return "silent";
  }

  async feed(event) {
    this.read.push(event);
    return "fed";
  }

  async step(event, state, controls) {
    this.asked.push({ event, ...controls });
    const mayStrike = controls.mask[0] > 0;
    const next = mayStrike ? (this.drawn.shift() ?? [100, 39, 16]) : [10, 88 + [...this.sounding][0], 0];
    if (next[1] < 88) this.sounding.add(next[1]);
    else this.sounding.delete(next[1] - 88);
    return { event: next, cells: Math.max(next[0], controls.passed), after: "after" };
  }
}

const BEGIN = { kind: "begin", controls: { temperature: 1, length: 1 }, daring_step: 0.2 };
let now;

afterEach(() => mock.timers.reset());

function begun(drawn = [[20, 39, 16], [50, 88 + 39, 0], [10, 43, 16]]) {
  mock.timers.enable({ apis: ["setTimeout"] });
  now = 100;
  const rows = [];
  const model = new Scripted(drawn);
  const partner = new Partner(model, BEGIN, (row) => rows.push(row), () => now);
  return { partner, model, rows, turns: () => rows.filter(({ kind }) => kind === "turn").map(({ phase }) => phase) };
}

/** Let so many seconds pass, in steps of 10 ms, and all promises be kept. */
async function pass(seconds) {
  for (let step = 0; step < Math.round(seconds * 100); step++) {
    now += 0.01;
    mock.timers.tick(10);
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  }
}

async function phrase(partner, pitches = [60, 62, 64, 65]) {
  for (const pitch of pitches) {
    partner.wished({ kind: "key", pitch, velocity: 80 });
    await pass(0.2);
    partner.wished({ kind: "key", pitch, velocity: 0 });
    await pass(0.05);
  }
}

test("a silence follows from the gaps between onsets, within its bounds", () => {
  assert.equal(silenceNeeded([0.3]), 0.7);
  assert.ok(Math.abs(silenceNeeded([0.25, 0.25, 0.3]) - 0.53) < 1e-9);
  assert.equal(silenceNeeded([0.05, 0.05]), 0.35);
  assert.equal(silenceNeeded([3, 3, 3]), 1.2);
});

test("a phrase is heard as it is played, answered after a rest, and the turn comes back", async () => {
  const { partner, model, rows, turns } = begun();
  await phrase(partner);
  assert.deepEqual(turns(), ["calling"]);
  assert.deepEqual(model.read[0], [0, 176, 0]);
  assert.equal(model.read.length, 8); // the last event is read with the first draw
  await pass(5);
  assert.deepEqual(turns(), ["calling", "asking", "answering", "waiting"]);
  const heard = rows.filter(({ kind, who }) => kind === "note" && who === "model");
  const played = heard.map(({ pitch, velocity }) => `${pitch} ${velocity > 0 ? "down" : "up"}`);
  assert.deepEqual(played.slice(0, 3), ["60 down", "60 up", "64 down"]);
  for (const pitch of [60, 64]) assert.equal(played.filter((what) => what.startsWith(`${pitch} `)).at(-1), `${pitch} up`);
  assert.ok(heard.at(-1).at - heard[0].at < 2.5);
  assert.equal(model.asked[0].event[1], 88 + 65 - 21);
  assert.ok(model.asked[0].passed >= 40);
});

test("a key cuts in: what sounds ends before the key is passed on, and nothing more of it comes", async () => {
  const { partner, rows, turns } = begun([[1, 39, 16], [100, 41, 16]]);
  await phrase(partner);
  await pass(0.8);
  assert.equal(turns().at(-1), "answering");
  const before = rows.length;
  partner.wished({ kind: "key", pitch: 48, velocity: 90 });
  const [ended, turned, struck] = rows.slice(before);
  assert.deepEqual([ended.who, ended.velocity, turned.reason, struck.pitch], ["model", 0, "the player cuts in", 48]);
  const known = rows.length;
  await pass(2); // the key is held
  assert.ok(!rows.slice(known).some(({ who }) => who === "model"));
});

test("handed over by hand it answers at once, and asked again it answers the same phrase", async () => {
  const { partner, model, turns } = begun();
  partner.wished({ kind: "hand_over" });
  assert.deepEqual(turns(), []); // there is no phrase yet
  partner.wished({ kind: "key", pitch: 60, velocity: 80 });
  await pass(0.1);
  partner.wished({ kind: "hand_over" });
  await pass(4);
  assert.deepEqual(turns(), ["calling", "asking", "answering", "waiting"]);
  const read = model.read.length;
  partner.wished({ kind: "press", name: "again" });
  await pass(4);
  assert.deepEqual(turns().slice(4), ["asking", "answering", "waiting"]);
  assert.equal(model.read.length, read);
});

test("a pedal holds the phrase open, silence ends all, and a knob is turned", async () => {
  const { partner, rows, turns } = begun();
  partner.wished({ kind: "pedal", depth: 127 });
  partner.wished({ kind: "key", pitch: 60, velocity: 80 });
  partner.wished({ kind: "pedal", depth: 127 });
  partner.wished({ kind: "key", pitch: 60, velocity: 0 });
  await pass(3);
  assert.deepEqual(turns(), ["calling"]);
  partner.wished({ kind: "pedal", depth: 0 });
  await pass(1);
  assert.equal(turns()[1], "asking");
  partner.wished({ kind: "panic" });
  assert.equal(turns().at(-1), "waiting");
  partner.wished({ kind: "control", name: "temperature", value: 0.5 });
  partner.wished({ kind: "press", name: "bolder" });
  assert.equal(rows.at(-1).controls.temperature, 0.7);
  partner.wished({ kind: "new_take" }); // what it doesn't know changes nothing
});

test("a model that fails is a line, and the turn comes back", async () => {
  const { partner, model, rows, turns } = begun();
  model.feed = async () => {
    throw new Error("out of memory");
  };
  await phrase(partner);
  await pass(2);
  assert.equal(turns().at(-1), "waiting");
  assert.equal(rows.at(-1).reason, "no answer: out of memory");
});

test("calmer and bolder go by the step of the instrument, and no further than its ends", () => {
  const { partner } = begun();
  partner.wished({ kind: "press", name: "bolder" });
  assert.equal(partner.controls.temperature, 1.2);
  for (let press = 0; press < 12; press++) partner.wished({ kind: "press", name: "calmer" });
  assert.equal(partner.controls.temperature, 0);
});
