/* The part of the roll that has ended: drawn once, on strips of time, and from then on only moved.

Places are in the screen's own pixels from the beginning of time, later ones larger. Knows canvases. Must not know notes. */

const HEIGHT = 512;

export class Strips {
  constructor() {
    this.strips = new Map(); // number, counted from the beginning of time -> { canvas, pen }
    this.spare = [];
    this.from = 0;
  }

  /** Everything is forgotten; from now on strips are so wide. */
  clear(width) {
    this.width = width;
    this.strips.clear();
    this.spare = [];
  }

  /** What lies before this place will not be seen again. */
  forgetBefore(place) {
    this.from = place;
    for (const [number, strip] of this.strips) {
      if ((number + 1) * HEIGHT > place) continue;
      this.strips.delete(number);
      this.spare.push(strip);
    }
  }

  /** Draw what lies between two places, on each strip that it touches; `draw` gets a pen and the place of its top. */
  lay(from, to, draw) {
    for (let number = Math.floor(Math.max(from, this.from) / HEIGHT); number * HEIGHT < to; number++) {
      draw(this.strip(number).pen, number * HEIGHT);
    }
  }

  /** Lay down all that lies from `top` on, as far as there is anything. */
  show(pen, top, height) {
    for (const [number, { canvas }] of this.strips) {
      const y = number * HEIGHT - top;
      if (y < height && y > -HEIGHT) pen.drawImage(canvas, 0, y);
    }
  }

  strip(number) {
    const known = this.strips.get(number);
    if (known) return known;
    const strip = this.spare.pop() ?? this.fresh();
    strip.pen.setTransform(1, 0, 0, 1, 0, 0);
    strip.pen.clearRect(0, 0, this.width, HEIGHT);
    this.strips.set(number, strip);
    return strip;
  }

  fresh() {
    const canvas = document.createElement("canvas");
    canvas.width = this.width;
    canvas.height = HEIGHT;
    return { canvas, pen: canvas.getContext("2d") };
  }
}
