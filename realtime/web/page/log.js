/* What happened, with the time of day: whose turn it was and why, the controls, takes, ports.

Knows rows. Must not know how they came. */

import { lengthSaid } from "./controls/scale.js";
import { secondsSaid } from "./turn.js";

const KEPT = 600;
const SETTLES_S = 2; // a control that moves and moves is one entry
const WHOSE = { waiting: "Rest", calling: "You", asking: "Handed over", answering: "Antiphon", closed: "The end" };

/** A row in words, given what the controls stood at before; nothing where there is nothing to say. */
export function sentenceOf(row, controlsBefore = {}) {
  if (row.kind === "turn") return turnSaid(row);
  if (row.kind === "controls") return controlsSaid(row, controlsBefore);
  if (row.kind === "model") return `model ${row.model}`;
  return row.text ?? "";
}

function turnSaid({ phase, reason, answer_s }) {
  const length = phase === "asking" && answer_s ? `, for about ${secondsSaid(answer_s)} s` : "";
  return `${WHOSE[phase] ?? phase}: ${reason}${length}`;
}

function controlsSaid({ controls, answer_within_s: bounds }, before) {
  const moved = Object.keys(controls).filter((name) => name in before && controls[name] !== before[name]);
  return moved.map((name) => `${name} ${valueSaid(name, controls[name], bounds)}`).join(", ");
}

function valueSaid(name, value, bounds) {
  if (name === "mute") return value ? "on" : "off";
  if (typeof value !== "number" || name === "channel") return String(value);
  if (name === "length") return lengthSaid(value, bounds ?? undefined);
  return value.toFixed(2);
}

export class Log {
  constructor(list) {
    this.list = list;
    this.begin({});
  }

  /** A `begin` row: from here on, on a clock of its own. */
  begin({ at = 0, wall = 0, controls = {}, model, seed }) {
    this.wallAhead = wall - at;
    this.controls = controls;
    this.model = model;
    this.list.replaceChildren();
    if (model !== undefined) this.write(at, `model ${model}, seed ${seed}`, "begin");
  }

  /** A row, in the order in which they came. */
  take(row) {
    if (row.kind === "model" && row.model === this.model) return; // another one was refused, and a line says why
    if (row.kind === "model") this.model = row.model;
    const isStillMoving = row.kind === "controls" && this.last?.kind === "controls" && row.at - this.last.at < SETTLES_S;
    const before = isStillMoving ? this.last.before : this.controls;
    const sentence = sentenceOf(row, before);
    if (isStillMoving) this.list.firstChild.remove();
    if (row.kind === "controls") this.controls = row.controls;
    if (sentence) this.write(row.at, sentence, row.kind, before);
    else if (isStillMoving) this.last = undefined; // back where it was
  }

  write(at, sentence, kind, before) {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    const moment = new Date(1000 * (at + this.wallAhead));
    time.dateTime = moment.toISOString();
    time.textContent = timeSaid(moment);
    entry.append(time, ` ${sentence}`);
    this.list.prepend(entry);
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
    this.last = { at, kind, before };
  }
}

function timeSaid(moment) {
  return [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
