/* Call and answer in the page itself: whose turn it is, in the plain mode, and a model that answers.

Of what the instrument does (docs/performer.md) this is the plain part: a phrase is over after a silence by the gaps between its
onsets, an answer is drawn event by event, a key cuts in. Knows a model, rows and timers. Must not know how anything looks. */

import { answered } from "./answer.js";
import { Writing } from "./events.js";

const CELLS_PER_S = 100;
const [MARGIN_S, SHORTEST_S, LONGEST_S, UNKNOWN_S] = [0.2, 0.35, 1.2, 0.7];
const MOST_GAPS = 12;
const CHORD_S = 0.05; // what is struck within it is one onset
const AHEAD_S = 0.5; // so far ahead an answer is drawn
const DOWN_FROM = 64; // of a pedal's way
const PAGE_SOURCE = 1000;
const BOUNDS_S = [2, 30];

/** How long a silence ends a phrase with these gaps between its onsets. */
export function silenceNeeded(gaps) {
  if (gaps.length < 2) return UNKNOWN_S;
  const longestFirst = [...gaps].sort((one, other) => other - one);
  const wanted = MARGIN_S + 1.1 * longestFirst[Math.floor(longestFirst.length / 4)];
  return Math.min(Math.max(wanted, SHORTEST_S), LONGEST_S);
}

export class Partner {
  constructor(model, begin, tell, now = () => performance.now() / 1000) {
    Object.assign(this, { model, tell, now, gaps: [], turns: 0, phase: "waiting", sounding: new Set() });
    this.controls = { ...begin.controls };
    this.begun = { ...begin, at: now(), wall: Date.now() / 1000 };
    this.call = undefined; // what was played last: { at, until, writing, heard }, heard a promise of where the model stands
  }

  welcome() {
    const { begun: begin, controls } = this;
    const nothing = { turn: null, quiet: null, ports: null, presets: null, model: null };
    return {
      kind: "welcome", protocol: 1, you: 1, hand: 1, sound: 1, now: this.now(), begin, recent: [], log: [], takes: [], controls,
      answer_within_s: BOUNDS_S, ...nothing,
    };
  }

  wished(wish) {
    this.deeds[wish.kind]?.call(this, wish);
  }

  deeds = {
    key: ({ pitch, velocity }) => this.key(pitch, velocity),
    pedal: ({ depth }) => this.pedal(depth),
    control: ({ name, value }) => this.turnKnob(name, value),
    hand_over: () => this.handOver(),
    panic: () => this.wait("silenced by hand"),
    press: ({ name }) => this.press(name),
  };

  press(name) {
    if (name === "again" && this.phase !== "calling") this.handOver();
    const { begun, controls } = this;
    if (name === "calmer") this.turnKnob("temperature", Math.max(controls.temperature - begun.daring_step, 0));
    if (name === "bolder") this.turnKnob("temperature", Math.min(controls.temperature + begun.daring_step, 2));
  }

  turnKnob(name, value) {
    if (!(name in this.controls)) return;
    this.controls = { ...this.controls, [name]: value };
    this.tell({ kind: "controls", at: this.now(), controls: this.controls, answer_within_s: BOUNDS_S });
  }

  // The player.

  key(pitch, velocity) {
    const at = this.now();
    if (velocity > 0) this.callGoesOn(at);
    this.tell({ kind: "note", at, who: "player", pitch, velocity, channel: 1, source: PAGE_SOURCE, hand: 1 });
    if (this.phase !== "calling") return;
    this.hears(this.call.writing.key(at - this.call.at, pitch, velocity));
    if (velocity > 0) this.noteOnset(at);
    this.waitForSilence(at);
  }

  pedal(depth) {
    const at = this.now();
    this.tell({ kind: "pedal", at, depth, channel: 1, source: PAGE_SOURCE });
    if (this.phase !== "calling") return;
    this.hears(this.call.writing.pedal(at - this.call.at, depth >= DOWN_FROM));
    this.waitForSilence(at);
  }

  /** A key goes down: another phrase, or the same one where nothing was answered yet. */
  callGoesOn(at) {
    if (this.phase === "calling") return;
    const goesOn = this.phase === "asking";
    const reason = { waiting: "a phrase begins", asking: "the phrase goes on", answering: "the player cuts in" }[this.phase];
    this.silenceModel();
    if (!goesOn) {
      this.onset = undefined;
      const heard = Promise.resolve({ event: this.model.begin, state: this.model.silent() });
      this.call = { at, until: at, writing: new Writing(), heard };
    }
    this.turn("calling", reason, at);
  }

  /** The model reads what is new, in order, while the player plays on. */
  hears(events) {
    for (const next of events) {
      this.call.heard = this.call.heard.then(async ({ event, state }) => ({ event: next, state: await this.model.feed(event, state) }));
    }
    this.call.heard.catch(() => {}); // it is said when the answer is asked for
  }

  noteOnset(at) {
    if (this.onset !== undefined && at - this.onset < CHORD_S) return;
    if (this.onset !== undefined) this.gaps = [...this.gaps, at - this.onset].slice(-MOST_GAPS);
    this.onset = at;
  }

  waitForSilence(at) {
    clearTimeout(this.silence);
    if (this.call.writing.sounds) {
      this.tell({ kind: "quiet", at, since: null, needed_s: null, waits_for: null });
      return;
    }
    this.call.until = at;
    const needed_s = silenceNeeded(this.gaps);
    this.tell({ kind: "quiet", at, since: at, needed_s, waits_for: null });
    this.silence = setTimeout(() => this.ask("the phrase is over"), 1000 * needed_s);
  }

  handOver() {
    if (this.call === undefined || this.phase === "asking") return;
    if (this.phase === "answering") this.silenceModel();
    this.ask(this.phase === "calling" ? "handed over by hand" : "asked for another answer");
  }

  // The model.

  async ask(reason) {
    clearTimeout(this.silence);
    const at = this.now();
    const { call } = this;
    if (call.writing.sounds) {
      this.hears(call.writing.ended(at - call.at));
      call.until = at;
    }
    const ticket = ++this.turns;
    const length_s = Math.min(Math.max((call.until - call.at) * this.controls.length, BOUNDS_S[0]), BOUNDS_S[1]);
    this.length_s = length_s;
    this.turn("asking", reason, at);
    try {
      await this.answer(ticket, call, at, length_s);
    } catch (error) {
      if (ticket === this.turns) this.wait(`no answer: ${error.message}`);
    }
  }

  async answer(ticket, call, at, length_s) {
    const { event, state } = await call.heard;
    if (ticket !== this.turns) return;
    const begins = Math.max(this.now(), at);
    const passed = Math.max(Math.floor((begins - call.at) * CELLS_PER_S) - call.writing.cell, 0);
    const drawn = answered(this.model, { event, state, passed }, { at: begins, length_s, knob: () => this.controls.temperature });
    let last = begins;
    for await (const happening of drawn) {
      if (ticket !== this.turns) return;
      last = Math.max(happening.at, this.now());
      setTimeout(() => this.happens(ticket, { ...happening, at: last }), 1000 * (last - this.now()));
      await pause(last - this.now() - AHEAD_S);
    }
    await pause(last - this.now() + 0.05);
    if (ticket === this.turns) this.wait(this.phase === "asking" ? "the answer is silence" : "the answer is over");
  }

  happens(ticket, { at, pitch, velocity }) {
    if (ticket !== this.turns) return;
    if (velocity > 0 && this.phase === "asking") this.turn("answering", "the answer begins", at);
    if (velocity > 0) this.sounding.add(pitch);
    else this.sounding.delete(pitch);
    this.tell({ kind: "note", at, who: "model", pitch, velocity, channel: 2 });
  }

  /** What is drawn and due no more counts as never drawn. */
  silenceModel() {
    this.turns += 1;
    const at = this.now();
    for (const pitch of this.sounding) this.tell({ kind: "note", at, who: "model", pitch, velocity: 0, channel: 2 });
    this.sounding.clear();
  }

  wait(reason) {
    clearTimeout(this.silence);
    this.silenceModel();
    this.turn("waiting", reason, this.now());
  }

  turn(phase, reason, at) {
    this.phase = phase;
    const open = { calling: ["answer", "the answer at once"], waiting: this.call && ["another", "to your last phrase"] }[phase];
    const [hand_over, offer] = open ?? [null, { asking: "the answer is coming", answering: "play to cut in" }[phase] ?? "first play a phrase"];
    const answer_s = phase === "asking" || phase === "answering" ? this.length_s : null;
    this.tell({ kind: "turn", at, phase, reason, hand_over, offer, answer_s, is_frozen: false });
  }
}

function pause(seconds) {
  return seconds > 0 ? new Promise((done) => setTimeout(done, 1000 * seconds)) : undefined;
}
