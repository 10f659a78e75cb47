import assert from "node:assert/strict";
import { test } from "node:test";
import { Hands } from "./hands.js";

function listenedTo() {
  const calls = [];
  const hands = new Hands({
    struck: (pitch, velocity) => calls.push(["down", pitch, velocity]),
    letGo: (pitch) => calls.push(["up", pitch]),
    pedalMoved: (depth) => calls.push(["pedal", depth]),
    leftPedalMoved: (depth) => calls.push(["left pedal", depth]),
  });
  return [hands, calls];
}

test("a key struck by another finger is not cut by the first one leaving", () => {
  const [hands, calls] = listenedTo();
  hands.strike("one", 60, 80);
  hands.strike("two", 60, 90);
  hands.letGo("one");
  assert.deepEqual(calls, [["down", 60, 80], ["up", 60], ["down", 60, 90]]);
  hands.letGo("two");
  assert.deepEqual(calls.at(-1), ["up", 60]);
});

test("a finger that slides lets go of the key before", () => {
  const [hands, calls] = listenedTo();
  hands.strike("one", 60, 80);
  hands.strike("one", 62, 80);
  assert.deepEqual(calls, [["down", 60, 80], ["up", 60], ["down", 62, 80]]);
});

test("letting everything go leaves nothing held, the pedal neither", () => {
  const [hands, calls] = listenedTo();
  hands.strike("one", 60, 80);
  hands.strike("two", 64, 80);
  hands.tread("foot", 127);
  calls.length = 0;
  hands.letGoAll();
  assert.deepEqual(calls, [["up", 60], ["up", 64], ["pedal", 0]]);
  hands.letGoAll();
  assert.equal(calls.length, 3);
});

test("a keyboard that goes away lets go only what is its own", () => {
  const [hands, calls] = listenedTo();
  hands.strike("midi a | 1", 60, 80);
  hands.strike("key KeyQ", 64, 80);
  calls.length = 0;
  hands.letGoAll("midi a | ");
  assert.deepEqual(calls, [["up", 60]]);
});

test("the pedal is up when the last foot has left it", () => {
  const [hands, calls] = listenedTo();
  hands.tread("one", 127);
  hands.tread("two", 127);
  hands.tread("one", 0);
  assert.deepEqual(calls, [["pedal", 127]]);
  hands.tread("two", 0);
  assert.deepEqual(calls.at(-1), ["pedal", 0]);
});

test("half a pedal is half a pedal, and of two feet the deeper one counts", () => {
  const [hands, calls] = listenedTo();
  for (const [foot, depth] of [["one", 30], ["one", 44], ["two", 20], ["one", 10], ["one", 0], ["two", 0]]) hands.tread(foot, depth);
  assert.deepEqual(calls.map(([, depth]) => depth), [30, 44, 20, 0]);
  hands.soften("midi a | 0", 100);
  hands.letGoAll("midi a | ");
  assert.deepEqual(calls.slice(-2), [["left pedal", 100], ["left pedal", 0]]);
});

test("velocities stay within 1 and 127, pitches that are none do nothing", () => {
  const [hands, calls] = listenedTo();
  hands.strike("one", 60, 0.2);
  hands.strike("two", 61, 400);
  hands.strike("three", 128, 80);
  assert.deepEqual(calls, [["down", 60, 1], ["down", 61, 127]]);
});
