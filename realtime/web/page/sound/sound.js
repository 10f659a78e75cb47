/* What is to be heard: this page's own keys at once, everybody else's notes as their rows come in.

Knows the piano, rows and the browser's audio. Must not know how anything looks. */

import { recall, remember } from "../memory.js";
import { depthOf, isLeftPedal, isSoft } from "./left_pedal.js";
import { keepFew, letGo, liftOf, Piano, prepare } from "./piano.js";
import { Recorded } from "./recorded.js";

const PAGE = "page";
const MODEL = "model";
const STEADY_S = 0.02; // the model's notes wait so long for the line's jitter, so that its rhythm is kept
const SILENT_MS = 10_000; // a browser with no loudspeaker may wait for one without end and without a word

/** The player a little to the left, the model a little to the right. */
function seatOf(who) {
  return who === MODEL ? 0.22 : -0.22;
}

export class Sound {
  constructor(clock) {
    this.clock = clock;
    this.isElsewhere = false; // another page has the sound, and this one keeps silent
    this.shares = false; // whether the player's pedal holds the model's notes too
    this.playerPedals = new Map(); // who has a pedal down, and how free it leaves the strings
    this.chosen = { muted: false, volume: 0.9, ...recall("sound", {}) };
    const workedOut = prepare();
    this.recorded = new Recorded();
    this.recordedIsReady = this.recorded.load().then((isThere) => {
      if (!isThere) return false;
      letGo(); // before the first click, too: both together are more than a page should take
      this.piano?.play(this.recorded);
      return true;
    });
    this.pianoIsThere = this.recordedIsReady.then((isRecorded) => isRecorded || workedOut); // and every key sounds as itself
  }

  /** Begin to sound; browsers allow it only while the person clicks or presses a key. */
  async unlock() {
    if (!this.piano) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.piano = new Piano(this.context, this.context.destination, seatOf);
      if (this.recorded.isReady) this.piano.play(this.recorded);
      this.piano.playFont(this.font);
      this.piano.setVolume(this.volume);
      this.piano.setMuted(this.isSilent);
    }
    if (this.context.state !== "running") await answered(this.context.resume());
  }

  /** The piano of a SoundFont sounds from here on; undefined: the page's own again. */
  playFont(font) {
    this.font = font;
    this.piano?.playFont(font);
  }

  /** Of the page's own piano few samples are kept, as long as a SoundFont needs the room; or all of them again. */
  keepFew(isFew) {
    keepFew(isFew);
    this.recorded.keepFew(isFew);
  }

  /** Whose the recorded piano is, in words; undefined where there is none. */
  get credit() {
    return this.recorded.isReady ? this.recorded.credit : undefined;
  }

  get muted() {
    return this.chosen.muted;
  }

  set muted(muted) {
    this.chosen.muted = muted;
    this.piano?.setMuted(this.isSilent);
    remember("sound", this.chosen);
  }

  get isSilent() {
    return this.muted || this.isElsewhere;
  }

  /** Whether the browser lets this page sound. */
  get isPossible() {
    return this.piano !== undefined;
  }

  /** Whether notes are heard here. */
  get isHeard() {
    return this.isPossible && !this.isSilent;
  }

  /** Another page has the sound, or it has it no more. */
  setElsewhere(isElsewhere) {
    if (isElsewhere === this.isElsewhere) return;
    this.isElsewhere = isElsewhere;
    if (isElsewhere) this.piano?.silence();
    this.piano?.setMuted(this.isSilent);
  }

  strike(id, pitch, velocity, when) {
    if (!this.isElsewhere) this.piano?.strike(id, pitch, velocity, when);
  }

  /** From 0 to 1. */
  get volume() {
    return this.chosen.volume;
  }

  set volume(volume) {
    this.chosen.volume = volume;
    this.piano?.setVolume(volume);
    remember("sound", this.chosen);
  }

  // This page's own keys.

  struck(pitch, velocity) {
    this.strike(`${PAGE}:${pitch}`, pitch, velocity);
  }

  letGo(pitch) {
    this.piano?.release(`${PAGE}:${pitch}`);
  }

  pedalMoved(depth) {
    this.treadAs(PAGE, liftOf(depth));
  }

  /** The left pedal of a keyboard that the browser hears. */
  leftPedalMoved(depth) {
    this.piano?.soften(PAGE, isSoft(depth));
  }

  // Rows of others.

  /** A `note` row. */
  note({ who, pitch, velocity, source, at }) {
    const isModel = who === MODEL;
    const id = isModel ? `${MODEL}:${pitch}` : `keyboard ${source}:${pitch}`;
    const when = isModel ? this.soundingMoment(at) : undefined;
    if (velocity > 0) this.strike(id, pitch, velocity, when);
    else this.piano?.release(id, when);
  }

  /** A `pedal` row. */
  pedal({ depth, source }) {
    this.treadAs(`keyboard ${source}`, liftOf(depth));
  }

  /** A `message` row: of all that comes so, the left pedal alone is heard here. */
  message(row) {
    if (isLeftPedal(row)) this.piano?.soften(`keyboard ${row.source}`, isSoft(depthOf(row)));
  }

  /** Whether the model shares the player's channel, and with it the pedal. */
  setShares(shares) {
    this.shares = shares;
    this.treadForModel();
  }

  treadAs(who, lift) {
    if (lift > 0) this.playerPedals.set(who, lift);
    else this.playerPedals.delete(who);
    this.piano?.pedal(who, lift);
    this.treadForModel();
  }

  treadForModel() {
    this.piano?.pedal(MODEL, this.shares ? Math.max(0, ...this.playerPedals.values()) : 0);
  }

  /** Everything falls silent, and every pedal is up. */
  silence() {
    this.playerPedals.clear();
    this.piano?.silence();
  }

  /** The model falls silent, down to notes that would only begin in a moment. */
  silenceModel() {
    this.piano?.silence(MODEL);
    this.treadForModel();
  }

  /** When the engine's moment is to sound, on the audio clock. */
  soundingMoment(at) {
    if (!this.context) return undefined;
    const lead = this.context.currentTime - performance.now() / 1000;
    // The audio clock moves in steps, so the furthest lead seen is the true one; a jump means that it had stood still.
    const isJump = !(Math.abs(lead - this.lead) < 0.1);
    this.lead = isJump ? lead : Math.max(lead, this.lead - 0.0002);
    const wanted = this.clock.onPage(at) + STEADY_S + this.lead;
    return Math.min(Math.max(wanted, this.context.currentTime), this.context.currentTime + 0.1);
  }
}

/** What comes of beginning to sound; an error if nothing comes of it for long. */
export function answered(beginning, patience_ms = SILENT_MS) {
  let giveUp;
  const silence = new Promise((_, reject) => {
    giveUp = setTimeout(() => reject(new Error("no loudspeaker of this machine takes it")), patience_ms);
  });
  return Promise.race([beginning, silence]).finally(() => clearTimeout(giveUp));
}
