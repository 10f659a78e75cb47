/* Where the sound is: on one page at a time, the one that was touched last; on the others a line says so.

The server tells which page has it. Knows the sound of this page. Must not know notes. */

export class SoundPlace {
  constructor(sound, { notice, said }, wished) {
    this.sound = sound;
    this.parts = { notice, said };
    this.wished = wished;
    this.hasBegun = false;
    this.you = undefined; // this page's number; undefined without a line to the server
    this.holder = null;
    this.show();
  }

  /** The first click: from here on this page can sound. */
  begin() {
    this.hasBegun = true;
    this.show();
    this.claim();
  }

  /** A new line to the server, by which this page has a number. */
  welcome(you, holder) {
    this.you = you;
    this.is(holder ?? null);
    if (this.holder === null) this.claim();
  }

  /** Who has the sound now. */
  is(holder) {
    this.holder = holder;
    this.sound.setElsewhere(this.you !== undefined && holder !== null && holder !== this.you);
    this.show();
  }

  lost() {
    this.you = undefined;
    this.is(null);
  }

  /** Somebody is at this page: the sound comes here, unless it is muted. */
  claim() {
    if (!this.hasBegun || this.sound.muted || this.you === undefined || this.holder === this.you) return;
    this.is(this.you);
    this.wished();
  }

  show() {
    this.parts.notice.hidden = !(this.hasBegun && this.sound.isElsewhere);
    this.parts.said(this.words());
  }

  words() {
    if (!this.hasBegun) return "this page, once it is clicked";
    if (!this.sound.isPossible) return "nothing: this browser gives no sound";
    if (this.sound.isElsewhere) return "another page";
    return this.sound.muted ? "this page, muted" : "this page";
  }
}
