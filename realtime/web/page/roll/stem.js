/* The shape of the model's notes: a slim stem with a diamond at its head, where the player's are bars. So they differ without
their colours, too.

Pure: it makes a path. */

const SLIM = 0.42; // of a lane
const LEAST_HEAD = 4; // pixels from its middle to each corner

/** A stem from `top` to `bottom`, its head at `onset`, which is one of them; a short note is all head. */
export function stem(pen, { left, width }, top, bottom, onset) {
  const middle = left + width / 2;
  const slim = Math.max(SLIM * width, 2.5) / 2;
  const head = Math.max(0.72 * width, LEAST_HEAD);
  const centre = onset === top ? top + head : bottom - head;
  pen.beginPath();
  if (bottom - top <= 2 * head) {
    pen.moveTo(middle, centre - head);
    pen.lineTo(middle + head, centre);
    pen.lineTo(middle, centre + head);
    pen.lineTo(middle - head, centre);
  } else if (onset === top) {
    pen.moveTo(middle, top);
    pen.lineTo(middle + head, centre);
    pen.lineTo(middle + slim, centre + head - slim);
    pen.lineTo(middle + slim, bottom);
    pen.lineTo(middle - slim, bottom);
    pen.lineTo(middle - slim, centre + head - slim);
    pen.lineTo(middle - head, centre);
  } else {
    pen.moveTo(middle, bottom);
    pen.lineTo(middle - head, centre);
    pen.lineTo(middle - slim, centre - head + slim);
    pen.lineTo(middle - slim, top);
    pen.lineTo(middle + slim, top);
    pen.lineTo(middle + slim, centre - head + slim);
    pen.lineTo(middle + head, centre);
  }
  pen.closePath();
}
