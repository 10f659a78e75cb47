/* The keys on the screen: drawn, lit by whoever plays them, and played by mouse and touch.

Where there is no room for 88 keys it shows a part, which follows the hands; a strip above tells which. Knows the page's piano.
Must not know sound or the server. */

import { inkOfHand, placeOfHand } from "./hand_colours.js";
import { HIGHEST_KEY, LOWEST_KEY, WHITE_KEYS, isBlack, nameOf, pitchAt, placeOf } from "./key_places.js";

const SOFTEST = 34;
const LOUDEST = 118;
const PRESSED = 76; // how loud, and for how long, what is pressed with no finger is struck
const PRESSED_MS = 300;
const MARGIN_KEYS = 1.5; // white keys that stay in sight beside a key that is played

export class ScreenKeyboard {
  constructor(piano, overview, hands) {
    this.piano = piano;
    this.overview = overview;
    this.hands = hands;
    this.rows = piano.querySelector(".keys");
    this.keys = new Map();
    this.lit = { player: new Map(), model: new Map() }; // pitch -> who holds it: this page, a keyboard, the model
    this.expected = [];
    this.pointers = new Set();
    this.drawKeys();
    this.drawOverview();
    this.listen();
  }

  drawKeys() {
    for (let pitch = LOWEST_KEY; pitch <= HIGHEST_KEY; pitch++) {
      const key = document.createElement("div");
      key.className = isBlack(pitch) ? "key black" : "key white";
      key.dataset.pitch = String(pitch);
      key.setAttribute("role", "button");
      key.setAttribute("aria-label", nameOf(pitch));
      const { left, width } = placeOf(pitch);
      key.style.left = `${100 * left}%`;
      key.style.width = `${100 * width}%`;
      key.append(document.createElement("span"));
      if (pitch % 12 === 0) key.dataset.octave = `C${pitch / 12 - 1}`;
      this.keys.set(pitch, key);
      this.rows.append(key);
    }
  }

  drawOverview() {
    for (let pitch = LOWEST_KEY; pitch <= HIGHEST_KEY; pitch++) {
      if (!isBlack(pitch)) continue;
      const mark = document.createElement("i");
      mark.style.left = `${100 * placeOf(pitch).left}%`;
      mark.style.width = `${100 * placeOf(pitch).width}%`;
      this.overview.append(mark);
    }
    this.window = document.createElement("b");
    this.overview.append(this.window);
  }

  listen() {
    const { piano, overview } = this;
    piano.addEventListener("pointerdown", (event) => this.pointerDown(event));
    piano.addEventListener("pointermove", (event) => this.pointerMoved(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      piano.addEventListener(end, (event) => this.pointerGone(event));
    }
    piano.addEventListener("click", (event) => this.pressed(event));
    piano.addEventListener("contextmenu", (event) => event.preventDefault());
    piano.addEventListener("scroll", () => this.showWindow());
    for (const kind of ["pointerdown", "pointermove"]) overview.addEventListener(kind, (event) => this.drag(event));
    overview.addEventListener("keydown", (event) => this.nudge(event));
    const watch = new ResizeObserver(() => this.fit());
    for (const whole of [piano, this.rows]) watch.observe(whole);
  }

  // Fingers.

  pointerDown(event) {
    if (event.button !== 0) return;
    event.preventDefault(); // no focus is lost, no text chosen
    this.piano.setPointerCapture(event.pointerId);
    this.pointers.add(event.pointerId);
    this.play(event);
  }

  pointerMoved(event) {
    if (this.pointers.has(event.pointerId)) this.play(event);
  }

  pointerGone(event) {
    if (this.pointers.delete(event.pointerId)) this.hands.letGo(fingerOf(event));
  }

  /** A key that was pressed with no finger: by a screen reader, or by voice. */
  pressed({ target, detail }) {
    const pitch = Number(target.closest(".key")?.dataset.pitch);
    if (detail !== 0 || Number.isNaN(pitch)) return;
    const finger = `press ${pitch}`;
    this.hands.strike(finger, pitch, PRESSED);
    setTimeout(() => this.hands.letGo(finger), PRESSED_MS);
  }

  /** The key under the finger; the nearer its front edge it is struck, the louder. */
  play(event) {
    const box = this.rows.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const along = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1);
    const pitch = pitchAt(across, along);
    if (this.hands.pitches.get(fingerOf(event)) === pitch) return;
    const depth = isBlack(pitch) ? along / 0.63 : along;
    this.hands.strike(fingerOf(event), pitch, SOFTEST + (LOUDEST - SOFTEST) * Math.min(depth, 1));
  }

  // Light.

  /** Somebody lets a key of the `player` or the `model` go down or up; several keyboards may hold the same. */
  light(who, pitch, isDown, holder = who, hand = undefined) {
    const holders = this.lit[who].get(pitch) ?? new Set();
    if (isDown) holders.add(holder);
    else holders.delete(holder);
    this.lit[who].set(pitch, holders);
    this.keys.get(pitch)?.classList.toggle(who, holders.size > 0);
    if (isDown && who === "player") this.colour(pitch, hand);
    if (isDown && who === "player" && this.pointers.size === 0) this.follow(pitch, pitch);
  }

  /** A quiet glow on keys that are expected to go down next, each as strong as its share of the chances; the others have none. */
  expect(keys) {
    for (const pitch of this.expected) this.keys.get(pitch)?.classList.remove("expected");
    this.expected = keys.map(([pitch]) => pitch);
    for (const [pitch, share] of keys) {
      const key = this.keys.get(pitch);
      key?.style.setProperty("--expected", share.toFixed(2));
      key?.classList.add("expected");
    }
  }

  /** In the colour of the hand that struck it last. */
  colour(pitch, hand) {
    const key = this.keys.get(pitch);
    key?.classList.toggle("by-hand", placeOfHand(hand) > 0); // the first hand's is every player's
    key?.style.setProperty("--hand", inkOfHand(hand));
  }

  darken() {
    for (const who of ["player", "model"]) {
      this.lit[who].clear();
      for (const key of this.keys.values()) key.classList.remove(who);
    }
  }

  /** Letters on the keys that the computer's keys play. */
  label(labels) {
    for (const [pitch, key] of this.keys) key.firstChild.textContent = (labels.get(pitch) ?? []).join(" ");
  }

  // The part in sight.

  get isWhole() {
    return this.piano.scrollWidth <= this.piano.clientWidth + 1;
  }

  fit() {
    document.body.classList.toggle("part-of-piano", !this.isWhole);
    if (!this.isWhole) this.show(this.wasWhole === false ? this.middle : 0.47); // around middle C at first
    this.wasWhole = this.isWhole;
    this.showWindow();
  }

  /** Bring keys into sight, moving no further than needed. */
  follow(from, to) {
    if (this.isWhole) return;
    const whole = this.piano.scrollWidth;
    const margin = (MARGIN_KEYS / WHITE_KEYS) * whole;
    const left = placeOf(from).left * whole - margin;
    const right = (placeOf(to).left + placeOf(to).width) * whole + margin;
    if (left < this.piano.scrollLeft) this.scroll(left);
    else if (right > this.piano.scrollLeft + this.piano.clientWidth) this.scroll(right - this.piano.clientWidth);
  }

  scroll(left) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.piano.scrollTo({ left, behavior: calm ? "instant" : "smooth" });
  }

  show(share) {
    this.piano.scrollLeft = share * this.piano.scrollWidth - this.piano.clientWidth / 2;
  }

  drag(event) {
    if (event.type === "pointermove" && !this.overview.hasPointerCapture(event.pointerId)) return;
    if (event.type === "pointerdown") this.overview.setPointerCapture(event.pointerId);
    const box = this.overview.getBoundingClientRect();
    this.show((event.clientX - box.left) / box.width);
  }

  nudge(event) {
    const octaves = { ArrowLeft: -1, ArrowRight: 1 }[event.code];
    if (octaves === undefined) return;
    event.preventDefault();
    this.scroll(this.piano.scrollLeft + (octaves * 7 * this.piano.scrollWidth) / WHITE_KEYS);
  }

  showWindow() {
    const { scrollLeft, scrollWidth, clientWidth } = this.piano;
    this.middle = (scrollLeft + clientWidth / 2) / scrollWidth; // stays in the middle when a phone is turned
    this.window.style.left = `${(100 * scrollLeft) / scrollWidth}%`;
    this.window.style.width = `${(100 * clientWidth) / scrollWidth}%`;
    const room = Math.max(scrollWidth - clientWidth, 1);
    this.overview.setAttribute("aria-valuenow", String(Math.round((100 * scrollLeft) / room)));
  }
}

function fingerOf(event) {
  return `pointer ${event.pointerId}`;
}
