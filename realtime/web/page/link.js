/* The line to the server: objects come, wishes go, and when it breaks it is tied again.

Knows the websocket. Must not know what the objects mean. */

/** The version of what is said over the line: it grows where a page of before would misunderstand. */
export const PROTOCOL = 1;
/** Whether the partner plays in the page itself, with no server behind it. */
export const IS_ALONE = false;
// Why the server closes a line for good: the page speaks another version, or its address is one of before.
const FOR_GOOD = new Set([1002, 4003]);
const NOT_LET_IN = new Set([403, 429]); // with a word in the address that is not this start's
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 4000;

export class Link {
  constructor(url, { opened, closed, received, refused }) {
    this.url = url;
    this.listener = { opened, closed, received, refused };
    this.wait_ms = FIRST_WAIT_MS;
    this.isOpen = false;
    this.isRefused = false;
  }

  connect() {
    clearTimeout(this.again);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      this.isOpen = true;
      this.wait_ms = FIRST_WAIT_MS;
      this.listener.opened();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = ({ code, reason }) => this.lost(socket, FOR_GOOD.has(code) ? reason : undefined);
  }

  receive(text) {
    let object;
    try {
      object = JSON.parse(text);
    } catch {
      console.warn("not JSON, left aside:", text);
      return;
    }
    this.listener.received(object);
  }

  /** The line broke, or wasn't to be had; if the server says why it can't be, it is tied no more. */
  async lost(socket, closedFor) {
    if (socket !== this.socket) return; // an older one; the next is already there
    const wasOpen = this.isOpen;
    if (wasOpen) {
      this.isOpen = false;
      this.listener.closed();
    }
    const refusal = closedFor ?? (wasOpen ? undefined : await this.refusalAtDoor());
    if (socket !== this.socket) return;
    if (refusal !== undefined) {
      this.isRefused = true;
      this.listener.refused(refusal);
      return;
    }
    this.again = setTimeout(() => this.connect(), this.wait_ms);
    this.wait_ms = Math.min(this.wait_ms * 1.6, LONGEST_WAIT_MS);
  }

  /** Why nobody is let in by this page's address, as after another start; undefined: it is right, or nobody is there. */
  async refusalAtDoor() {
    try {
      const door = new URL(".", String(this.url).replace(/^ws/, "http")); // a websocket that fails doesn't say why
      const answer = await fetch(door, { cache: "no-store" });
      return NOT_LET_IN.has(answer.status) ? (await answer.text()).trim() : undefined;
    } catch {
      return undefined;
    }
  }

  /** The page is put aside, perhaps to be shown again as it was: meanwhile it is nobody's browser. */
  leave() {
    clearTimeout(this.again);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listener.closed();
  }

  /** Try at once, as the browser is back on its feet. */
  hurry() {
    if (!this.isOpen && !this.isRefused && this.socket?.readyState !== WebSocket.CONNECTING) this.connect();
  }

  /** Send a wish; without a connection it is dropped, for a late note is worse than none. */
  send(wish) {
    if (this.isOpen) this.socket.send(JSON.stringify(wish));
  }
}
