/* A SoundFont of the user's own: dropped onto the page, or chosen; its piano sounds in the place of the page's.

Knows the sound and where a file can come from. Must not know what is in it: who reads it is fetched with the first one. */

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

  /** Read it and let it sound; where it can't, what sounds goes on. */
  async take(file) {
    const name = file.name.slice(0, MOST_LETTERS);
    this.newest = file;
    try {
      const { FontPiano } = await import("./font_piano.js");
      const piano = await FontPiano.from(file);
      if (this.newest !== file) return; // another one has come meanwhile
      this.sound.playFont(piano);
      const size = `${Math.max(Math.round(piano.bytes / 1e6), 1)} MB`;
      this.show(`${piano.name || "Piano"} of ${name}, ${size}`, false);
      this.said(`${name} sounds now${piano.isThinned ? ", with as many strokes of each key as there is room for" : ""}`);
    } catch (error) {
      if (this.newest === file) this.said(`${name} can't be played: ${error.isOfTheFile ? error.message : "it can't be read"}`);
    }
  }

  playOwn() {
    this.newest = undefined;
    this.sound.playFont(undefined);
    this.show("the page's own", true);
  }

  show(what, isOwn) {
    this.word.textContent = what;
    this.back.hidden = isOwn;
  }
}
