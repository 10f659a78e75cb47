import assert from "node:assert/strict";
import { test } from "node:test";
import { Hands } from "./hands.js";

function listenedTo() {
  const calls = [];
  const hands = new Hands({
    struck: (pitch, velocity) => calls.push(["down", pitch, velocity]),
    letGo: (pitch) => calls.push(["up", pitch]),
    pedalMoved: (depth) => calls.push(["pedal", depth]),
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
  hands.tread("foot", true);
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
  hands.tread("one", true);
  hands.tread("two", true);
  hands.tread("one", false);
  assert.deepEqual(calls, [["pedal", 127]]);
  hands.tread("two", false);
  assert.deepEqual(calls.at(-1), ["pedal", 0]);
});

test("velocities stay within 1 and 127, pitches that are none do nothing", () => {
  const [hands, calls] = listenedTo();
  hands.strike("one", 60, 0.2);
  hands.strike("two", 61, 400);
  hands.strike("three", 128, 80);
  assert.deepEqual(calls, [["down", 60, 1], ["down", 61, 127]]);
});
