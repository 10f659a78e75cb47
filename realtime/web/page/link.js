/* The line to the server: objects come, wishes go, and when it breaks it is tied again.

Knows the websocket. Must not know what the objects mean. */

/** The version of what is said over the line: it grows where a page of before would misunderstand. */
export const PROTOCOL = 1;
const ANOTHER_PROTOCOL = 1002; // why the server closes a line to a page that speaks another version
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 4000;

export class Link {
  constructor(url, { opened, closed, received, refused }) {
    this.url = url;
    this.listener = { opened, closed, received, refused };
    this.wait_ms = FIRST_WAIT_MS;
    this.isOpen = false;
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
    socket.onclose = ({ code, reason }) => this.lost(socket, code === ANOTHER_PROTOCOL ? reason : undefined);
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

  /** The line broke; if the server says why it can't be, it is tied no more. */
  lost(socket, refusal) {
    if (socket !== this.socket) return; // an older one; the next is already there
    if (this.isOpen) {
      this.isOpen = false;
      this.listener.closed();
    }
    if (refusal !== undefined) return this.listener.refused(refusal);
    this.again = setTimeout(() => this.connect(), this.wait_ms);
    this.wait_ms = Math.min(this.wait_ms * 1.6, LONGEST_WAIT_MS);
    return undefined;
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
    if (!this.isOpen && this.socket?.readyState !== WebSocket.CONNECTING) this.connect();
  }

  /** Send a wish; without a connection it is dropped, for a late note is worse than none. */
  send(wish) {
    if (this.isOpen) this.socket.send(JSON.stringify(wish));
  }
}
