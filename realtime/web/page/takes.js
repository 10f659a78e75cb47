/* The takes: what was played, as MIDI files to keep.

Knows the list that the server sends. Must not know notes. */

export class Takes {
  constructor({ list, count, button }, newTake) {
    this.list = list;
    this.count = count;
    button.addEventListener("click", newTake);
    this.show([]);
  }

  show(takes) {
    this.count.textContent = takes.length > 0 ? String(takes.length) : "";
    if (takes.length === 0) {
      const item = document.createElement("li");
      item.className = "nothing";
      item.textContent = "What you play is kept here, with what Antiphon answers.";
      this.list.replaceChildren(item);
      return;
    }
    this.list.replaceChildren(...takes.map(itemOf));
  }
}

function itemOf({ name, seconds, player, model, now }) {
  const link = document.createElement("a");
  link.href = `/takes/${encodeURIComponent(name)}`;
  link.download = name;
  link.append(part("name", now ? "This take" : name.replace(/\.mid$/, "")));
  link.append(part("length", `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`));
  link.append(part("player", String(player), `you: ${player} notes`));
  link.append(part("model", String(model), `Antiphon: ${model} notes`));
  link.title = `Download ${name}, a MIDI file`;
  const item = document.createElement("li");
  if (now) item.className = "now";
  item.append(link);
  return item;
}

function part(kind, text, label) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  if (label) span.title = label;
  return span;
}
