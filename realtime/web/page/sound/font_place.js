/* A SoundFont of the user's own: dropped onto the page, or chosen; its piano sounds in the place of the page's, also after a
reload, until the page's own is chosen again.

Knows the sound and where a file can come from. Must not know what is in it: who reads it is fetched with the first one. */

import { forgetFont, keepFont, keptFont, MOST_KEPT_BYTES } from "./kept_font.js";

const MOST_LETTERS = 60;

export class FontPlace {
  /** `chooser` is an input for files, `word` says what sounds, `back` gives the page's own piano back; `said` gets lines. */
  constructor(sound, { chooser, word, back, said }) {
    Object.assign(this, { sound, word, back, said });
    chooser.addEventListener("change", () => {
      if (chooser.files.length > 0) this.take(chooser.files[0]);
      chooser.value = ""; // the same one may be chosen again
    });
    back.addEventListener("click", () => this.playOwn());
    for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => this.welcome(event));
    document.addEventListener("drop", (event) => this.dropped(event));
    this.restored = this.restore();
  }

  /** The one that sounded at the last visit. */
  async restore() {
    this.showOwn();
    await this.sound.recordedIsReady;
    if (this.newest === undefined) this.showOwn();
    const file = await keptFont();
    if (file && this.newest === undefined) await this.take(file, true);
  }

  /** Without this a browser would open the file in the place of the page. */
  welcome(event) {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  }

  dropped(event) {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    this.take(file);
  }

  /** Read it and let it sound; where it can't, what sounds goes on. One that was kept is not said to be new. */
  async take(file, wasKept = false) {
    const name = String(file.name).slice(0, MOST_LETTERS);
    const before = this.newest;
    this.newest = file;
    this.sound.keepFew(true); // of the page's own piano: both are to fit
    try {
      const { FontPiano } = await import("./font_piano.js");
      const piano = await FontPiano.from(file);
      if (this.newest !== file) return; // another one has come meanwhile
      this.sound.playFont(piano);
      const size = `${Math.max(Math.round(piano.bytes / 1e6), 1)} MB`;
      this.show(`${piano.name || "Piano"} of ${name}, ${size}`, false);
      if (wasKept) return;
      const isKept = await keepFont(file);
      const remarks = [
        piano.isThinned ? "with as many strokes of each key as there is room for" : "",
        isKept ? "" : notKept(file),
      ];
      this.said([`${name} sounds now`, ...remarks.filter(Boolean)].join(", "));
    } catch (error) {
      if (this.newest !== file) return;
      this.newest = before;
      this.sound.keepFew(this.sound.font !== undefined);
      this.said(`${name} can't be played: ${error.isOfTheFile ? error.message : "it can't be read"}`);
    }
  }

  /** The page's piano sounds again, and the SoundFont is forgotten. */
  playOwn() {
    this.newest = null; // chosen too: one that is still being read comes too late
    this.sound.playFont(undefined);
    this.sound.keepFew(false);
    forgetFont();
    this.showOwn();
  }

  /** Which the page's own piano is, and whose. */
  showOwn() {
    this.show(this.sound.credit ?? "the page's own", true);
  }

  show(what, isOwn) {
    this.word.textContent = what;
    this.back.hidden = isOwn;
  }
}

function notKept({ size }) {
  if (size <= MOST_KEPT_BYTES) return "until the page is loaded anew, as this browser keeps no files";
  return `until the page is loaded anew, as it has ${Math.round(size / 1e6)} MB, and ${MOST_KEPT_BYTES / 1e6} are kept`;
}
