/* The roll: notes rise from the keys that play them, the player's in warm light, the model's in cool.

What has ended is drawn once and then moves as a whole, so that a frame costs by the keys that are held, not by the notes in view.
Knows a canvas and a score. Must not know the server; it draws when asked to. */

import { Brush } from "./brush.js";
import { HIGHEST_KEY, isBlack, placeOf } from "../keys/key_places.js";
import { Strips } from "./strips.js";

const BODY = 1; // of a stroke, laid down when its key came up
const ALL = 2; // with what the pedal held after it

/** How many seconds fit between the keys and the top: more where there is more room. */
function secondsIn(height) {
  return Math.min(Math.max(height / 64, 5), 10);
}

export class Roll {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.brush = new Brush();
    this.strips = new Strips();
    this.laid = new WeakMap(); // stroke -> how much of it lies on the strips
    this.width = 0;
    this.height = 0;
  }

  get isCalm() {
    return this.brush.isCalm;
  }

  /** Fit the canvas to its place on the page, in the screen's own pixels; true when that changed. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2.5);
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (width === this.canvas.width && height === this.canvas.height && ratio === this.ratio) return false;
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
    const { pen, ratio } = this;
    this.speed = this.height / secondsIn(this.height);
    // Moved by whole pixels of the screen, so that the strips stay sharp and nothing shifts when a note is laid on them.
    const bottom = Math.round(now * this.speed * ratio);
    this.now = bottom / (this.speed * ratio);
    const top = bottom - this.canvas.height;
    this.keepStrips(score, top);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const [held, ringing] = this.layEnded(score.strokes, top);
    pen.globalAlpha = 1;
    this.strips.show(pen, top, this.canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawOctaves();
    for (const { at, until } of score.treads) this.drawTread(at, until);
    for (const stroke of ringing) this.drawRinging(pen, stroke, this.y(this.now));
    for (const stroke of held) this.drawHeld(stroke);
    for (const stroke of held) this.drawGlow(stroke);
    pen.globalAlpha = 1;
  }

  /** The strips begin anew when what lies on them is no longer the score, or no longer looks as it should. */
  keepStrips(score, top) {
    const kept = `${this.canvas.width} ${this.canvas.height} ${this.ratio} ${this.brush.manner} ${score.generation}`;
    if (kept !== this.kept || score !== this.shown) {
      this.kept = kept;
      this.shown = score;
      this.strips.clear(this.canvas.width);
      this.laid = new WeakMap();
    }
    this.strips.forgetBefore(top);
  }

  /** Strokes that have ended go to the strips; those that are held, and those that only the pedal holds, are given back. */
  layEnded(strokes, top) {
    const [held, ringing] = [[], []];
    for (const stroke of strokes) {
      const laid = this.laid.get(stroke);
      if (laid === ALL) continue;
      if (stroke.until === null) held.push(stroke);
      else {
        if (laid === undefined) this.layBody(stroke, top);
        if (!stroke.tread) this.laid.set(stroke, ALL);
        else if (stroke.tread.until === null) ringing.push(stroke);
        else this.layRinging(stroke, top);
      }
    }
    return [held, ringing];
  }

  layBody(stroke, top) {
    this.laid.set(stroke, BODY);
    this.lay(stroke.at, stroke.until, top, (pen) => this.drawStroke(pen, stroke, this.y(stroke.until)));
  }

  layRinging(stroke, top) {
    this.laid.set(stroke, ALL);
    this.lay(stroke.until, stroke.tread.until, top, (pen) => this.drawRinging(pen, stroke, this.y(stroke.tread.until)));
  }

  /** Draw what sounded from `at` to `until` on the strips, unless it is out of sight. */
  lay(at, until, top, draw) {
    const pixels = this.speed * this.ratio;
    const around = this.brush.around * this.ratio;
    if (until * pixels + around < top) return;
    this.strips.lay(at * pixels - around, until * pixels + around + 4 * this.ratio, (pen, place) => {
      // `y` counts from the top of the canvas: a strip's pen stands as much lower as the strip lies above.
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, top - place);
      draw(pen);
    });
  }

  /** Where a moment lies on the canvas, in CSS pixels from its top. */
  y(at) {
    return this.height - (this.now - at) * this.speed;
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
  drawTread(at, until) {
    const bottom = until === null ? this.height + 8 : this.y(until);
    if (bottom >= 0) this.brush.thread(this.pen, { who: "player" }, 5, this.y(at), bottom, 0.34);
  }

  drawStroke(pen, stroke, bottom) {
    const top = this.y(stroke.at);
    const strings_s = ((bottom - top) / this.speed) * (0.35 + stroke.pitch / 160);
    this.brush.stroke(pen, stroke, this.lane(stroke.pitch), top, bottom, strings_s);
  }

  drawHeld(stroke) {
    this.drawStroke(this.pen, stroke, this.height + 8);
  }

  /** What the pedal holds after the key has come up: a faint thread. */
  drawRinging(pen, { pitch, who, hand, until }, bottom) {
    const { left, width } = this.lane(pitch);
    this.brush.thread(pen, { who, hand }, left + width / 2 - 1, this.y(until), bottom, 0.3);
  }

  drawGlow(stroke) {
    const { left, width } = this.lane(stroke.pitch);
    this.brush.glow(this.pen, stroke, left + width / 2, this.height, this.width, this.now - stroke.at);
  }

  lane(pitch) {
    const { left, width } = placeOf(pitch);
    const key = width * this.width;
    const wide = Math.max(isBlack(pitch) ? key : 0.66 * key, 4);
    return { left: left * this.width + (key - wide) / 2, width: wide };
  }
}
