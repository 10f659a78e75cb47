/* A piano, worked out rather than recorded.

Two halves: `renderNote` and its like turn a pitch into samples by adding up the partials of stiff, slightly mistuned strings
(pure: numbers in, samples out), and `Piano` plays those samples through an AudioContext. Knows sound. Must not know the page,
the server or turns; needs no other file, so that it can be put into any page.

A voice has an id, `who:anything`: what stands before the colon is the player whose pedal holds it. */

const SEMITONES_PER_ZONE = 3;
const LOWEST_ZONE = 22;
const HIGHEST_ZONE = 109;
const SOFT = 0;
const HARD = 1;

// ---------------------------------------------------------------- strings: pitch -> samples

export function frequencyOf(pitch) {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** Tuned as a piano is, a little wide at both ends, in cents away from equal temperament. */
function stretchOf(pitch) {
  const away = (pitch - 66) / 44;
  return 12 * away * away * away;
}

/** How far a stiff string's partials spread, after measured pianos: least near the bass break, most at the top. */
function stiffnessOf(pitch) {
  return Math.exp(0.085 * pitch - 13.2) + Math.exp(-0.085 * pitch - 5.8);
}

/** Seconds until the first sound of a key has fallen by 60 dB; what lingers after it takes `LINGERS` times as long. */
export function decaySeconds(pitch) {
  return Math.max(10 * Math.exp(-(Math.max((pitch - 21) / 44, 0) ** 1.6)), 0.35);
}

const LINGERS = 2.7;
const LONGEST_S = 8;

function sampleRateOf(pitch) {
  return pitch < 72 ? 32000 : 44100;
}

/** The same numbers every time, so that a piano sounds the same in every page. */
function chance(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

/** How well wood carries a frequency: little below 70 Hz, and uneven everywhere else, within 3 dB. */
function soundboard(frequency) {
  const low = (frequency / 70) ** 2;
  const uneven = Math.sin(frequency * 0.0211) + Math.sin(frequency * 0.0083 + 1.3) + Math.sin(frequency * 0.0471 + 4);
  return (low / (1 + low)) * 10 ** ((uneven * 1.1) / 20);
}

/** How strong a partial leaves the hammer: felt is soft to a soft touch, and hits an eighth of the way along the string. */
function hammer(number, frequency, fundamental, hardness) {
  const bright = hardness === HARD ? 1250 + 1.1 * fundamental : 330 + 0.62 * fundamental;
  const place = Math.abs(Math.sin(number * Math.PI * 0.1237)) + 0.04;
  return (place / Math.sin(Math.PI * 0.1237)) * number ** -0.75 * Math.exp(-(frequency - fundamental) / bright);
}

function partialsOf(pitch, hardness, sampleRate) {
  const fundamental = frequencyOf(pitch + stretchOf(pitch) / 100);
  const stiffness = stiffnessOf(pitch);
  const partials = [];
  for (let number = 1; number <= 90; number++) {
    const frequency = fundamental * number * Math.sqrt((1 + stiffness * number * number) / (1 + stiffness));
    if (frequency > Math.min(0.42 * sampleRate, 11000)) break;
    const strength = hammer(number, frequency, fundamental, hardness) * soundboard(frequency);
    if (strength < 1e-4) continue;
    // Higher partials die sooner: air and friction take more from fast movement.
    const decay = decaySeconds(pitch) / (1 + 0.16 * (number - 1) + (frequency / 5200) ** 2);
    partials.push({ frequency, strength, decay });
  }
  return partials;
}

/** Add a decaying sine to `samples`; it starts at `phase` and ends once it is 80 dB down. */
function addSine(samples, sampleRate, frequency, strength, decay, phase) {
  const turn = (2 * Math.PI * frequency) / sampleRate;
  const shrink = 10 ** (-3 / (decay * sampleRate));
  const length = Math.min(samples.length, Math.ceil(sampleRate * decay * Math.max((80 + 20 * Math.log10(strength)) / 60, 0)));
  const once = 2 * shrink * Math.cos(turn);
  const twice = -shrink * shrink;
  let now = strength * Math.sin(phase);
  let before = (strength / shrink) * Math.sin(phase - turn);
  for (let index = 0; index < length; index++) {
    samples[index] += now;
    const next = once * now + twice * before;
    before = now;
    now = next;
  }
}

/** Two or three strings a key, a hair apart: the sound falls fast at first, then lingers, and beats slowly. */
function addStrings(sides, pitch, hardness, sampleRate) {
  const random = chance(pitch);
  const lean = Math.max(-0.34, Math.min(0.34, ((pitch - 62) / 44) * 0.34)); // the bass at the left, as the player sits
  for (const { frequency, strength, decay } of partialsOf(pitch, hardness, sampleRate)) {
    const apart = 1 + (0.25 + 0.55 * random()) * 0.0005 * (random() < 0.5 ? -1 : 1);
    const phase = 0.5 * random();
    const spread = 0.4 + 1.1 * random();
    for (const [side, samples] of sides.entries()) {
      const here = Math.sqrt((1 + (side === 0 ? -lean : lean)) / 2) * Math.SQRT2 * strength;
      const lingering = pitch < 31 ? 0.12 : 0.24;
      addSine(samples, sampleRate, frequency, here * (1 - lingering), decay, phase);
      // Each side hears the lingering strings in a phase of its own: that is what makes the tone wide.
      const late = phase + (side === 0 ? -1 : 1) * spread;
      addSine(samples, sampleRate, frequency * apart, here * lingering, decay * LINGERS, late);
    }
  }
}

/** The knock of the hammer and of the key bed, in wood: a few short resonances and a breath of felt. */
function knockOf(pitch, hardness, sampleRate) {
  const random = chance(pitch + 1000 * (hardness + 1));
  const knock = new Float32Array(Math.ceil(0.25 * sampleRate));
  for (const resonance of [83, 121, 176, 249, 342, 487]) {
    const frequency = resonance * (0.94 + 0.12 * random()) * (1 + Math.max(pitch - 60, 0) / 90);
    addSine(knock, sampleRate, frequency, 0.4 / Math.sqrt(resonance / 83), 0.1 + 0.12 * random(), 6.28 * random());
  }
  const dull = 1 - Math.exp((-2 * Math.PI * (700 + 26 * Math.max(pitch - 21, 0))) / sampleRate);
  let felt = 0;
  for (let index = 0; index < knock.length; index++) {
    felt += dull * (2 * random() - 1 - felt);
    knock[index] += 1.6 * felt * Math.exp(-index / (0.009 * sampleRate));
  }
  return knock;
}

function loudnessOf(sides, sampleRate) {
  const heard = Math.min(Math.ceil(0.25 * sampleRate), sides[0].length);
  let sum = 0;
  for (const samples of sides) for (let index = 0; index < heard; index++) sum += samples[index] ** 2;
  return Math.sqrt(sum / (2 * heard));
}

function scale(samples, factor) {
  for (let index = 0; index < samples.length; index++) samples[index] *= factor;
}

/** Begin and end at nothing, so that neither clicks. */
function fadeEnds(samples, sampleRate, rise_s) {
  const rise = Math.ceil(rise_s * sampleRate);
  for (let index = 0; index < rise; index++) samples[index] *= 0.5 - 0.5 * Math.cos((Math.PI * index) / rise);
  const fall = Math.floor(0.3 * samples.length);
  for (let index = 0; index < fall; index++) {
    samples[samples.length - 1 - index] *= 0.5 - 0.5 * Math.cos((Math.PI * index) / fall);
  }
}

/** One key, `SOFT` or `HARD`, as the samples of the left and the right; the two layers fit together and may be mixed. */
export function renderNote(pitch, hardness) {
  const sampleRate = sampleRateOf(pitch);
  const seconds = Math.min(Math.max(decaySeconds(pitch) * LINGERS * 0.8, 0.9), LONGEST_S);
  const sides = [0, 1].map(() => new Float32Array(Math.ceil(seconds * sampleRate)));
  addStrings(sides, pitch, hardness, sampleRate);
  const even = 0.105 / loudnessOf(sides, sampleRate);
  for (const samples of sides) scale(samples, even);
  const knock = knockOf(pitch, hardness, sampleRate);
  const treble = Math.max(pitch - 60, 0) / 48;
  const part = (hardness === HARD ? 0.03 : 0.012) * (1 + 0.8 * treble);
  for (const samples of sides) for (let index = 0; index < knock.length; index++) samples[index] += part * knock[index];
  const rise_s = (hardness === HARD ? 0.0016 : 0.0042) * (1.25 - 0.7 * treble);
  for (const samples of sides) fadeEnds(samples, sampleRate, rise_s);
  return { sampleRate, sides };
}

/** The damper's felt falling back on the string. */
function renderDamper() {
  const sampleRate = 32000;
  const random = chance(77);
  const samples = new Float32Array(Math.ceil(0.14 * sampleRate));
  let felt = 0;
  let deeper = 0;
  for (let index = 0; index < samples.length; index++) {
    felt += 0.09 * (2 * random() - 1 - felt);
    deeper += 0.12 * (felt - deeper);
    samples[index] = deeper * Math.exp(-index / (0.028 * sampleRate));
  }
  fadeEnds(samples, sampleRate, 0.006);
  return { sampleRate, sides: [samples] };
}

/** The room: a few walls, then a tail that grows duller as it fades. */
export function renderRoom(sampleRate, seconds = 1.9) {
  const sides = [0, 1].map((side) => {
    const random = chance(4242 + side);
    const samples = new Float32Array(Math.ceil(seconds * sampleRate));
    for (const wall of [0.0113, 0.0179, 0.0237, 0.0311, 0.0402]) {
      samples[Math.round((wall + 0.0019 * random()) * sampleRate)] += (random() < 0.5 ? -1 : 1) * 0.5 * (1 - wall * 14);
    }
    const first = Math.round(0.014 * sampleRate);
    const closing = Math.exp(-2.4 / sampleRate);
    const fading = 10 ** (-3 / (1.7 * sampleRate));
    let [dull, open, strength] = [0, 0.62, 0.35];
    for (let index = first; index < samples.length; index++) {
      dull += (open + 0.045) * (2 * random() - 1 - dull);
      samples[index] += strength * Math.min((index - first) / (0.03 * sampleRate), 1) * dull;
      open *= closing;
      strength *= fading;
    }
    fadeEnds(samples, sampleRate, 0.001);
    return samples;
  });
  return { sampleRate, sides };
}

// ---------------------------------------------------------------- samples, worked out in the background

const WORKER_NAME = "antiphon-piano";

/** The sampled zones, nearest the middle first; what is wanted sooner is worked out on the spot. */
class Samples {
  constructor() {
    this.ready = new Map(); // zone -> [soft buffer, hard buffer]
    this.wanted = [];
    for (let zone = LOWEST_ZONE; zone <= HIGHEST_ZONE; zone += SEMITONES_PER_ZONE) this.wanted.push(zone);
    this.wanted.sort((one, other) => Math.abs(one - 63) - Math.abs(other - 63));
    this.whole = new Promise((done) => (this.done = done));
    this.begin();
  }

  /** This very file as a worker; where a page may not have one, between the page's other work. */
  begin() {
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
    this.worker.postMessage(this.wanted);
  }

  inIdleTime() {
    const next = this.wanted.find((zone) => !this.ready.has(zone));
    if (next === undefined) return;
    const soon = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 30));
    soon(() => {
      if (!this.ready.has(next)) this.take(next, layersOf(next));
      this.inIdleTime();
    });
  }

  take(zone, layers) {
    if (!this.ready.has(zone)) this.ready.set(zone, layers.map(bufferOf));
    if (this.ready.size === this.wanted.length) {
      this.end();
      this.done();
    }
  }

  end() {
    this.worker?.terminate();
    this.worker = undefined;
  }

  /** The zone of a pitch, or in the first seconds a neighbour of it, and its two layers. */
  of(pitch) {
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

// ---------------------------------------------------------------- playing

const MOST_VOICES = 56;
const DRY = 0.95;
const ROOM = 0.32;
const ROOM_UNDER_PEDAL = 0.44; // all strings are free then, and sing along
const CUT_S = 0.012;

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
  constructor(context, destination = context.destination) {
    prepare();
    this.context = context;
    this.samples = sharedSamples;
    this.voices = new Map(); // id -> the voice that its key holds
    this.ringing = new Set(); // every voice that can still be heard, oldest first
    this.pedals = new Set(); // who holds one down
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
    const into = new GainNode(context, { gain: 1 / LIMITER_REACH });
    this.bus.connect(this.dry).connect(into);
    this.bus.connect(this.send).connect(room).connect(into);
    into.connect(limiterOf(context)).connect(this.level).connect(destination);
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
    const { zone, layers } = this.samples.of(pitch);
    const hardness = hardnessOf(velocity);
    const level = new GainNode(context, { gain: gainOf(velocity) });
    level.connect(this.bus);
    const shares = [1 - hardness, hardness];
    const sources = layers.map((buffer, layer) => {
      const source = new AudioBufferSourceNode(context, { buffer, playbackRate: 2 ** ((pitch - zone) / 12) });
      source.connect(new GainNode(context, { gain: shares[layer] })).connect(level);
      source.start(when);
      return source;
    });
    const voice = { id, who: whoOf(id), pitch, velocity, when, level, sources, isHeld: true, damped: false };
    sources[0].onended = () => this.ended(voice);
    return voice;
  }

  ended(voice) {
    voice.level.disconnect();
    this.ringing.delete(voice);
    if (this.voices.get(voice.id) === voice) this.voices.delete(voice.id);
  }

  /** A key is let go: its damper falls, unless the pedal of the same player is down. */
  release(id, when = this.context.currentTime) {
    const voice = this.voices.get(id);
    if (!voice) return;
    this.voices.delete(id);
    voice.isHeld = false;
    if (!this.pedals.has(voice.who)) this.damp(voice, Math.max(when, voice.when + 0.02));
  }

  /** The pedal of a player goes down or up. */
  pedal(who, down) {
    if (down) this.pedals.add(who);
    else this.pedals.delete(who);
    const room = this.pedals.size > 0 ? ROOM_UNDER_PEDAL : ROOM;
    this.send.gain.setTargetAtTime(room, this.context.currentTime, 0.08);
    if (down) return;
    for (const voice of this.ringing) {
      if (voice.who === who && !voice.isHeld && !voice.damped) this.damp(voice, this.context.currentTime);
    }
  }

  /** Everything, or all of one player, falls silent at once. */
  silence(who) {
    for (const voice of [...this.ringing]) if (who === undefined || voice.who === who) this.cut(voice);
    for (const pedal of [...this.pedals]) if (who === undefined || pedal === who) this.pedal(pedal, false);
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
    const seconds = damperSeconds(voice.pitch);
    this.fade(voice, from, seconds);
    if (voice.pitch <= 88) this.thump(voice, from);
  }

  cut(voice) {
    const now = this.context.currentTime;
    if (this.voices.get(voice.id) === voice) this.voices.delete(voice.id); // not the one struck after it
    voice.isHeld = false;
    voice.level.gain.cancelScheduledValues(now);
    this.fade(voice, now, CUT_S);
  }

  fade(voice, from, seconds) {
    voice.damped = true;
    voice.level.gain.setTargetAtTime(0, from, seconds);
    for (const source of voice.sources) source.stop(from + 8 * seconds);
  }

  /** The felt is heard a little, less under a string that has nearly faded. */
  thump(voice, when) {
    const left = 10 ** ((-2 * (when - voice.when)) / decaySeconds(voice.pitch));
    const gain = 0.07 * gainOf(voice.velocity) ** 0.5 * Math.min(left + 0.15, 1) * (voice.pitch < 60 ? 1 : 0.6);
    const source = new AudioBufferSourceNode(this.context, { buffer: this.damper, playbackRate: 0.8 + voice.pitch / 150 });
    const level = new GainNode(this.context, { gain });
    source.connect(level).connect(this.bus);
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
