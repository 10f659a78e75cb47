/* The places of a slider and the values that they stand for, in order, as the engine lists them: one law for sliders and knobs.

Pure. */

export class Scale {
  constructor(steps = [1]) {
    this.steps = steps;
  }

  get last() {
    return this.steps.length - 1;
  }

  valueAt(place) {
    return this.steps[Math.min(Math.max(Math.round(place), 0), this.last)];
  }

  /** The place whose value is nearest. */
  placeOf(value) {
    let nearest = 0;
    this.steps.forEach((step, place) => {
      if (Math.abs(step - value) < Math.abs(this.steps[nearest] - value)) nearest = place;
    });
    return nearest;
  }
}

/** A value as it is read, with its unit where it has one. */
export function valueSaid(value, unit = "") {
  return unit ? `${value.toFixed(2)} ${unit}` : value.toFixed(2);
}

/** A distance on the keyboard as it is read: up or down, in whole semitones. */
export function semitonesSaid(value) {
  const whole = Math.round(value) || 0; // never -0
  return `${whole > 0 ? "+" : ""}${whole} st`;
}

/** A length as it is read: a share of the call, within its bounds; or seconds, where they leave no choice. */
export function lengthSaid(share, [shortest, longest] = []) {
  if (shortest === undefined) return valueSaid(share, "×");
  if (shortest === longest) return `${short(shortest)} s`;
  return `${valueSaid(share, "×")} · ${short(shortest)}–${short(longest)} s`;
}

function short(seconds) {
  return String(Math.round(seconds * 10) / 10);
}
