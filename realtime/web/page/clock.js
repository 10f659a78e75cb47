/* Where the engine's clock stands beside the page's, both in seconds.

Every row tells: it can't have come before it was sent, so the row that took least time is nearest to the truth. Knows moments.
Must not know rows. */

const REMEMBERS_S = 20;

export class EngineClock {
  constructor(pageNow = () => performance.now() / 1000) {
    this.pageNow = pageNow;
    this.forget();
  }

  /** After a lost connection: another engine may be there, with another clock. */
  forget() {
    this.ahead = Infinity; // the page's clock less the engine's, at the least delay of late
    this.nextAhead = Infinity; // the same, since `renewedAt`; takes over in time, as clocks drift
    this.renewedAt = this.pageNow();
  }

  /** A message that was sent at the engine's `at` has just come. */
  heard(at) {
    const now = this.pageNow();
    if (now - this.renewedAt > REMEMBERS_S) {
      this.ahead = this.nextAhead;
      this.nextAhead = Infinity;
      this.renewedAt = now;
    }
    this.nextAhead = Math.min(this.nextAhead, now - at);
    this.ahead = Math.min(this.ahead, this.nextAhead);
  }

  get isSet() {
    return Number.isFinite(this.ahead);
  }

  /** The engine's clock now. */
  now() {
    return this.isSet ? this.pageNow() - this.ahead : 0;
  }

  /** A moment of the engine's on the page's clock. */
  onPage(at) {
    return this.isSet ? at + this.ahead : this.pageNow();
  }
}
