/* The takes in the page: their list, the one that is heard again, and the sound files made of them.

Knows the list, the playback, the sound and the link by `wish`. Must not know the roll. */

import { Recording } from "../sound/recording.js";
import { clockOf, stemOf, Takes } from "./list.js";
import { Playback } from "./playback.js";
import { Stars } from "./stars.js";

export class TakeDesk {
  /** `notice` is where it is said what is heard; `said` gets words worth reading, `moved` is called when the roll must be drawn. */
  constructor({ list, count, button, notice }, { wish, sound, said, moved }) {
    Object.assign(this, { notice, wish, sound, said, moved });
    this.words = notice.querySelector("b");
    this.place = notice.querySelector("input");
    this.stars = new Stars({ marks: notice.querySelector(".starred"), button: notice.querySelector(".next-star") }, (at) => this.goTo(at));
    this.onward = notice.querySelector(".onward");
    this.onward.addEventListener("click", () => this.playOn());
    this.playback = new Playback(() => this.show());
    this.takes = new Takes(
      { list, count, button },
      {
        begin: () => wish({ kind: "new_take" }),
        play: (name) => this.play(name),
        stop: () => this.stop(),
        record: (name) => this.record(name),
        name: (take, name) => wish({ kind: "rename_take", take, name }),
      },
    );
    notice.querySelector(".stop").addEventListener("click", () => this.stop());
    this.place.addEventListener("input", () => this.goTo(Number(this.place.value)));
  }

  list(takes) {
    this.takes.show(takes);
  }

  /** What is drawn in the place of what is played now: a score, and its moment; undefined: nothing is heard again. */
  get stage() {
    const { score, isPlaying, isHeld } = this.playback;
    return isPlaying || isHeld ? { score, now: this.playback.now() } : undefined;
  }

  async play(name) {
    this.stop();
    try {
      await this.sound.unlock();
      const answer = await fetch(new URL(`heard/${encodeURIComponent(name)}`, location.href));
      if (!answer.ok) throw new Error(await answer.text());
      this.playback.begin(name, await answer.json(), this.sound.piano);
    } catch (error) {
      this.said(`${stemOf(name)} can't be heard: ${error.message.trim()}`);
      return false;
    }
    this.takes.showPlaying(name);
    return true;
  }

  async record(name) {
    if (!(await this.play(name))) return;
    try {
      this.recording = new Recording(this.sound.piano, (sound, ending) => this.keep(sound, `${stemOf(name)}.${ending}`));
    } catch (error) {
      this.stop();
      this.said(error.message);
    }
    this.show();
  }

  keep(sound, name) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(sound), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    this.said(`${name} is there to keep`);
  }

  goTo(seconds) {
    const { name, take, isPlaying } = this.playback;
    if (isPlaying && !this.recording) this.playback.begin(name, take, this.sound.piano, seconds);
  }

  /** What is heard stands still at this place, and from here on it is to be played on. */
  playOn() {
    if (!this.playback.isPlaying || this.recording) return;
    const { name } = this.playback;
    this.wish({ kind: "play_on", take: name, place: this.playback.hold() });
  }

  /** The player strikes a key, or goes on from a place: what is heard again ends. A place that is stood at is left later. */
  interrupted() {
    if (!this.playback.isHeld) this.stop();
  }

  /** Somebody plays, or has handed over: the roll goes on from the place that was stood at. */
  begins(at, score) {
    if (this.playback.isHeld) score.add(this.playback.score, at - this.playback.now());
    this.stop();
  }

  /** Somebody wants silence, or plays: what is heard again ends at once, and half a sound file isn't kept. */
  stop() {
    if (this.recording) this.said(`the recording of ${stemOf(this.playback.name)} was broken off: it is not kept`);
    this.recording?.drop();
    this.recording = undefined;
    this.playback.stop();
  }

  show() {
    const { name, take, isPlaying, isHeld } = this.playback;
    const isShown = isPlaying || isHeld;
    if (this.notice.hidden === isShown) this.notice.hidden = !isShown;
    if (isShown) {
      const at = Math.max(this.playback.now(), 0);
      this.words.textContent = isHeld
        ? `On from ${clockOf(at)} in ${stemOf(name)}: play, or hand over`
        : `${this.recording ? "Recording" : "Hearing"} ${stemOf(name)} ${clockOf(Math.min(at, take.seconds))} of ${clockOf(take.seconds)}`;
      this.place.max = String(take.seconds);
      this.place.disabled = isHeld || this.recording !== undefined;
      this.onward.hidden = this.place.disabled;
      this.stars.show(take, at, !this.place.disabled);
      if (document.activeElement !== this.place) this.place.value = String(at);
      this.place.style.setProperty("--share", String(Number(this.place.value) / Math.max(take.seconds, 0.1)));
    } else {
      this.recording?.stop(); // it came to its end: the file is whole
      this.recording = undefined;
      this.takes.showPlaying(undefined);
    }
    this.moved();
  }
}
