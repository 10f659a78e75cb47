/* Keyboards that the browser opens (Web MIDI), for computers where the server opened none.

Off unless chosen: a keyboard that the server hears too would sound twice. Knows MIDI messages. Must not know sound or the
server. */

import { recall, remember } from "../memory.js";

const NOT_KEYBOARDS = /antiphon|midi through/i;
const PEDAL = 64;
const LEFT_PEDAL = 67;
const ALL_SOUND_OFF = 120;
const ALL_NOTES_OFF = 123;
const NO_MIDI = {
  served: "use Chrome, Edge or Firefox, or let Antiphon open the keyboard with --in NAME",
  alone: "use Chrome, Edge or Firefox",
};
const NOT_ENCRYPTED = {
  served: "start Antiphon with --certificate, or let it open the keyboard with --in NAME",
  alone: "open this one with https",
};

export class BrowserMidi {
  constructor(hands, { list, word, toggle, isAlone = false }) {
    this.isAlone = isAlone; // no server is there, which could listen to keyboards itself
    this.hands = hands;
    this.list = list;
    this.word = word;
    this.toggle = toggle;
    this.serverInputs = [];
    this.ticks = new Map(); // name of an input -> whether the person wants it; unsaid: unless the server has it
    toggle.addEventListener("change", () => {
      remember("midi in", toggle.checked);
      this.choose(toggle.checked);
    });
    this.describe();
  }

  /** As it was left the last time, when the browser has already been allowed. */
  async begin() {
    if (!this.exists || this.access || !(await isAllowed())) return;
    const isNeeded = this.serverInputs.length === 0;
    if (recall("midi in", isNeeded)) await this.choose(true);
  }

  get exists() {
    return typeof navigator.requestMIDIAccess === "function";
  }

  /** What the server listens to: with a keyboard of its own there, this stays off unless it is switched on. */
  serverHears(names) {
    this.serverInputs = names.filter((name) => !NOT_KEYBOARDS.test(name));
    this.follow();
  }

  async choose(on) {
    this.isWanted = on;
    this.refusal = undefined;
    if (on) await this.open();
    else this.close();
    this.toggle.checked = this.access !== undefined;
    this.describe();
  }

  async open() {
    this.isAsking = true;
    this.describe();
    let access;
    try {
      access = await navigator.requestMIDIAccess({ sysex: false });
    } catch {
      this.refusal = "The browser was not allowed to use MIDI: allow it beside the address, then switch this on again.";
    }
    this.isAsking = false;
    if (!access || !this.isWanted) return; // or switched off while the person was being asked
    this.access = access;
    this.access.onstatechange = () => this.follow();
    this.follow();
  }

  close() {
    if (!this.access) return;
    this.access.onstatechange = null;
    for (const input of this.access.inputs.values()) this.leave(input);
    this.access = undefined;
  }

  /** Listen to what is there and chosen; what went away holds nothing any more. */
  follow() {
    for (const input of this.access?.inputs.values() ?? []) {
      if (this.isChosen(input) && input.state === "connected") {
        input.onmidimessage = (event) => this.heard(input, event.data);
      } else {
        this.leave(input);
      }
    }
    const here = new Set([...(this.access?.inputs.keys() ?? [])].map(fingersOf));
    for (const finger of this.hands.holding) {
      const keyboard = finger.match(/^midi .*? \| /)?.[0];
      if (keyboard !== undefined && !here.has(keyboard)) this.hands.letGoAll(keyboard);
    }
    this.describe();
  }

  isChosen(input) {
    if (NOT_KEYBOARDS.test(input.name)) return false;
    return this.ticks.get(input.name) ?? !this.isWithServer(input.name);
  }

  /** The server names ports as the system does, the browser by its own rules: one name holds the other. */
  isWithServer(name) {
    return this.serverInputs.some((other) => other.includes(name) || name.includes(other));
  }

  leave(input) {
    input.onmidimessage = null;
    this.hands.letGoAll(fingersOf(input.id));
  }

  heard(input, [status, first, second]) {
    const fingers = fingersOf(input.id);
    const kind = status & 0xf0;
    const finger = `${fingers}${status & 0x0f} ${first}`;
    if (kind === 0x90 && second > 0) this.hands.strike(finger, first, second);
    else if (kind === 0x90 || kind === 0x80) this.hands.letGo(finger);
    else if (kind === 0xb0 && first === PEDAL) this.hands.tread(`${fingers}${status & 0x0f}`, second);
    else if (kind === 0xb0 && first === LEFT_PEDAL) this.hands.soften(`${fingers}${status & 0x0f}`, second);
    else if (kind === 0xb0 && (first === ALL_SOUND_OFF || first === ALL_NOTES_OFF)) this.hands.letGoAll(fingers);
  }

  describe() {
    this.toggle.disabled = !this.exists;
    this.word.textContent = this.sentence();
    const inputs = [...(this.access?.inputs.values() ?? [])].filter((input) => !NOT_KEYBOARDS.test(input.name));
    this.list.replaceChildren(...inputs.filter((input) => input.state === "connected").map((input) => this.choiceOf(input)));
  }

  sentence() {
    if (!this.exists) {
      const [reason, remedy] = globalThis.isSecureContext ? ["This browser has no Web MIDI", NO_MIDI] : ["Over a network a browser lends its keyboards to encrypted pages alone", NOT_ENCRYPTED];
      return `${reason}: ${this.isAlone ? remedy.alone : remedy.served}.`;
    }
    if (this.refusal) return this.refusal;
    if (this.isAsking && this.isWanted) return "The browser asks beside the address whether this page may use MIDI.";
    const heard = this.serverInputs.join(", ");
    if (heard && this.access) return `Antiphon listens to ${heard} itself; ticked here too, its notes would sound twice.`;
    if (heard) return `Antiphon already listens to ${heard}; switch this on only for other keyboards.`;
    if (!this.access && this.isAlone) return "Switch this on to play a MIDI keyboard.";
    if (!this.access) return "Antiphon has opened no keyboard itself; switch this on to play one through the browser.";
    return "Plug in a keyboard at any time: it is found by itself.";
  }

  choiceOf(input) {
    const label = document.createElement("label");
    const tick = document.createElement("input");
    tick.type = "checkbox";
    tick.checked = this.isChosen(input);
    tick.addEventListener("change", () => {
      this.ticks.set(input.name, tick.checked);
      this.follow();
    });
    label.append(tick, ` ${input.name}`);
    const item = document.createElement("li");
    item.append(label);
    return item;
  }
}

function fingersOf(id) {
  return `midi ${id} | `;
}

async function isAllowed() {
  try {
    return (await navigator.permissions.query({ name: "midi" })).state === "granted";
  } catch {
    return false; // the browser doesn't tell before it is asked
  }
}
