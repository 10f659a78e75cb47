/* Hand-over, pedal and silence stay in reach: where their place is out of sight, they come along at the page's lower edge.

Knows places on the page. Must not know what the buttons do. */

export class InReach {
  constructor(deeds, body) {
    this.deeds = deeds;
    this.body = body;
    this.place = deeds.cloneNode(false); // keeps it while they are away
    this.place.hidden = true;
    deeds.after(this.place);
    for (const kind of ["scroll", "resize"]) globalThis.addEventListener(kind, () => this.look(), { passive: true });
    new ResizeObserver(() => this.look()).observe(body);
  }

  get isAlong() {
    return this.body.classList.contains("deeds-along");
  }

  look() {
    const { top, bottom } = (this.isAlong ? this.place : this.deeds).getBoundingClientRect();
    const isSeen = top >= 0 && bottom <= globalThis.innerHeight;
    if (isSeen !== this.isAlong) return;
    this.place.style.height = `${this.deeds.offsetHeight}px`;
    this.place.hidden = isSeen;
    this.body.classList.toggle("deeds-along", !isSeen);
  }
}
