/* The SoundFont that was chosen last, kept by the browser over a reload: one file, within a bound.

The store takes its time; a page can be loaded anew before it is done. So whether one is kept at all is remembered
at once, beside the store. Knows the browser's store. Must not know what is in the file. */

import { recall, remember } from "../memory.js";

const IS_KEPT = "soundfont is kept";
const STORE = "antiphon";
const FILES = "files";
const FONT = "soundfont";

/** Larger ones sound, and are not kept. */
export const MOST_KEPT_BYTES = 200e6;

/** The file that was kept; undefined: none, or this browser keeps nothing. */
export async function keptFont() {
  if (!recall(IS_KEPT, true)) return undefined;
  const found = await done("readonly", (files) => files.get(FONT)).catch(() => undefined);
  return found instanceof Blob ? found : undefined;
}

/** Keep it, in the place of the one before; whether that can be. */
export async function keepFont(file) {
  if (file.size > MOST_KEPT_BYTES) {
    await forgetFont();
    return false;
  }
  remember(IS_KEPT, true);
  try {
    await done("readwrite", (files) => files.put(file, FONT));
    return true;
  } catch {
    await forgetFont(); // the one before sounds no longer
    return false;
  }
}

/** Keep none, from this moment on. */
export async function forgetFont() {
  remember(IS_KEPT, false);
  await done("readwrite", (files) => files.delete(FONT)).catch(() => undefined);
}

/** What comes of one request to the store, once it is there to stay. */
async function done(mode, request) {
  const store = await opened();
  try {
    const transaction = store.transaction(FILES, mode);
    const asked = request(transaction.objectStore(FILES));
    await committed(transaction);
    return asked.result;
  } finally {
    store.close();
  }
}

/** A request that went well may be taken back at the end, as where the store is full. */
function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

function opened() {
  const opening = indexedDB.open(STORE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
  return new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("another page holds it"));
  });
}
