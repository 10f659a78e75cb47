/* The piano of a SoundFont as the page plays it: its samples in memory, within a bound, as loud as the page's own piano.

Knows zones and buffers. Must not know voices, nor where the file came from. */

import { decaySecondsOf, NoSoundFont, pianoIn, rateOf, zonesFor } from "./soundfont.js";
import { evenLoudness, loudnessOf } from "./strings.js";

const MOST_BYTES = 40e6; // beside the few that are kept of the page's own piano
const LONGEST_S = 12; // of a sample without a loop, where all of it is too much
const SLOWEST_RATE = 8000;
const FASTEST_RATE = 96000;
const FADE_S = 0.15;
const DB_A_TIME_CONSTANT = 8.686;
const OPEN_HZ = 18000; // a filter that is as good as none

export class FontPiano {
  /** From a file; `NoSoundFont` says what is wrong with one that can't be played. */
  static async from(file, mostBytes = MOST_BYTES) {
    const { name, zones, samples } = await pianoIn(file);
    const playable = zones.filter(({ rate }) => rate >= SLOWEST_RATE && rate <= FASTEST_RATE);
    if (playable.length === 0) throw new NoSoundFont("its samples have rates that no browser plays");
    const kept = within(playable, mostBytes);
    const piano = new FontPiano(name, kept, kept.length < zones.length);
    for (const zone of kept) await piano.read(zone, samples);
    piano.level();
    return piano;
  }

  constructor(name, zones, isThinned) {
    Object.assign(this, { name, zones, isThinned, buffers: new Map() });
  }

  async read(zone, samples) {
    if (this.buffers.has(keyOf(zone))) return;
    const numbers = await samples(zone);
    const buffer = new AudioBuffer({ sampleRate: zone.rate, numberOfChannels: 1, length: numbers.length });
    const side = buffer.getChannelData(0);
    for (let index = 0; index < numbers.length; index++) side[index] = numbers[index] / 32768;
    if (!zone.loop) fadeOut(side, zone.rate);
    this.buffers.set(keyOf(zone), buffer);
  }

  /** Zones that sound together are as loud as the page's own piano is there. */
  level() {
    for (const zone of this.zones) {
      const pitch = middleOf(zone.keys);
      const together = zonesFor(this.zones, pitch, middleOf(zone.velocities));
      const power = together.reduce((sum, one) => sum + (one.gain * this.loudness(one)) ** 2 / 2, 0);
      zone.share = (zone.gain * evenLoudness(pitch)) / Math.max(Math.sqrt(power), 1e-6);
    }
  }

  loudness(zone) {
    return loudnessOf([this.buffers.get(keyOf(zone)).getChannelData(0)], zone.rate, 0.25);
  }

  get bytes() {
    return [...this.buffers.values()].reduce((sum, { length }) => sum + 4 * length, 0);
  }

  /** What a key struck so sounds from, and how fast its dampers quiet it. */
  of(pitch, velocity) {
    const zones = zonesFor(this.zones, pitch, velocity);
    const layers = zones.map((zone) => ({
      buffer: this.buffers.get(keyOf(zone)),
      share: zone.share,
      rate: rateOf(zone, pitch),
      loop: zone.loop?.map((place) => place / zone.rate),
      pan: zone.pan,
      cutoff: zone.cutoff < OPEN_HZ ? zone.cutoff : undefined,
      falls: { after_s: zone.hold_s, by_db: zone.sustainDb, within_s: (decaySecondsOf(zone, pitch) * zone.sustainDb) / 100 },
    }));
    return { zone: pitch, layers, damper_s: Math.max((zones[0].release_s * DB_A_TIME_CONSTANT) / 100, 0.02) };
  }
}

function keyOf({ from, to }) {
  return `${from} ${to}`;
}

function middleOf([low, high]) {
  return Math.round((low + high) / 2);
}

function bytesOf(zones) {
  const lengths = new Map(zones.map((zone) => [keyOf(zone), zone.to - zone.from]));
  return [...lengths.values()].reduce((sum, length) => sum + 4 * length, 0);
}

/** As many of the strokes of each key as there is room for, spread evenly; of long samples the beginning, if need be. */
export function within(zones, mostBytes) {
  if (bytesOf(zones) <= mostBytes) return zones;
  const strokes = [...new Set(zones.map(({ velocities }) => velocities[1]))].sort((one, other) => one - other);
  for (let count = strokes.length; count > 0; count--) {
    for (const cut of [(zone) => zone, shortened]) {
      const kept = new Set(Array.from({ length: count }, (_, place) => strokes[strokes.length - 1 - Math.floor((place * strokes.length) / count)]));
      const some = zones.filter(({ velocities }) => kept.has(velocities[1])).map(cut);
      if (bytesOf(some) <= mostBytes) return some;
    }
  }
  const needed = Math.ceil(bytesOf(zones) / 1e6);
  throw new NoSoundFont(`its piano takes ${needed} MB, and this page keeps ${Math.floor(mostBytes / 1e6)}`);
}

function shortened(zone) {
  return zone.loop ? zone : { ...zone, to: Math.min(zone.to, zone.from + LONGEST_S * zone.rate) };
}

function fadeOut(samples, rate) {
  const fade = Math.min(Math.floor(FADE_S * rate), samples.length);
  for (let index = 0; index < fade; index++) samples[samples.length - 1 - index] *= index / fade;
}
