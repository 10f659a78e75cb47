/* A recorded grand piano, where the server has one: fetched, decoded, and kept within a bound of memory.

One stroke of each key is always there; harder and softer ones as far as memory goes, those that are played before others.
Knows the server's recordings and decoding. Must not know voices, nor how anything sounds while none is there. */

import { evenLoudness, loudnessOf, scale } from "./strings.js";

const MOST_BYTES = 58e6;
const BEFORE_ONSET_S = 0.002;
const FADE_S = 0.15;

/** Which strokes a velocity is mixed from: `[place, share]` of one, or of the two that it lies between. */
export function mixOf(velocity, velocities) {
  const above = velocities.findIndex((stroke) => stroke >= velocity);
  if (above === 0 || velocities.length === 1) return [[0, 1]];
  if (above === -1) return [[velocities.length - 1, 1]];
  const share = (velocity - velocities[above - 1]) / (velocities[above] - velocities[above - 1]);
  return [
    [above - 1, 1 - share],
    [above, share],
  ];
}

/** Where a recording begins to sound, and where it has fallen by 54 dB, in samples. */
export function heardPart(sides, sampleRate) {
  const block = Math.max(Math.floor(sampleRate / 500), 1);
  const peaks = [];
  for (let from = 0; from < sides[0].length; from += block) {
    let peak = 0;
    for (const samples of sides) {
      for (let index = from; index < Math.min(from + block, samples.length); index++) peak = Math.max(peak, Math.abs(samples[index]));
    }
    peaks.push(peak);
  }
  const most = Math.max(...peaks);
  const first = peaks.findIndex((peak) => peak > 0.03 * most);
  const last = peaks.findLastIndex((peak) => peak > 0.002 * most);
  return [Math.max(first * block - Math.round(BEFORE_ONSET_S * sampleRate), 0), Math.min((last + 1) * block, sides[0].length)];
}

/** Low strings have nothing that a lower rate would lose. */
function rateOf(pitch) {
  return pitch < 60 ? 24000 : 32000;
}

function bytesOf(buffer) {
  return 4 * buffer.length * buffer.numberOfChannels;
}

/** A recording as what is played: from its onset on, as loud as its key is to be. */
function prepared(decoded, pitch) {
  const { sampleRate, numberOfChannels } = decoded;
  const channels = Array.from({ length: numberOfChannels }, (_, channel) => decoded.getChannelData(channel));
  const [from, to] = heardPart(channels, sampleRate);
  const sides = channels.map((samples) => samples.slice(from, to));
  const even = evenLoudness(pitch) / Math.max(loudnessOf(sides, sampleRate, 0.25), 1e-6);
  const fade = Math.min(Math.floor(FADE_S * sampleRate), sides[0].length);
  const buffer = new AudioBuffer({ sampleRate, numberOfChannels, length: sides[0].length });
  sides.forEach((samples, side) => {
    scale(samples, even);
    for (let index = 0; index < fade; index++) samples[samples.length - 1 - index] *= index / fade;
    buffer.copyToChannel(samples, side);
  });
  return buffer;
}

export class Recorded {
  constructor(address = "piano/", mostBytes = MOST_BYTES) {
    this.address = address;
    this.mostBytes = this.wantedBytes = mostBytes;
    this.bytes = 0;
    this.keys = new Map(); // pitch -> its strokes, softest first: { velocity, file, buffer, usedAt }
    this.uses = 0;
    this.isReady = false;
  }

  /** Fetch one stroke of every key, and then others while there is room; whether there is a recorded piano at all. */
  async load() {
    const samples = await this.index();
    for (const { pitch, velocity, file } of samples) {
      if (!this.keys.has(pitch)) this.keys.set(pitch, []);
      this.keys.get(pitch).push({ pitch, velocity, file });
    }
    for (const strokes of this.keys.values()) strokes.sort((one, other) => one.velocity - other.velocity);
    const fromTheMiddle = [...this.keys.keys()].sort((one, other) => Math.abs(one - 63) - Math.abs(other - 63));
    const always = fromTheMiddle.map((pitch) => this.always(pitch));
    if (always.length === 0 || !(await this.decodeAll(always))) return false;
    this.isReady = true;
    this.fill(fromTheMiddle);
    return true;
  }

  async index() {
    const answer = await fetch(`${this.address}index.json`).catch(() => undefined);
    if (answer?.status !== 200) return [];
    const { samples = [], credit } = await answer.json();
    this.credit = credit; // whose it is, in words
    return samples;
  }

  /** Of each key one stroke is kept and no more, as long as another piano needs the room. */
  keepFew(isFew) {
    this.mostBytes = isFew ? 0 : this.wantedBytes;
    if (isFew) while (this.dropOne());
    else if (this.isReady) this.fill([...this.keys.keys()]);
  }

  always(pitch) {
    const strokes = this.keys.get(pitch);
    return strokes[Math.floor(strokes.length / 2)];
  }

  /** A few at a time; whether all of them could be had. */
  async decodeAll(strokes) {
    const waiting = [...strokes];
    const results = [];
    const work = async () => {
      for (let stroke = waiting.shift(); stroke; stroke = waiting.shift()) results.push(await this.decode(stroke));
    };
    await Promise.all([work(), work(), work(), work()]);
    return results.every(Boolean);
  }

  /** The other strokes, while they fit. */
  async fill(pitches) {
    for (const pitch of pitches) {
      for (const stroke of [...this.keys.get(pitch)].reverse()) {
        if (this.bytes > 0.9 * this.mostBytes) return;
        await this.decode(stroke);
      }
    }
  }

  async decode(stroke) {
    if (stroke.buffer) return true;
    if (stroke.isComing || stroke.isWrong) return false;
    stroke.isComing = true;
    try {
      const answer = await fetch(this.address + encodeURIComponent(stroke.file));
      if (answer.status !== 200) throw new Error(`${stroke.file} is not to be had`);
      const context = new OfflineAudioContext(2, 1, rateOf(stroke.pitch));
      this.add(stroke, prepared(await context.decodeAudioData(await answer.arrayBuffer()), stroke.pitch));
    } catch {
      stroke.isWrong = true; // the server has said so where it is its own; the other strokes go on
    }
    stroke.isComing = false;
    return stroke.buffer !== undefined;
  }

  add(stroke, buffer) {
    stroke.buffer = buffer;
    stroke.usedAt = ++this.uses;
    this.bytes += bytesOf(buffer);
    while (this.bytes > this.mostBytes && this.dropOne(stroke));
  }

  /** The stroke that was not played for the longest is let go. */
  dropOne(kept) {
    let oldest;
    for (const [pitch, strokes] of this.keys) {
      for (const stroke of strokes) {
        if (!stroke.buffer || stroke === kept || stroke === this.always(pitch)) continue;
        if (oldest === undefined || stroke.usedAt < oldest.usedAt) oldest = stroke;
      }
    }
    if (oldest === undefined) return false;
    this.bytes -= bytesOf(oldest.buffer);
    oldest.buffer = undefined;
    return true;
  }

  /** What a key struck so sounds from: its zone and layers, as far as they are there; undefined until the piano is. */
  of(pitch, velocity) {
    if (!this.isReady) return undefined;
    let zone;
    for (const near of this.keys.keys()) if (zone === undefined || Math.abs(near - pitch) < Math.abs(zone - pitch)) zone = near;
    const strokes = this.keys.get(zone);
    const mix = mixOf(velocity, strokes.map((stroke) => stroke.velocity));
    const lacking = mix.map(([place]) => strokes[place]).filter((stroke) => !stroke.buffer);
    for (const stroke of lacking) this.decode(stroke); // for the next time
    const there = mix.filter(([place]) => strokes[place].buffer);
    for (const [place] of there) strokes[place].usedAt = ++this.uses;
    if (lacking.length === 0) return { zone, layers: there.map(([place, share]) => ({ buffer: strokes[place].buffer, share })) };
    const buffer = there.length > 0 ? strokes[there[0][0]].buffer : this.always(zone).buffer;
    return { zone, layers: [{ buffer, share: 1 }] };
  }
}
