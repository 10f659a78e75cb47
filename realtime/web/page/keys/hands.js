/* What is held on this page, by whichever finger: a computer key, the mouse, a touch, a keyboard through the browser.

A finger is any text that names it. A key struck again by another finger belongs to that finger. Knows fingers and pitches.
Must not know where they come from, nor sound. */

const LOWEST = 0;
const HIGHEST = 127;

export class Hands {
  constructor({ struck, letGo, pedalMoved, softened = () => {} }) {
    this.listener = { struck, letGo, pedalMoved, softened };
    this.pitches = new Map(); // finger -> pitch
    this.fingers = new Map(); // pitch -> the finger that struck it last
    this.pedals = new Set(); // feet on the pedal
    this.depth = 0;
  }

  strike(finger, pitch, velocity) {
    if (pitch < LOWEST || pitch > HIGHEST) return;
    this.letGo(finger);
    if (this.fingers.has(pitch)) this.listener.letGo(pitch);
    this.pitches.set(finger, pitch);
    this.fingers.set(pitch, finger);
    this.listener.struck(pitch, Math.min(Math.max(Math.round(velocity), 1), 127));
  }

  letGo(finger) {
    const pitch = this.pitches.get(finger);
    if (pitch === undefined) return;
    this.pitches.delete(finger);
    if (this.fingers.get(pitch) !== finger) return;
    this.fingers.delete(pitch);
    this.listener.letGo(pitch);
  }

  /** A foot goes down on the pedal, or leaves it. */
  tread(foot, down) {
    if (down) this.pedals.add(foot);
    else this.pedals.delete(foot);
    const depth = this.pedals.size > 0 ? 127 : 0;
    if (depth === this.depth) return;
    this.depth = depth;
    this.listener.pedalMoved(depth);
  }

  /** The left pedal goes down or up. */
  soften(down) {
    this.listener.softened(down);
  }

  /** Everything is let go; or what the fingers hold whose names begin so. */
  letGoAll(beginning = "") {
    for (const finger of [...this.pitches.keys()]) if (finger.startsWith(beginning)) this.letGo(finger);
    for (const foot of [...this.pedals]) if (foot.startsWith(beginning)) this.tread(foot, false);
  }
}
