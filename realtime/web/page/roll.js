/* The roll: notes rise from the keys that play them, the player's in warm light, the model's in cool.

Knows a canvas and a score. Must not know the server; it draws when told to. */

import { HIGHEST_KEY, isBlack, placeOf } from "./key_places.js";

const COLOURS = { player: [255, 176, 92], model: [95, 219, 215] };
const WHITE_HOT = 0.55; // how far the hottest light goes towards white

/** How many seconds fit between the keys and the top: more where there is more room. */
function secondsIn(height) {
  return Math.min(Math.max(height / 64, 5), 10);
}

export class Roll {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.glows = { player: glowOf(COLOURS.player, 0.95), model: glowOf(COLOURS.model, 0.95) };
    this.halos = { player: glowOf(COLOURS.player, 0), model: glowOf(COLOURS.model, 0) };
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)");
    this.width = 0;
    this.height = 0;
  }

  /** Fit the canvas to its place on the page, in the screen's own pixels; true when that changed. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2.5);
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (width === this.canvas.width && height === this.canvas.height) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    this.ratio = ratio;
    this.width = clientWidth;
    this.height = clientHeight;
    return true;
  }

  /** Whether anything of the score would be seen to move at `now`, in seconds of the score. */
  isMoving(score, now) {
    return score.isHeld || now - score.endsAt < secondsIn(this.height);
  }

  draw(score, now) {
    const { pen } = this;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    this.speed = this.height / secondsIn(this.height);
    this.drawOctaves();
    for (const tread of score.treads) this.drawTread(tread, now);
    for (const stroke of score.strokes) this.drawStroke(stroke, now);
    pen.globalCompositeOperation = "lighter";
    for (const stroke of score.strokes) if (stroke.until === null) this.drawGlow(stroke, now);
    pen.globalCompositeOperation = "source-over";
    pen.globalAlpha = 1;
  }

  drawOctaves() {
    const { pen } = this;
    pen.globalAlpha = 1;
    pen.fillStyle = "rgba(255, 240, 220, 0.045)";
    for (let pitch = 24; pitch <= HIGHEST_KEY; pitch += 12) {
      pen.fillRect(Math.round(placeOf(pitch).left * this.width), 0, 1, this.height);
    }
  }

  /** The pedal: a thread at the left edge for as long as it is down. */
  drawTread({ at, until }, now) {
    const [top, bottom] = this.span(at, until, now);
    if (bottom < 0) return;
    this.pen.globalAlpha = 0.34;
    this.pen.fillStyle = colour(COLOURS.player);
    this.pen.fillRect(5, top, 2, Math.max(bottom - top, 1));
  }

  drawStroke(stroke, now) {
    const [top, bottom] = this.span(stroke.at, stroke.until, now);
    if (stroke.tread) this.drawRinging(stroke, bottom, now);
    if (bottom < -2) return;
    const { left, width } = this.lane(stroke.pitch);
    const force = stroke.velocity / 127;
    const height = Math.max(bottom - top, 4);
    const faded = 1 - 0.5 * Math.min(Math.max(1 - bottom / this.height, 0), 1);
    if (!this.isCalm.matches) this.drawHalo(stroke.who, left, top, width, height, faded * force);
    this.pen.globalAlpha = (0.3 + 0.7 * force) * faded;
    const light = this.lightOf(stroke, top, top + height, ((bottom - top) / this.speed) * (0.35 + stroke.pitch / 160));
    this.bar(left, top, width, height, Math.min(width / 2, 6, height / 2), light);
  }

  /** A stroke is brightest where it begins, where the ear puts the note, and fades as a string does. */
  lightOf({ who, velocity }, top, bottom, strings_s) {
    const base = COLOURS[who];
    const light = this.pen.createLinearGradient(0, top, 0, bottom);
    const edge = Math.min(5 / (bottom - top), 0.5);
    light.addColorStop(0, colour(towardsWhite(base, WHITE_HOT)));
    light.addColorStop(edge, colour(towardsWhite(base, 0.3 * (velocity / 127) ** 2)));
    light.addColorStop(1, colour(base, Math.max(Math.exp(-strings_s / 1.6), 0.28)));
    return light;
  }

  drawHalo(who, left, top, width, height, strength) {
    const { pen } = this;
    pen.globalCompositeOperation = "lighter";
    pen.globalAlpha = 0.42 * strength;
    const across = 1.4 * width + 14;
    const along = Math.min(0.3 * height + 16, 60);
    pen.drawImage(this.halos[who], left - across, top - along, width + 2 * across, height + 2 * along);
    pen.globalCompositeOperation = "source-over";
  }

  /** What the pedal holds after the key has come up: a faint thread. */
  drawRinging({ pitch, who, until, tread }, from, now) {
    const bottom = this.span(until, tread.until, now)[1];
    if (bottom < 0 || until === null) return;
    const { left, width } = this.lane(pitch);
    this.pen.globalAlpha = 0.3;
    this.bar(left + width / 2 - 1, from, 2, Math.max(bottom - from, 0), 1, colour(COLOURS[who]));
  }

  drawGlow({ who, pitch, velocity, at }, now) {
    const { left, width } = this.lane(pitch);
    const force = velocity / 127;
    const flash = this.isCalm.matches ? 0 : Math.exp(-(now - at) / 0.18);
    const size = (this.width < 600 ? 46 : 74) * (0.65 + 0.5 * force + 0.55 * flash);
    this.pen.globalAlpha = Math.min(0.42 + 0.3 * force + 0.3 * flash, 1);
    this.pen.drawImage(this.glows[who], left + width / 2 - size, this.height - size, 2 * size, 2 * size);
    this.pen.globalAlpha = 0.3 * (0.4 + force) * (0.5 + 0.5 * flash);
    const tall = 2.6 * size;
    this.pen.drawImage(this.glows[who], left + width / 2 - 0.32 * size, this.height - tall, 0.64 * size, 2 * tall);
  }

  /** Top and bottom of something that began and ended, in pixels. */
  span(at, until, now) {
    const bottom = until === null ? this.height + 8 : this.height - (now - until) * this.speed;
    return [this.height - (now - at) * this.speed, bottom];
  }

  lane(pitch) {
    const { left, width } = placeOf(pitch);
    const key = width * this.width;
    const wide = Math.max(isBlack(pitch) ? key : 0.66 * key, 4);
    return { left: left * this.width + (key - wide) / 2, width: wide };
  }

  bar(left, top, width, height, round, fill) {
    this.pen.fillStyle = fill;
    this.pen.beginPath();
    this.pen.roundRect(left, top, width, height, round);
    this.pen.fill();
  }
}

function colour([red, green, blue], alpha = 1) {
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function towardsWhite(base, share) {
  return base.map((part) => Math.round(part + (255 - part) * share));
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
