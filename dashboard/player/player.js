/* Piano rolls that can be heard: one canvas and one button for each, a cursor that moves, one piano for all.

`ROLLS` is put in front of this text: [{within, title, parts: [{who, name, notes: [[at, pitch, velocity, seconds], ...]}]}], where `within`
is the id of the element that has it. The live page's own piano stands in the element `#piano`, where it is there. Knows notes and the piano's face. Must not know where the notes came from. */

const AHEAD_S = 0.15; // notes are handed to the piano so long before they sound
const LOOK_EVERY_MS = 40;
const LOOK_AT_GROUND_EVERY_MS = 500;
const LEAD_S = 0.12; // from the click to the first note
const MARGIN_KEYS = 3;
const FEWEST_KEYS = 30;
const LEFT = 34;
const FOOT = 18;
const STEPS_S = [1, 2, 4, 10, 20, 60, 120, 300, 600, 1800]; // between seconds that are named
const WORD_WIDTH = 40;
const LINE_WIDTH = 6;
const PLAYERS = ["call", "answer", "continuation"];

const pianoText = document.querySelector("#piano").textContent;
const canSound = pianoText !== "" && typeof AudioContext === "function";

let context;
let piano;
let playing; // the roll that is heard

/** The colours of the style, which are others on a light ground. */
let colours = {};

function lookAtColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of [...PLAYERS, "ink", "dim", "line"]) colours[name] = style.getPropertyValue(`--${name}`).trim();
}

/** As light or dark as the page around this one, whose switch may be turned at any moment. */
function followGround() {
  let around;
  try { around = parent.document.querySelector(".stApp"); } catch { /* a page of its own */ }
  const paint = around && getComputedStyle(around).backgroundColor.match(/[\d.]+/g)?.map(Number);
  const isLight = paint ? paint[0] + paint[1] + paint[2] > 382 : matchMedia("(prefers-color-scheme: light)").matches;
  const ground = isLight ? "light" : "dark";
  if (document.documentElement.dataset.ground === ground) return;
  document.documentElement.dataset.ground = ground;
  lookAtColours();
  for (const roll of rolls) if (roll !== playing) roll.draw();
}

class Roll {
  constructor(record, number) {
    this.notes = record.parts.flatMap((part) =>
      part.notes.map(([at, pitch, velocity, seconds]) => ({ who: part.who, at, pitch, velocity, until: at + seconds })),
    );
    this.notes.sort((a, b) => a.at - b.at);
    this.until = Math.max(1, ...this.notes.map((note) => note.until)) + 0.3;
    this.seconds = this.until; // that are shown
    this.number = number;
    this.within = record.within;
    this.build(record);
    this.measure();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  build(record) {
    const element = document.createElement("section");
    element.className = "roll";
    element.innerHTML = `<div class="head"><button type="button" aria-pressed="false"><svg class="play" viewBox="0 0 16 16"
      aria-hidden="true"><path d="M4 2l10 6-10 6z"/></svg><svg class="stop" viewBox="0 0 16 16" aria-hidden="true"><path
      d="M3 3h10v10H3z"/></svg></button><span class="title"></span><span class="legend"></span><span class="clock"></span></div>
      <canvas role="img"></canvas>`;
    this.button = element.querySelector("button");
    this.canvas = element.querySelector("canvas");
    this.clock = element.querySelector(".clock");
    element.querySelector(".title").textContent = record.title;
    this.button.setAttribute("aria-label", `Play: ${record.title}`);
    this.canvas.setAttribute("aria-label", `Piano roll: ${record.title}`);
    for (const part of record.parts) {
      const name = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.background = `var(--${part.who})`;
      name.append(dot, part.name);
      element.querySelector(".legend").append(name);
    }
    this.button.disabled = !canSound || this.notes.length === 0;
    this.button.addEventListener("click", () => (playing === this ? this.stop() : this.play(0)));
    this.canvas.addEventListener("click", (event) => {
      const at = this.secondAt(event.offsetX);
      if (!this.button.disabled && at < this.until) this.play(Math.max(0, at));
    });
    document.getElementById(record.within).append(element);
  }

  measure() {
    const pitches = this.notes.map((note) => note.pitch);
    if (pitches.length === 0) pitches.push(60);
    const low = Math.min(...pitches) - MARGIN_KEYS;
    const high = Math.max(...pitches) + MARGIN_KEYS;
    const lacking = Math.max(FEWEST_KEYS - (high - low), 0);
    this.low = low - Math.floor(lacking / 2);
    this.high = high + Math.ceil(lacking / 2);
  }

  get width() { return this.canvas.clientWidth; }

  get height() { return this.canvas.clientHeight; }

  x(at) { return LEFT + (at / this.seconds) * (this.width - LEFT - 8); }

  y(pitch) { return 6 + ((this.high - pitch) / (this.high - this.low + 1)) * (this.height - FOOT - 6); }

  secondAt(x) { return ((x - LEFT) / (this.width - LEFT - 8)) * this.seconds; }

  draw(at = null) {
    const ratio = devicePixelRatio || 1;
    this.canvas.width = this.width * ratio;
    this.canvas.height = this.height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    this.grid(pen);
    const key = Math.max((this.height - FOOT - 6) / (this.high - this.low + 1) - 0.7, 2.6);
    for (const note of this.notes) {
      const sounds = at !== null && note.at <= at && at < note.until;
      pen.globalAlpha = sounds ? 1 : 0.32 + (0.62 * note.velocity) / 127;
      pen.fillStyle = colours[note.who];
      const width = Math.max(this.x(note.until) - this.x(note.at) - 1, 2);
      pen.beginPath();
      pen.roundRect(this.x(note.at), this.y(note.pitch), width, key, Math.min(2, key / 2));
      pen.fill();
      pen.globalAlpha = 1;
      if (sounds) {
        pen.fillStyle = "rgb(255 255 255 / 0.55)";
        pen.fillRect(this.x(note.at), this.y(note.pitch), Math.min(3, width), key);
      }
    }
    if (at !== null) {
      pen.fillStyle = colours.ink;
      pen.fillRect(this.x(at), 0, 1.5, this.height - FOOT);
    }
    this.clock.textContent = `${(at ?? 0).toFixed(1)} / ${this.until.toFixed(1)} s`;
  }

  grid(pen) {
    pen.font = "11px system-ui, sans-serif";
    const bottom = this.height - FOOT;
    const aSecond = (this.width - LEFT - 8) / this.seconds;
    const every = STEPS_S.find((step) => step * aSecond >= WORD_WIDTH) ?? STEPS_S.at(-1);
    for (let second = 0; second <= this.seconds; second += aSecond >= LINE_WIDTH ? 1 : every) {
      pen.fillStyle = colours.line;
      pen.fillRect(this.x(second), 0, 1, bottom);
      pen.fillStyle = colours.dim;
      pen.textAlign = "center";
      if (second % every === 0) pen.fillText(`${second} s`, this.x(second) + (second ? 0 : 8), this.height - 5);
    }
    pen.textAlign = "right";
    for (let pitch = Math.ceil(this.low / 12) * 12; pitch <= this.high; pitch += 12) {
      const y = this.y(pitch - 1);
      pen.fillStyle = colours.line;
      pen.fillRect(LEFT, y, this.width - LEFT - 8, 1);
      pen.fillStyle = colours.dim;
      pen.fillText(`C${pitch / 12 - 1}`, LEFT - 6, y + 3);
    }
  }

  async play(from) {
    playing?.stop();
    playing = this;
    this.button.setAttribute("aria-pressed", "true");
    context ??= new AudioContext();
    piano ??= await pianoFor(context);
    await context.resume();
    if (playing !== this) return;
    this.begun = context.currentTime + LEAD_S - from;
    this.next = this.notes.findIndex((note) => note.at >= from);
    if (this.next < 0) this.next = this.notes.length;
    this.timer = setInterval(() => this.handOver(), LOOK_EVERY_MS);
    this.handOver();
    this.frame = requestAnimationFrame(() => this.follow());
  }

  handOver() {
    const reached = context.currentTime + AHEAD_S - this.begun;
    for (; this.next < this.notes.length && this.notes[this.next].at <= reached; this.next += 1) {
      const note = this.notes[this.next];
      const id = `${note.who}:${this.number}.${this.next}`;
      piano.strike(id, note.pitch, note.velocity, this.begun + note.at);
      piano.release(id, this.begun + note.until);
    }
  }

  follow() {
    const at = context.currentTime - this.begun;
    if (at > this.until) {
      this.stop();
      return;
    }
    this.draw(Math.max(at, 0));
    this.frame = requestAnimationFrame(() => this.follow());
  }

  stop() {
    clearInterval(this.timer);
    cancelAnimationFrame(this.frame);
    piano?.silence();
    if (playing === this) playing = undefined;
    this.button.setAttribute("aria-pressed", "false");
    this.draw();
  }
}

/** The piano's file has an address of its own, so that it can work its samples out beside this page. */
async function pianoFor(sound) {
  const address = URL.createObjectURL(new Blob([pianoText], { type: "text/javascript" }));
  const { Piano } = await import(address);
  return new Piano(sound);
}

/** One scale for all that stand together, so that they can be compared. */
const rolls = [];
followGround();
lookAtColours();
setInterval(followGround, LOOK_AT_GROUND_EVERY_MS);
rolls.push(...ROLLS.map((record, number) => new Roll(record, number)));
for (const roll of rolls) {
  const together = rolls.filter((other) => other.within === roll.within);
  roll.seconds = Math.max(...together.map((other) => other.until));
  [roll.lowest, roll.highest] = [Math.min(...together.map((other) => other.low)), Math.max(...together.map((other) => other.high))];
}
for (const roll of rolls) {
  [roll.low, roll.high] = [roll.lowest, roll.highest];
  roll.draw();
}
