import assert from "node:assert/strict";
import { test } from "node:test";

// A page that draws nothing and counts what it is asked to draw.
const drawn = { gradients: 0, images: 0, strips: 0 };

function pen() {
  const counting = {
    createLinearGradient: () => (drawn.gradients++, { addColorStop() {} }),
    createRadialGradient: () => ({ addColorStop() {} }),
    drawImage: () => drawn.images++,
  };
  return new Proxy(counting, { get: (own, name) => own[name] ?? (() => {}), set: () => true });
}

function canvas(clientWidth = 0, clientHeight = 0) {
  return { clientWidth, clientHeight, getContext: pen };
}

globalThis.matchMedia = () => ({ matches: false, addEventListener() {} });
globalThis.getComputedStyle = () => ({ color: "black" });
globalThis.document = {
  createElement: (name) => (name === "canvas" ? (drawn.strips++, canvas()) : { style: {}, remove() {} }),
  body: { append() {} },
};

const { Roll } = await import("./roll.js");
const { Score } = await import("./score.js");
const NOTES = 200;

function played(until = NOTES) {
  const score = new Score();
  for (let number = 0; number < until; number++) {
    const at = 100_000 + number * 0.04;
    score.note({ who: "player", pitch: 40 + (number % 40), velocity: 80, source: 1, at });
    score.note({ who: "player", pitch: 40 + (number % 40), velocity: 0, source: 1, at: at + 0.03 });
  }
  return score;
}

function gradientsOf(draw) {
  const before = drawn.gradients;
  draw();
  return drawn.gradients - before;
}

const NOW = 100_000 + NOTES * 0.04;

test("a note that has ended is drawn once, and then only moved", () => {
  const [roll, score] = [new Roll(canvas(1400, 560)), played()];
  roll.resize();
  const first = gradientsOf(() => roll.draw(score, NOW));
  assert.ok(first >= NOTES, `${first} of ${NOTES}`);
  assert.equal(gradientsOf(() => [0.1, 0.2, 0.3].forEach((later) => roll.draw(score, NOW + later))), 0);
});

test("a note that is held is drawn in each frame", () => {
  const [roll, score] = [new Roll(canvas(1400, 560)), played()];
  roll.resize();
  roll.draw(score, NOW);
  score.note({ who: "model", pitch: 60, velocity: 80, at: NOW });
  assert.equal(gradientsOf(() => [0.1, 0.2, 0.3].forEach((later) => roll.draw(score, NOW + later))), 3);
});

test("all is drawn again after a change of size, and when the score was forgotten", () => {
  const [place, score] = [canvas(1400, 560), played()];
  const roll = new Roll(place);
  roll.resize();
  roll.draw(score, NOW);
  place.clientWidth = 900;
  roll.resize();
  assert.ok(gradientsOf(() => roll.draw(score, NOW)) >= NOTES);
  score.clear();
  assert.equal(gradientsOf(() => roll.draw(score, NOW)), 0);
});

test("a long evening takes no more strips than are in sight", () => {
  const [roll, score] = [new Roll(canvas(1400, 560)), new Score()];
  roll.resize();
  const before = drawn.strips;
  for (let now = 0; now < 3600; now += 0.5) {
    score.note({ who: "player", pitch: 60, velocity: 80, source: 1, at: now });
    score.note({ who: "player", pitch: 60, velocity: 0, source: 1, at: now + 0.4 });
    score.forget(now + 0.5);
    roll.draw(score, now + 0.5);
  }
  assert.ok(drawn.strips - before <= 4, `${drawn.strips - before} strips`);
});
