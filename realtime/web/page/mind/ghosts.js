/* How what is to come looks: outlines above the keys that it would take, head down, solid as far as it is committed.

Outlines cost much to draw and nothing to move: they are drawn on a layer of their own when what is to come changes, and from then
on the layer comes down. A note that is due is wiped off it. Knows a roll's places and what is to come. Must not know rows. */

import { stem } from "../roll/stem.js";

const TEAL = "95, 219, 215";
const LOOKS = {
  sketch: { line: 0.6, fill: 0.06, dash: [4, 3] },
  ready: { line: 0.85, fill: 0.12, dash: [] },
  committed: { line: 0.95, fill: 0.6, dash: [] },
};
const MOST_S = 6; // what lies further ahead would hide what was played
const AROUND = 14; // pixels beside a lane that a head may take

export class Ghosts {
  constructor(roll) {
    this.roll = roll;
    this.layer = document.createElement("canvas");
    this.pen = this.layer.getContext("2d");
    this.drawn = []; // { left, top, width, height, due }: what lies on the layer, `due` on the clock of what is to come
  }

  /** Draw what is to come at `now` over what the roll has just drawn. */
  draw(ideas, now) {
    const { roll } = this;
    const clock = ideas.clock(now);
    const kept = `${ideas.version} ${roll.canvas.width} ${roll.canvas.height} ${roll.ratio} ${roll.brush.manner}`;
    if (kept !== this.kept) {
      this.kept = kept;
      this.drawLayer(ideas.ahead(now), clock);
    }
    this.wipeDue(clock);
    if (this.drawn.length === 0) return;
    const { ratio, pen } = roll;
    const down = Math.round((clock - this.clock) * roll.speed * ratio);
    const [left, top, right, bottom] = boxAround(this.drawn, ratio, this.layer);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 1;
    if (right > left && bottom > top) pen.drawImage(this.layer, left, top, right - left, bottom - top, left, top + down, right - left, bottom - top);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  drawLayer(notes, clock) {
    const { roll, layer, pen } = this;
    layer.width = roll.canvas.width; // which wipes it, too
    layer.height = roll.canvas.height;
    this.clock = clock;
    pen.setTransform(roll.ratio, 0, 0, roll.ratio, 0, 0);
    pen.lineWidth = 1.5;
    this.drawn = notes.filter(({ in_s: in_s }) => in_s <= MOST_S).map((note) => this.drawGhost(note, clock));
  }

  drawGhost({ pitch, length, in_s: in_s, state }, clock) {
    const { pen, roll } = this;
    const { line, fill, dash } = LOOKS[state];
    const lane = roll.lane(pitch);
    const onset = roll.height - in_s * roll.speed;
    const top = onset - length * roll.speed;
    stem(pen, lane, top, onset, onset);
    pen.setLineDash(dash);
    pen.globalAlpha = roll.brush.isForced ? 1 : 1 - 0.6 * (in_s / MOST_S);
    pen.strokeStyle = roll.brush.isForced ? roll.brush.inks[1] : `rgba(${TEAL}, ${line})`;
    pen.fillStyle = roll.brush.isForced ? roll.brush.inks[1] : `rgba(${TEAL}, ${fill})`;
    if (!roll.brush.isForced || state === "committed") pen.fill();
    pen.stroke();
    const head = Math.min(top, onset - 2 * AROUND);
    return { left: lane.left - AROUND, width: lane.width + 2 * AROUND, top: head, height: onset - head + 2, due: clock + in_s };
  }

  wipeDue(clock) {
    for (const { left, top, width, height, due } of this.drawn) if (due <= clock) this.pen.clearRect(left, top, width, height);
    this.drawn = this.drawn.filter(({ due }) => due > clock);
  }
}

/** The part of a layer that these lie in, in its own pixels. */
function boxAround(drawn, ratio, { width, height }) {
  const left = Math.min(...drawn.map((one) => one.left));
  const top = Math.min(...drawn.map((one) => one.top));
  const right = Math.max(...drawn.map((one) => one.left + one.width));
  const bottom = Math.max(...drawn.map((one) => one.top + one.height));
  return [
    Math.max(Math.floor(left * ratio), 0), Math.max(Math.floor(top * ratio), 0),
    Math.min(Math.ceil(right * ratio), width), Math.min(Math.ceil(bottom * ratio), height),
  ];
}
