/* A computer's keys as a piano's: two rows, like the black and white keys of two octaves, as in the terminal.

Goes by where a key is, not by its letter, so that the rows are rows on every layout. Knows key events. Must not know sound or
the server. */

import { DOWN } from "./hands.js";

const LOWER_ROW = "KeyZ KeyS KeyX KeyD KeyC KeyV KeyG KeyB KeyH KeyN KeyJ KeyM Comma KeyL Period Semicolon Slash".split(" ");
const UPPER_ROW =
  "KeyQ Digit2 KeyW Digit3 KeyE KeyR Digit5 KeyT Digit6 KeyY Digit7 KeyU KeyI Digit9 KeyO Digit0 KeyP".split(" ");
const SIGNS = { Comma: ",", Period: ".", Semicolon: ";", Slash: "/", Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]" };
const STEP_DOWN = new Set(["BracketLeft", "ArrowLeft", "ArrowDown"]);
const STEP_UP = new Set(["BracketRight", "ArrowRight", "ArrowUp"]);
const COMMANDS = {
  KeyA: "again", KeyF: "freeze", KeyK: "mute", Minus: "calmer", Equal: "bolder", Digit1: "next-mode", Digit8: "forget",
  Digit4: "star",
};
const LOWEST_C = 24;
const HIGHEST_C = 84;
const MIDDLE_C = 60;
const VELOCITY = 76;
const ACCENT = 108;
const FINGER = "key ";

export class ComputerKeys {
  constructor(hands, { handOver, panic, moved, press, help }) {
    this.hands = hands;
    this.listener = { handOver, panic, moved, press, help };
    this.lowest = MIDDLE_C - 12;
    this.letters = new Map();
    this.learnLetters();
  }

  listen(target) {
    target.addEventListener("keydown", (event) => this.down(event));
    target.addEventListener("keyup", (event) => this.up(event));
  }

  /** What is printed on the keys, where the browser tells. */
  async learnLetters() {
    try {
      this.letters = await navigator.keyboard.getLayoutMap();
    } catch {
      return; // no such browser, or not allowed: the letters of an English keyboard
    }
    this.listener.moved();
  }

  letterOf(code) {
    const plain = SIGNS[code] ?? code.replace(/^(Key|Digit)/, "");
    return (this.letters.get(code) ?? plain).toUpperCase();
  }

  /** Pitch -> the letters that play it, as the rows stand now. */
  labels() {
    const labels = new Map();
    for (const [row, from] of [[LOWER_ROW, 0], [UPPER_ROW, 12]]) {
      row.forEach((code, step) => {
        const pitch = this.lowest + from + step;
        labels.set(pitch, [...(labels.get(pitch) ?? []), this.letterOf(code)]);
      });
    }
    return labels;
  }

  down(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (isTyping(event.target)) return;
    if (event.key === "?") return this.listener.help(event.preventDefault()); // wherever the layout has it: no accent there
    const pitch = this.pitchOf(event.code);
    if (pitch !== undefined) {
      if (!event.repeat) this.hands.strike(FINGER + event.code, pitch, event.shiftKey ? ACCENT : VELOCITY);
      event.preventDefault();
    } else if (!event.repeat && this.command(event)) {
      event.preventDefault();
    } else if (event.code === "Space" && !isPressable(event.target)) {
      event.preventDefault(); // a held space would scroll the page
    }
    return undefined;
  }

  command({ code, target }) {
    if (code === "Escape") this.listener.panic();
    else if (code === "Space" && !isPressable(target)) this.hands.tread(`${FINGER}Space`, DOWN);
    else if ((code === "Enter" || code === "NumpadEnter") && !isPressable(target)) this.listener.handOver();
    else if (STEP_DOWN.has(code) && !hasArrows(target, code)) this.step(-12);
    else if (STEP_UP.has(code) && !hasArrows(target, code)) this.step(12);
    else if (code in COMMANDS) this.listener.press(COMMANDS[code]);
    else return false;
    return true;
  }

  up({ code }) {
    if (code === "Space") this.hands.tread(`${FINGER}Space`, 0);
    // While the Mac's command key is down, no key tells that it was let go.
    else if (code === "MetaLeft" || code === "MetaRight") this.hands.letGoAll(FINGER);
    else this.hands.letGo(FINGER + code);
  }

  pitchOf(code) {
    if (LOWER_ROW.includes(code)) return this.lowest + LOWER_ROW.indexOf(code);
    if (UPPER_ROW.includes(code)) return this.lowest + 12 + UPPER_ROW.indexOf(code);
    return undefined;
  }

  step(semitones) {
    this.lowest = Math.min(Math.max(this.lowest + semitones, LOWEST_C), HIGHEST_C);
    this.listener.moved(true);
  }
}

function isTyping(target) {
  return target instanceof Element && target.closest("select, input:not([type=range]):not([type=checkbox])") !== null;
}

function isPressable(target) {
  return target instanceof Element && target.closest("button, a, summary, input[type=checkbox]") !== null;
}

function hasArrows(target, code) {
  return code.startsWith("Arrow") && target instanceof Element && target.closest("input, [role=scrollbar]") !== null;
}
