/* In the place of the line to a server, where there is none: the partner plays in this very page.

Says and takes the same objects (docs/protocol.md). Knows the partner. Must not know the page. */

import { Model } from "./model.js";
import { Partner } from "./partner.js";

export const PROTOCOL = 1;
export const IS_ALONE = true;
const WITHOUT = ["takes-panel", "mode-panel", "channel"]; // what needs a server, or isn't there yet

export class Link {
  constructor(_, listener) {
    this.listener = listener;
    this.isOpen = false;
  }

  async connect() {
    for (const id of WITHOUT) (document.getElementById(id)?.closest(".control") ?? document.getElementById(id))?.remove();
    try {
      const base = new URL(".", location.href);
      const about = await (await fetch(new URL("site.json", base))).json();
      const model = await Model.open(about.model, base);
      this.partner = new Partner(model, about.begin, (row) => this.listener.received(row));
    } catch (error) {
      this.listener.refused(`the model can't be had: ${error.message}`);
      return;
    }
    this.isOpen = true;
    this.listener.opened();
    this.listener.received(this.partner.welcome());
  }

  send(wish) {
    if (this.isOpen) this.partner.wished(wish);
  }

  /** There is nothing to tie again, and nobody to leave. */
  hurry() {}

  leave() {}
}
