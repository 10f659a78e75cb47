/* How notes look: strokes of light with a halo, the player's as bars, the model's as stems with a head; threads under the pedal,
a glow at the keys. Or, where colours are forced upon the page, plain shapes.

Knows pens, colours and places in CSS pixels. Must not know time or the score. */

import { stem } from "./stem.js";
import { HAND_COLOURS, placeOfHand } from "../keys/hand_colours.js";

const COLOURS = { model: [95, 219, 215], ...Object.fromEntries(HAND_COLOURS.map((ink, place) => [`hand ${place}`, ink])) };
const WHITE_HOT = 0.55; // how far the hottest light goes towards white
const MOST_AROUND = 60; // pixels of halo above and below a stroke
const HEAD_AROUND = 24; // without a halo: the head of a note that is shorter than it

/** The name of a colour. */
function lightName(who, hand) {
  return who === "model" ? who : `hand ${placeOfHand(hand)}`;
}

export class Brush {
  constructor() {
    this.glows = discsOf(0.95);
    this.halos = discsOf(0);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.forced = matchMedia("(forced-colors: active)");
    for (const choice of [this.forced, matchMedia("(prefers-color-scheme: dark)")]) {
      choice.addEventListener("change", () => (this.inks = systemInks()));
    }
    this.inks = systemInks();
  }

  get isCalm() {
    return this.calm.matches;
  }

  /** Whether the person has chosen the colours of every page. */
  get isForced() {
    return this.forced.matches;
  }

  /** Changes when all that was drawn no longer looks right. */
  get manner() {
    return `${this.calm.matches} ${this.forced.matches} ${this.inks.join(" ")}`;
  }

  /** How far beyond a stroke its light reaches, up and down. */
  get around() {
    return this.isCalm || this.forced.matches ? HEAD_AROUND : MOST_AROUND;
  }

  /** A note that began at `top` and ended at `bottom`; `strings_s` is how long its strings have sounded, as the light fades. */
  stroke(pen, { who, velocity, hand }, { left, width }, top, bottom, strings_s) {
    const height = Math.max(bottom - top, 4);
    const round = Math.min(width / 2, 6, height / 2);
    if (this.forced.matches) return this.plainStroke(pen, who, left, top, width, height, round);
    const force = velocity / 127;
    const name = lightName(who, hand);
    if (!this.isCalm) this.halo(pen, name, left, top, width, height, force);
    pen.globalAlpha = 0.3 + 0.7 * force;
    const light = lightOf(pen, COLOURS[name], force, top, top + height, strings_s);
    if (who === "player") return bar(pen, left, top, width, height, round, light);
    pen.fillStyle = light;
    stem(pen, { left, width }, top, top + height, top);
    return pen.fill();
  }

  /** The player's full, the model's hollow: colours alone may not tell them apart. */
  plainStroke(pen, who, left, top, width, height, round) {
    const [marked, text] = this.inks;
    pen.globalAlpha = 1;
    if (who === "player") return bar(pen, left, top, width, height, round, marked);
    pen.strokeStyle = text;
    pen.lineWidth = 2;
    stem(pen, { left: left + 1, width: Math.max(width - 2, 1) }, top + 1, top + height - 1, top + 1);
    return pen.stroke();
  }

  halo(pen, name, left, top, width, height, force) {
    pen.globalCompositeOperation = "lighter";
    pen.globalAlpha = 0.42 * force;
    const across = 1.4 * width + 14;
    const along = Math.min(0.3 * height + 16, MOST_AROUND);
    pen.drawImage(this.halos[name], left - across, top - along, width + 2 * across, height + 2 * along);
    pen.globalCompositeOperation = "source-over";
  }

  /** A faint thread: what the pedal holds after the key has come up, and the pedal itself. */
  thread(pen, { who, hand }, left, top, bottom, strength) {
    pen.globalAlpha = this.forced.matches ? 1 : strength;
    pen.fillStyle = this.forced.matches ? this.inks[1] : colour(COLOURS[lightName(who, hand)]);
    pen.fillRect(left, top, 2, Math.max(bottom - top, 1));
  }

  /** Light at the keys, around `middle`, from a key that was struck `age_s` ago; `room` is how wide the whole is. */
  glow(pen, { who, velocity, hand }, middle, floor, room, age_s) {
    if (this.forced.matches) return;
    const force = velocity / 127;
    const flash = this.isCalm ? 0 : Math.exp(-age_s / 0.18);
    const size = (room < 600 ? 46 : 74) * (0.65 + 0.5 * force + 0.55 * flash);
    pen.globalCompositeOperation = "lighter";
    pen.globalAlpha = Math.min(0.42 + 0.3 * force + 0.3 * flash, 1);
    pen.drawImage(this.glows[lightName(who, hand)], middle - size, floor - size, 2 * size, 2 * size);
    pen.globalAlpha = 0.3 * (0.4 + force) * (0.5 + 0.5 * flash);
    const tall = 2.6 * size;
    pen.drawImage(this.glows[lightName(who, hand)], middle - 0.32 * size, floor - tall, 0.64 * size, 2 * tall);
    pen.globalCompositeOperation = "source-over";
  }
}

/** A stroke is brightest where it begins, where the ear puts the note, and fades as a string does. */
function lightOf(pen, base, force, top, bottom, strings_s) {
  const light = pen.createLinearGradient(0, top, 0, bottom);
  const edge = Math.min(5 / (bottom - top), 0.5);
  light.addColorStop(0, colour(towardsWhite(base, WHITE_HOT)));
  light.addColorStop(edge, colour(towardsWhite(base, 0.3 * force ** 2)));
  light.addColorStop(1, colour(base, Math.max(Math.exp(-strings_s / 1.6), 0.28)));
  return light;
}

function bar(pen, left, top, width, height, round, fill) {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.roundRect(left, top, width, height, round);
  pen.fill();
}

function colour([red, green, blue], alpha = 1) {
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function towardsWhite(base, share) {
  return base.map((part) => Math.round(part + (255 - part) * share));
}

/** The colours that the person's system gives to what is marked, and to text. */
function systemInks() {
  return ["Highlight", "CanvasText"].map(systemColour);
}

function systemColour(name) {
  const probe = document.createElement("i");
  probe.style.cssText = `display: none; forced-color-adjust: none; color: ${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** A disc of light of each colour. */
function discsOf(heart) {
  return Object.fromEntries(Object.entries(COLOURS).map(([name, base]) => [name, glowOf(base, heart)]));
}

/** A disc of light, drawn once and laid down many times; `heart` is how bright its white middle is. */
function glowOf(base, heart) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  const pen = canvas.getContext("2d");
  const light = pen.createRadialGradient(64, 64, 0, 64, 64, 64);
  if (heart > 0) light.addColorStop(0, colour(towardsWhite(base, 0.7), heart));
  light.addColorStop(heart > 0 ? 0.12 : 0, colour(towardsWhite(base, 0.25), 0.55));
  light.addColorStop(0.4, colour(base, heart > 0 ? 0.14 : 0.24));
  light.addColorStop(1, colour(base, 0));
  pen.fillStyle = light;
  pen.fillRect(0, 0, 128, 128);
  return canvas;
}
