/* A SoundFont's piano, read from a file: which samples its keys sound from, how fast each plays and how it falls.

Only what is wanted of the file is read, however large it is. Knows the format (SoundFont 2.04). Must not know audio contexts. */

const PIANO = { bank: 0, program: 0 };
const HEADER = 8; // bytes of a chunk, before what is in it
const MOST_LISTED = 64e6; // bytes of all that isn't sound
const COMPRESSED = 0x10; // a sample's kind, in what is called SF3

/** Generators: what a zone says, by its number. */
const G = {
  start: 0, end: 1, loopStart: 2, loopEnd: 3, startCoarse: 4, cutoff: 8, opened: 11, endCoarse: 12, pan: 17, hold: 35, decay: 36,
  sustain: 37, release: 38, decayByKey: 40, instrument: 41, keys: 43, velocities: 44, loopStartCoarse: 45, attenuation: 48,
  loopEndCoarse: 50, semitones: 51, cents: 52, sample: 53, loops: 54, centsByKey: 56, root: 58,
};
const USUAL = { [G.cutoff]: 13500, [G.hold]: -12000, [G.decay]: -12000, [G.release]: -12000, [G.centsByKey]: 100, [G.root]: -1 };
const OF_SAMPLES = new Set([
  G.start, G.end, G.loopStart, G.loopEnd, G.startCoarse, G.endCoarse, G.loopStartCoarse, G.loopEndCoarse, G.loops, G.root,
  G.keys, G.velocities, G.instrument, G.sample,
]); // a preset's own don't count, or are no sum

/** What is wrong with a file, in a line. */
export class NoSoundFont extends Error {
  isOfTheFile = true;
}

/** The piano in a SoundFont: its `name`, its `zones`, and `samples(zone)`, which reads sixteen-bit numbers. */
export async function pianoIn(file) {
  const { sound, lists } = await chunksOf(file);
  const preset = presetIn(lists);
  const zones = zonesOf(lists, preset);
  if (zones.length === 0) throw new NoSoundFont(`${preset.name || "its first instrument"} has no samples`);
  if (zones.some(({ kind }) => kind & COMPRESSED)) throw new NoSoundFont("its samples are compressed (SF3): save it as SF2");
  const whole = zones.filter(({ from, to }) => from >= 0 && to > from && 2 * to <= sound.size);
  if (whole.length < zones.length) throw new NoSoundFont("it is cut short: some of its samples lie behind its end");
  const samples = async ({ from, to }) => new Int16Array(await sound.slice(2 * from, 2 * to).arrayBuffer());
  return { name: preset.name, zones, samples };
}

/** Where the sound lies in the file, and the lists of all else, by their names. */
async function chunksOf(file) {
  const begin = await viewOf(file, 0, 12);
  if (begin === undefined || text(begin, 0, 4) !== "RIFF" || text(begin, 8, 4) !== "sfbk") throw new NoSoundFont("it is no SoundFont");
  let sound;
  let lists;
  for (let at = 12; at + HEADER + 4 <= file.size; ) {
    const header = await viewOf(file, at, HEADER + 4);
    const size = header.getUint32(4, true);
    const kind = text(header, 8, 4);
    const from = at + HEADER + 4;
    const to = at + HEADER + size;
    if (to > file.size) throw new NoSoundFont("it is cut short");
    if (kind === "sdta") sound = await soundIn(file, from, to);
    if (kind === "pdta") {
      if (size > MOST_LISTED) throw new NoSoundFont("its lists are larger than any that we read");
      lists = listsIn(new DataView(await file.slice(from, to).arrayBuffer()));
    }
    at = to + (size % 2);
  }
  if (!sound || !lists) throw new NoSoundFont("it has no samples, or no instruments");
  return { sound, lists };
}

async function soundIn(file, from, to) {
  for (let at = from; at + HEADER <= to; ) {
    const header = await viewOf(file, at, HEADER);
    const size = header.getUint32(4, true);
    if (text(header, 0, 4) === "smpl") return file.slice(at + HEADER, Math.min(at + HEADER + size, to));
    at += HEADER + size + (size % 2);
  }
  return undefined;
}

async function viewOf(file, from, length) {
  const bytes = await file.slice(from, from + length).arrayBuffer();
  return bytes.byteLength === length ? new DataView(bytes) : undefined;
}

function listsIn(view) {
  const lists = {};
  for (let at = 0; at + HEADER <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    if (at + HEADER + size > view.byteLength) throw new NoSoundFont("one of its lists is cut short");
    lists[text(view, at, 4)] = new DataView(view.buffer, view.byteOffset + at + HEADER, size);
    at += HEADER + size + (size % 2);
  }
  for (const name of ["phdr", "pbag", "pgen", "inst", "ibag", "igen", "shdr"]) {
    if (!lists[name]) throw new NoSoundFont(`it has no list ${name}`);
  }
  return lists;
}

function text(view, at, length) {
  let letters = "";
  for (let index = 0; index < length; index++) {
    const code = view.getUint8(at + index);
    if (code === 0) break;
    letters += String.fromCharCode(code);
  }
  return letters.trim();
}

/** The grand piano; where there is none, the first of its instruments. The last row only says where the others end. */
function presetIn({ phdr }) {
  const presets = [];
  for (let at = 0; at + 76 <= phdr.byteLength; at += 38) {
    const [program, bank, first] = [20, 22, 24].map((place) => phdr.getUint16(at + place, true));
    presets.push({ name: text(phdr, at, 20), program, bank, bags: [first, phdr.getUint16(at + 38 + 24, true)] });
  }
  const isPiano = ({ bank, program }) => bank === PIANO.bank && program === PIANO.program;
  const found = presets.find(isPiano) ?? presets[0];
  if (!found) throw new NoSoundFont("it has no instruments");
  return found;
}

/** What each of the zones between two bags says; what the first one says for all, if it leads nowhere, is in every one. */
function bagsOf(bag, gen, [first, last], leads) {
  const bags = [];
  let common = {};
  for (let index = first; index < last; index++) {
    const said = {};
    const [from, to] = [index, index + 1].map((place) => bag.getUint16(4 * place, true));
    for (let place = from; place < to; place++) {
      const number = gen.getUint16(4 * place, true);
      const isRange = number === G.keys || number === G.velocities;
      const isNumber = number === G.instrument || number === G.sample;
      said[number] = isRange
        ? [gen.getUint8(4 * place + 2), gen.getUint8(4 * place + 3)]
        : isNumber
          ? gen.getUint16(4 * place + 2, true)
          : gen.getInt16(4 * place + 2, true);
    }
    if (leads in said) bags.push({ ...common, ...said });
    else if (index === first) common = said;
  }
  return bags;
}

function zonesOf(lists, preset) {
  try {
    return bagsOf(lists.pbag, lists.pgen, preset.bags, G.instrument).flatMap((above) => {
      const at = 22 * above[G.instrument];
      const bags = [20, 42].map((place) => lists.inst.getUint16(at + place, true));
      return bagsOf(lists.ibag, lists.igen, bags, G.sample).map((said) => zoneOf(lists.shdr, said, above)).filter(Boolean);
    });
  } catch (error) {
    if (error instanceof RangeError) throw new NoSoundFont("its lists lead nowhere");
    throw error;
  }
}

/** One sample with all that is to be known of how it plays; undefined where no key would play it. */
function zoneOf(shdr, said, above) {
  const of = (number) => {
    const own = said[number] ?? USUAL[number] ?? 0;
    return OF_SAMPLES.has(number) ? own : own + (above[number] ?? 0);
  };
  const within = (number) => {
    const [one, other] = [said, above].map((from) => from[number] ?? [0, 127]);
    return [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
  };
  const [keys, velocities] = [within(G.keys), within(G.velocities)];
  if (keys[0] > keys[1] || velocities[0] > velocities[1]) return undefined;
  const at = 46 * said[G.sample];
  const [start, end, loopStart, loopEnd, rate] = [20, 24, 28, 32, 36].map((place) => shdr.getUint32(at + place, true));
  const from = start + of(G.start) + 32768 * of(G.startCoarse);
  const loop = [loopStart + of(G.loopStart) + 32768 * of(G.loopStartCoarse), loopEnd + of(G.loopEnd) + 32768 * of(G.loopEndCoarse)];
  const original = shdr.getUint8(at + 40);
  return {
    keys,
    velocities,
    kind: shdr.getUint16(at + 44, true),
    from,
    to: end + of(G.end) + 32768 * of(G.endCoarse),
    rate,
    loop: of(G.loops) & 1 && loop[1] > loop[0] ? loop.map((place) => place - from) : undefined,
    root: of(G.root) >= 0 ? of(G.root) : original > 127 ? 60 : original,
    cents: 100 * of(G.semitones) + of(G.cents) + shdr.getInt8(at + 41),
    centsByKey: of(G.centsByKey),
    pan: Math.min(Math.max(of(G.pan) / 500, -1), 1),
    gain: 10 ** (-Math.max(of(G.attenuation), 0) / 200),
    cutoff: 440 * 2 ** ((of(G.cutoff) + Math.max(of(G.opened), 0) - 6900) / 1200), // as open as it is at its most
    hold_s: seconds(of(G.hold)),
    decay: of(G.decay),
    decayByKey: of(G.decayByKey),
    sustainDb: Math.min(Math.max(of(G.sustain) / 10, 0), 100),
    release_s: seconds(of(G.release)),
  };
}

function seconds(timecents) {
  return 2 ** (Math.min(timecents, 8000) / 1200);
}

/** How fast a zone's sample plays for a key. */
export function rateOf(zone, pitch) {
  return 2 ** (((pitch - zone.root) * zone.centsByKey + zone.cents) / 1200);
}

/** How long a key of a zone falls by 100 dB, as far as it falls by itself. */
export function decaySecondsOf(zone, pitch) {
  return seconds(zone.decay + (60 - pitch) * zone.decayByKey);
}

/** Which zones a key struck so sounds from; where none is its own, those of the nearest key and velocity. */
export function zonesFor(zones, pitch, velocity) {
  const away = ([low, high], value) => Math.max(low - value, value - high, 0);
  const distance = (zone) => 1000 * away(zone.keys, pitch) + away(zone.velocities, velocity);
  const least = Math.min(...zones.map(distance));
  return zones.filter((zone) => distance(zone) === least);
}
