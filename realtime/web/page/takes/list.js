/* The takes: what was played, as MIDI files to keep, to hear again, to name and to drag into other programs.

Knows the list that the server sends. Must not know notes. */

const PLAY = "▶";
const STOP = "■";

export class Takes {
  /** `wishes`: `begin` another take, `play` or `stop` one, `record` its sound, give one another `name`. */
  constructor({ list, count, button }, wishes) {
    Object.assign(this, { list, count, wishes, takes: [], playing: undefined });
    button.addEventListener("click", wishes.begin);
    this.show([]);
  }

  show(takes) {
    this.takes = takes;
    this.count.textContent = takes.length > 0 ? String(takes.length) : "";
    if (this.isNaming) return; // what is being typed would be lost; it is drawn when that is done
    if (takes.length === 0) {
      const item = document.createElement("li");
      item.className = "nothing";
      item.textContent = "What you play is kept here, with what Antiphon answers.";
      this.list.replaceChildren(item);
      return;
    }
    this.list.replaceChildren(...takes.map((take) => this.itemOf(take)));
  }

  /** Which take is heard again, by its name; undefined: none. */
  showPlaying(name) {
    this.playing = name;
    this.show(this.takes);
  }

  get isNaming() {
    return this.list.querySelector("form") !== null;
  }

  itemOf(take) {
    const item = document.createElement("li");
    if (take.now) item.className = "now";
    const isPlaying = take.name === this.playing;
    item.append(
      this.buttonOf(isPlaying ? STOP : PLAY, isPlaying ? "Stop" : "Hear it again", () => (isPlaying ? this.wishes.stop() : this.wishes.play(take.name)), take),
      linkOf(take),
      this.buttonOf("●", "Record its sound: it is played once, and then a sound file is there to keep", () => this.wishes.record(take.name), take),
      this.buttonOf("✎", "Give it a name", () => this.askForName(item, take), take),
    );
    return item;
  }

  buttonOf(sign, about, pressed, { name }) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, title: about });
    button.setAttribute("aria-label", `${about.split(":")[0]}: ${stemOf(name)}`);
    button.addEventListener("click", pressed);
    return button;
  }

  /** A line to type in, in the place of the take: Enter gives it that name, Escape or leaving it changes nothing. */
  askForName(item, take) {
    const form = document.createElement("form");
    const input = Object.assign(document.createElement("input"), { type: "text", value: stemOf(take.name), maxLength: 96, required: true });
    input.setAttribute("aria-label", `A name for ${stemOf(take.name)}`);
    form.append(input);
    let isDone = false;
    const done = () => {
      if (isDone) return; // taken away, the line loses the focus
      isDone = true;
      form.remove();
      this.show(this.takes);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name && name !== stemOf(take.name)) this.wishes.name(take.name, name);
      done();
    });
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the letters are no notes now
      if (event.key === "Escape") done();
    });
    input.addEventListener("blur", done);
    item.replaceChildren(form);
    input.focus();
    input.select();
  }
}

export function stemOf(name) {
  return name.replace(/\.mid$/, "");
}

export function clockOf(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function linkOf({ name, seconds, player, model, now, starred = 0 }) {
  const link = document.createElement("a");
  link.href = `takes/${encodeURIComponent(name)}`;
  link.download = name;
  link.append(part("name", now ? "This take" : stemOf(name)));
  if (starred > 0) link.append(part("stars", `★${starred > 1 ? starred : ""}`, `answers with a star: ${starred}`));
  link.append(part("length", clockOf(seconds)));
  link.append(part("player", String(player), `you: ${player} notes`));
  link.append(part("model", String(model), `Antiphon: ${model} notes`));
  link.title = `Download ${name}, a MIDI file, or drag it into another program`;
  link.addEventListener("dragstart", (event) => event.dataTransfer?.setData("DownloadURL", `audio/midi:${name}:${link.href}`));
  return link;
}

function part(kind, text, label) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  if (label) span.title = label;
  return span;
}
