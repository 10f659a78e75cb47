/* Which rows are only this page's own keys coming back: they have already sounded.

Another page may play too, under the same source; what this page didn't send is theirs. Only what goes down is awaited: letting
go twice does no harm, and where two pages hold one key the first that lets go never hears of it. Knows what was sent. Must not
know sound. */

export const PAGE_SOURCE = 1000;
const WAITS_S = 3;

export class Echoes {
  constructor(now = () => performance.now() / 1000) {
    this.now = now;
    this.sent = new Map(); // what -> the moments it was sent, oldest first
  }

  /** This page sent something that will come back as a row. */
  expect(what) {
    const moments = this.sent.get(what) ?? [];
    moments.push(this.now());
    this.sent.set(what, moments);
  }

  /** Whether a row is what this page sent; each sending answers for one row. */
  isOwn(what) {
    const moments = this.sent.get(what) ?? [];
    while (moments.length > 0 && this.now() - moments[0] > WAITS_S) moments.shift();
    return moments.shift() !== undefined;
  }

  forget() {
    this.sent.clear();
  }
}
