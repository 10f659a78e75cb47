/* A piano for an AudioContext: samples worked out in the background, and the voices that play them.

Knows sound and the strings. Must not know the page, the server or turns; with the two files that it stands on it can be put
into any page.

A voice has an id, `who:anything`: what stands before the colon is the player whose pedal holds it. */

import {
  HARD, HIGHEST_ZONE, LOWEST_ZONE, renderDamper, renderNote, renderRoom, renderSympathy, SEMITONES_PER_ZONE, SOFT,
} from "./strings.js";

// ---------------------------------------------------------------- samples, worked out in the background

const WORKER_NAME = "antiphon-piano";
const FEW = 4; // of so many zones one is kept beside a SoundFont

/** The sampled zones, nearest the middle first; what is wanted sooner is worked out on the spot. */
class Samples {
  constructor() {
    this.ready = new Map(); // zone -> [soft buffer, hard buffer]
    this.isForgotten = false;
    this.wanted = zonesEvery(1);
    this.whole = new Promise((done) => (this.done = done));
    this.begin();
  }

  /** This very file as a worker; where a page may not have one, between the page's other work. */
  begin() {
    if (import.meta.url.startsWith("blob:null")) { // a page in a file, which Chromium gives no worker
      this.inIdleTime();
      return;
    }
    try {
      this.worker = new Worker(import.meta.url, { type: "module", name: WORKER_NAME });
    } catch {
      this.inIdleTime();
      return;
    }
    this.worker.onmessage = ({ data }) => this.take(data.zone, data.layers);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.end();
      this.inIdleTime();
    };
    this.worker.postMessage(this.missing);
  }

  get missing() {
    return this.wanted.filter((zone) => !this.ready.has(zone));
  }

  /** Zones so far apart that each key has a neighbour are kept, as long as another piano needs the room; or all again. */
  keepFew(isFew) {
    if (this.isForgotten) return;
    this.end();
    this.wanted = zonesEvery(isFew ? FEW : 1);
    for (const zone of [...this.ready.keys()]) if (!this.wanted.includes(zone)) this.ready.delete(zone);
    if (this.missing.length > 0) this.begin();
  }

  inIdleTime() {
    const [next] = this.missing;
    if (next === undefined) return;
    const soon = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 30));
    soon(() => {
      if (!this.ready.has(next)) this.take(next, layersOf(next));
      this.inIdleTime();
    });
  }

  take(zone, layers) {
    if (!this.ready.has(zone)) this.ready.set(zone, layers.map(bufferOf));
    if (this.missing.length === 0) {
      this.end();
      this.done();
    }
  }

  end() {
    this.worker?.terminate();
    this.worker = undefined;
  }

  /** They are not needed any more: a recorded piano has taken their place. */
  forget() {
    this.isForgotten = true;
    this.end();
    this.wanted = [];
    this.ready.clear();
    this.done();
  }

  /** What a key struck so sounds from: its zone, or in the first seconds a neighbour of it, and how much of each layer. */
  of(pitch, velocity) {
    const { zone, layers } = this.near(pitch);
    const hardness = hardnessOf(velocity);
    return { zone, layers: layers.map((buffer, layer) => ({ buffer, share: layer === HARD ? hardness : 1 - hardness })) };
  }

  near(pitch) {
    const nearest = LOWEST_ZONE + SEMITONES_PER_ZONE * Math.round((pitch - LOWEST_ZONE) / SEMITONES_PER_ZONE);
    const zone = Math.min(Math.max(nearest, LOWEST_ZONE), HIGHEST_ZONE);
    for (const steps of [0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5]) {
      const near = zone + steps * SEMITONES_PER_ZONE;
      if (this.ready.has(near)) return { zone: near, layers: this.ready.get(near) };
    }
    this.take(zone, layersOf(zone));
    return { zone, layers: this.ready.get(zone) };
  }
}

/** Each so-many-th zone, nearest the middle first. */
function zonesEvery(steps) {
  const zones = [];
  for (let zone = LOWEST_ZONE; zone <= HIGHEST_ZONE; zone += steps * SEMITONES_PER_ZONE) zones.push(zone);
  return zones.sort((one, other) => Math.abs(one - 63) - Math.abs(other - 63));
}

function layersOf(zone) {
  return [renderNote(zone, SOFT), renderNote(zone, HARD)];
}

function bufferOf({ sampleRate, sides }) {
  const buffer = new AudioBuffer({ sampleRate, numberOfChannels: sides.length, length: sides[0].length });
  sides.forEach((samples, side) => buffer.copyToChannel(samples, side));
  return buffer;
}

if (globalThis.name === WORKER_NAME && typeof document === "undefined") {
  globalThis.onmessage = ({ data }) => {
    for (const zone of data) {
      const layers = layersOf(zone);
      globalThis.postMessage({ zone, layers }, layers.flatMap(({ sides }) => sides.map((samples) => samples.buffer)));
    }
  };
}

let sharedSamples;

/** Begin to work the samples out, before there is any sound; resolves when all keys are there. */
export function prepare() {
  sharedSamples ??= new Samples();
  return sharedSamples.whole;
}

/** What was worked out is let go, for good: a recorded piano sounds in its place. */
export function letGo() {
  sharedSamples?.forget();
}

/** Of what was worked out few are kept, or all again. */
export function keepFew(isFew) {
  sharedSamples?.keepFew(isFew);
}

// ---------------------------------------------------------------- playing

const MOST_VOICES = 56;
const DRY = 0.95;
const ROOM = 0.32;
const LOUDER = 1.4; // so that one key, struck as most are, peaks near -15 dB of full scale, as recorded music does
const SYMPATHY = 0.05; // of all strings that are free, beside those that are struck
const HALF_FROM = 24; // how far down a pedal is where its felts begin to leave the strings
const FREE_FROM = 64; // and where they have left them: there it holds, for the model too
const UNA_CORDA = { hardness: 0.72, gain: 0.8 };
const CUT_S = 0.012;
const SILENT_DB = 80;

/** Gain of a velocity, 1 at 127: 64 is 9 dB softer, 20 is 24. */
function gainOf(velocity) {
  return (velocity / 127) ** 1.5;
}

/** How much of the hard hammer is in a velocity, 0 to 1. */
function hardnessOf(velocity) {
  const share = Math.min(Math.max((velocity - 12) / 108, 0), 1);
  return share ** 1.3;
}

/** How fast a damper quiets a string, as a time constant: heavy bass strings ring on a little. */
function damperSeconds(pitch) {
  if (pitch > 88) return 0.28; // no dampers up there; the strings are short by themselves
  return 0.035 + 0.11 * Math.max((72 - pitch) / 51, 0);
}

/** How free of the dampers strings are, from 0 to 1, where a pedal is so far down (0 to 127). */
export function liftOf(depth) {
  return Math.min(Math.max((depth - HALF_FROM) / (FREE_FROM - HALF_FROM), 0), 1);
}

function whoOf(id) {
  return String(id).split(":", 1)[0];
}

/** Straight up to 0.6, then ever flatter, never above 0.98: chords get denser instead of breaking. */
export function limited(value) {
  const size = Math.abs(value);
  if (size <= 0.6) return value;
  return Math.sign(value) * (0.6 + 0.38 * Math.tanh((size - 0.6) / 0.38));
}

const LIMITER_REACH = 6;

function limiterOf(context) {
  const curve = new Float32Array(8193);
  for (let index = 0; index < curve.length; index++) curve[index] = limited(LIMITER_REACH * (index / 4096 - 1));
  return new WaveShaperNode(context, { curve });
}

/** A piano for an AudioContext; a strike while the context is not running is not heard. */
export class Piano {
  /** `seats` says of each player how far to the left (-1) or to the right (1) it sits. */
  constructor(context, destination = context.destination, seats = () => 0) {
    prepare();
    this.seats = seats;
    this.seated = new Map(); // player -> the node that its voices go through
    this.context = context;
    this.samples = sharedSamples;
    this.voices = new Map(); // id -> the voice that its key holds
    this.ringing = new Set(); // every voice that can still be heard, oldest first
    this.lifts = new Map(); // who has a pedal down, and how free the strings are
    this.unaCorda = new Set(); // who has the left pedal down
    this.started = 0;
    this.muted = false;
    this.volume = 1;
    this.damper = bufferOf(renderDamper());
    this.connect(destination);
  }

  connect(destination) {
    const { context } = this;
    this.bus = new GainNode(context, { gain: 1 });
    this.dry = new GainNode(context, { gain: DRY });
    this.send = new GainNode(context, { gain: ROOM });
    this.level = new GainNode(context, { gain: 1 });
    const room = new ConvolverNode(context, { buffer: bufferOf(renderRoom(context.sampleRate)) });
    const into = new GainNode(context, { gain: LOUDER / LIMITER_REACH });
    this.bus.connect(this.dry).connect(into);
    this.bus.connect(this.send).connect(room).connect(into);
    const strings = new ConvolverNode(context, { buffer: bufferOf(renderSympathy(context.sampleRate)) });
    this.free = [new GainNode(context, { gain: 0 }), new GainNode(context, { gain: 0 })]; // into the strings, and out of them
    this.bus.connect(this.free[0]).connect(strings).connect(this.free[1]).connect(into);
    this.ending = limiterOf(context); // all of it, before volume and mute
    into.connect(this.ending).connect(this.level).connect(destination);
  }

  /** From here on a recorded piano sounds; what was worked out is let go. */
  play(recorded) {
    this.recorded = recorded;
    this.samples.forget();
  }

  /** From here on the piano of a SoundFont sounds; undefined: it does no more. */
  playFont(font) {
    this.font = font;
  }

  seatOf(who) {
    if (!this.seated.has(who)) {
      const seat = new StereoPannerNode(this.context, { pan: this.seats(who) });
      seat.connect(this.bus);
      this.seated.set(who, seat);
    }
    return this.seated.get(who);
  }

  /** A context that waits for a click would keep every strike, and play them all at once. */
  get canBeHeard() {
    return this.context.state === "running" || this.context instanceof OfflineAudioContext;
  }

  /** How many voices sound because a key or a pedal holds them. */
  get sounding() {
    let count = 0;
    for (const voice of this.ringing) if (!voice.damped) count += 1;
    return count;
  }

  /** Strike a key; `when` is on the context's clock, now if left out. */
  strike(id, pitch, velocity, when = this.context.currentTime) {
    this.release(id, when);
    this.dampTheSameString(whoOf(id), pitch, when);
    if (!this.canBeHeard) return;
    this.started += 1;
    this.makeRoom();
    const voice = this.voiceOf(id, pitch, velocity, Math.max(when, this.context.currentTime));
    this.voices.set(id, voice);
    this.ringing.add(voice);
  }

  voiceOf(id, pitch, velocity, when) {
    const { context } = this;
    const soft = this.unaCorda.has(whoOf(id)) ? UNA_CORDA : { hardness: 1, gain: 1 };
    const struck = velocity * soft.hardness;
    const from = this.font?.of(pitch, struck) ?? this.recorded?.of(pitch, struck) ?? this.samples.of(pitch, struck);
    const gain = gainOf(velocity) * soft.gain;
    const level = new GainNode(context, { gain });
    level.connect(this.seatOf(whoOf(id)));
    const usual = 2 ** ((pitch - from.zone) / 12);
    const sources = from.layers.map((layer) => this.sourceOf(layer, usual, level, when));
    const falls = { from: when, gain, seconds: Infinity };
    const damper_s = from.damper_s ?? damperSeconds(pitch);
    const voice = { id, who: whoOf(id), pitch, velocity, when, level, sources, falls, damper_s, isHeld: true, damped: false };
    sources[0].onended = () => this.ended(voice);
    return voice;
  }

  /** One layer of a voice; of a SoundFont's it may loop, fall by itself, be filtered, and lie at a side. */
  sourceOf({ buffer, share, rate, loop, falls, cutoff, pan }, usual, level, when) {
    const { context } = this;
    const source = new AudioBufferSourceNode(context, { buffer, playbackRate: rate ?? usual });
    if (loop) Object.assign(source, { loop: true, loopStart: loop[0], loopEnd: loop[1] });
    const layer = new GainNode(context, { gain: share });
    let end = source.connect(layer);
    if (cutoff) end = end.connect(new BiquadFilterNode(context, { type: "lowpass", frequency: cutoff, Q: 0 }));
    if (pan) end = end.connect(new StereoPannerNode(context, { pan }));
    end.connect(level);
    source.start(when);
    if (falls?.by_db) {
      const [from, until] = [when + falls.after_s, when + falls.after_s + falls.within_s];
      layer.gain.setValueAtTime(share, from);
      layer.gain.exponentialRampToValueAtTime(share * 10 ** (-falls.by_db / 20), until);
      if (falls.by_db > SILENT_DB) source.stop(until);
    }
    return source;
  }

  ended(voice) {
    voice.level.disconnect();
    this.ringing.delete(voice);
    if (this.voices.get(voice.id) === voice) this.voices.delete(voice.id);
  }

  /** A key is let go: its damper falls, as far as the pedal of the same player lets it. */
  release(id, when = this.context.currentTime) {
    const voice = this.voices.get(id);
    if (!voice) return;
    this.voices.delete(id);
    voice.isHeld = false;
    if (this.liftOf(voice.who) < 1) this.damp(voice, Math.max(when, voice.when + 0.02));
  }

  liftOf(who) {
    return this.lifts.get(who) ?? 0;
  }

  /**
   * The pedal of a player moves: `lift` from 0 (up, or false) to 1 (down, or true); between, the felts touch the strings.
   *
   * What a player does with a moment ahead is said in its order: strikes, releases and the pedal alike.
   */
  pedal(who, lift, when = this.context.currentTime) {
    const before = this.liftOf(who);
    const after = Number(lift);
    if (after === before) return;
    if (after > 0) this.lifts.set(who, after);
    else this.lifts.delete(who);
    const most = Math.max(0, ...this.lifts.values());
    this.freeStrings(most, Math.max(when, this.context.currentTime));
    for (const voice of this.ringing) if (voice.who === who && !voice.isHeld) this.tread(voice, after, when);
  }

  /** How free all strings are from a moment on; what was to be later no longer counts. */
  freeStrings(share, when) {
    const [into, outOf] = this.free;
    for (const { gain } of this.free) gain.cancelScheduledValues(when);
    into.gain.setTargetAtTime(share, when, 0.04);
    outOf.gain.setTargetAtTime(share * SYMPATHY, when, 0.08);
  }

  /** What a pedal does to a voice that no key holds; one that is still to be heard can be caught again. */
  tread(voice, lift, when) {
    if (voice.damped && !voice.isUnderFelt) return; // it fades for another reason
    if (lift < 1) return this.damp(voice, when);
    if (voice.damped) this.fall(voice, Math.max(when, this.context.currentTime), Infinity);
    voice.damped = false;
  }

  /** The left pedal of a player goes down or up: the hammers strike fewer strings, with softer felt. */
  soften(who, down) {
    if (down) this.unaCorda.add(who);
    else this.unaCorda.delete(who);
  }

  /** Everything, or all of one player, falls silent at once. */
  silence(who) {
    for (const voice of [...this.ringing]) if (who === undefined || voice.who === who) this.cut(voice);
    for (const pedal of [...this.lifts.keys()]) if (who === undefined || pedal === who) this.pedal(pedal, 0);
    if (who === undefined) this.unaCorda.clear();
    else this.unaCorda.delete(who);
  }

  setMuted(muted) {
    this.muted = muted;
    this.setLevel();
  }

  /** From 0 to 1. */
  setVolume(volume) {
    this.volume = volume;
    this.setLevel();
  }

  setLevel() {
    const level = this.muted ? 0 : this.volume ** 2;
    this.level.gain.setTargetAtTime(level, this.context.currentTime, 0.02);
  }

  damp(voice, when) {
    const from = Math.max(when, this.context.currentTime);
    const touch = (1 - this.liftOf(voice.who)) ** 2;
    const isFirst = !voice.damped;
    this.fade(voice, from, voice.damper_s / Math.max(touch, 0.002));
    voice.isUnderFelt = true;
    if (isFirst && voice.pitch <= 88 && touch > 0.5) this.thump(voice, from);
  }

  cut(voice) {
    if (this.voices.get(voice.id) === voice) this.voices.delete(voice.id); // not the one struck after it
    voice.isHeld = false;
    this.fade(voice, this.context.currentTime, CUT_S);
  }

  fade(voice, from, seconds) {
    voice.damped = true;
    voice.isUnderFelt = false;
    this.fall(voice, from, seconds);
  }

  /** From a moment on a voice falls at another pace, from where it is then; `Infinity`: it falls no more by itself. */
  fall(voice, from, seconds) {
    const { falls, level } = voice;
    const gain = falls.gain * Math.exp(-Math.max(from - falls.from, 0) / falls.seconds);
    voice.falls = { from, gain, seconds };
    level.gain.cancelScheduledValues(from);
    level.gain.setValueAtTime(gain, from);
    if (seconds < Infinity) level.gain.setTargetAtTime(0, from, seconds);
    for (const source of voice.sources) source.stop(from + Math.min(8 * seconds, 60));
  }

  /** The felt is heard a little, less under a string that has nearly faded. */
  thump(voice, when) {
    const left = 10 ** ((-2 * (when - voice.when)) / voice.sources[0].buffer.duration);
    const gain = 0.07 * gainOf(voice.velocity) ** 0.5 * Math.min(left + 0.15, 1) * (voice.pitch < 60 ? 1 : 0.6);
    const source = new AudioBufferSourceNode(this.context, { buffer: this.damper, playbackRate: 0.8 + voice.pitch / 150 });
    const level = new GainNode(this.context, { gain });
    source.connect(level).connect(this.seatOf(voice.who));
    source.onended = () => level.disconnect();
    source.start(when);
  }

  /** A string that is struck again under the pedal doesn't also go on as it was. */
  dampTheSameString(who, pitch, when) {
    for (const voice of this.ringing) {
      if (voice.who === who && voice.pitch === pitch && !voice.isHeld && !voice.damped) this.fade(voice, when, 0.06);
    }
  }

  makeRoom() {
    if (this.ringing.size < MOST_VOICES) return;
    const voices = [...this.ringing];
    const stolen = voices.find((voice) => voice.damped) ?? voices.find((voice) => !voice.isHeld) ?? voices[0];
    this.cut(stolen);
    this.ringing.delete(stolen);
  }
}
