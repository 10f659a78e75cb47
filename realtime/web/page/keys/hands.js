/* What is held on this page, by whichever finger: a computer key, the mouse, a touch, a keyboard through the browser.

A finger is any text that names it. A key struck again by another finger belongs to that finger. Knows fingers and pitches.
Must not know where they come from, nor sound. */

const LOWEST = 0;
const HIGHEST = 127;

/** A pedal that is all the way down. */
export const DOWN = 127;

export class Hands {
  constructor({ struck, letGo, pedalMoved, leftPedalMoved = () => {} }) {
    this.listener = { struck, letGo };
    this.pitches = new Map(); // finger -> pitch
    this.fingers = new Map(); // pitch -> the finger that struck it last
    this.pedal = new Feet(pedalMoved);
    this.leftPedal = new Feet(leftPedalMoved);
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

  /** A foot on the pedal is so far down, from 0 to `DOWN`. */
  tread(foot, depth) {
    this.pedal.tread(foot, depth);
  }

  /** The same on the left pedal. */
  soften(foot, depth) {
    this.leftPedal.tread(foot, depth);
  }

  /** The names of all that holds something here. */
  get holding() {
    return [...this.pitches.keys(), ...this.pedal.depths.keys(), ...this.leftPedal.depths.keys()];
  }

  /** Everything is let go; or what the fingers hold whose names begin so. */
  letGoAll(beginning = "") {
    for (const finger of [...this.pitches.keys()]) if (finger.startsWith(beginning)) this.letGo(finger);
    this.pedal.leave(beginning);
    this.leftPedal.leave(beginning);
  }
}

/** The feet on one pedal, which stands as deep as the deepest of them. */
class Feet {
  constructor(moved) {
    Object.assign(this, { moved, depths: new Map(), depth: 0 }); // foot -> how far down
  }

  tread(foot, depth) {
    if (depth > 0) this.depths.set(foot, depth);
    else this.depths.delete(foot);
    const deepest = Math.max(0, ...this.depths.values());
    if (deepest === this.depth) return;
    this.depth = deepest;
    this.moved(deepest);
  }

  leave(beginning) {
    for (const foot of [...this.depths.keys()]) if (foot.startsWith(beginning)) this.tread(foot, 0);
  }
}
