/* The listener's page: what is next is the server's to say; here it is heard, and answered.

A tap on the scale is kept in this browser until the server has it, and is sent with a name of its own, so that it arrives once however often
it is sent. Knows the server's states. Must not know who plays in a clip: nobody here does. */

import { RATE, madeAlike } from "/page/loudness.js";

const TONE_S = 0.8;
const TONE_HZ = 200;
const SOFTER = 0.5; // 6 dB
const SLOT_S = 0.1; // notes are handed to the piano so long before they sound
const AGAIN_MS = 2000;
const LOOK_MS = 250; // whether sound that was interrupted can go on

const place = document.querySelector("#step");
const trouble = document.querySelector("#trouble");
const ARRIVED = [200, 400, 409]; // what is said of a rating that it is kept, or never will be

let context;
let state;
let refuse = sayWhy; // called where a rating was refused
let inMemory; // ratings that wait in a browser that keeps nothing

// ---------------------------------------------------------------- asking

async function ask(path, said) {
  for (;;) {
    try {
      const answer = await fetch(path, said === undefined ? {} : { method: "POST", body: JSON.stringify(said) });
      trouble.hidden = true;
      if (answer.status >= 500) throw new Error("the server failed");
      return answer;
    } catch {
      say("The connection is lost. Leave this page open: nothing is lost, and it goes on by itself.");
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

async function take(path, said) {
  const answer = await ask(path, said);
  const content = await answer.json();
  if (answer.ok) {
    state = content;
    return true;
  }
  complain(content.why);
  return false;
}

function complain(why) {
  say(`${why[0].toUpperCase()}${why.slice(1)}.`);
}

function sayWhy(row, why) {
  complain(why);
}

function say(text) {
  trouble.textContent = text;
  trouble.hidden = false;
}

/** Where ratings of this test wait that the server may not have yet: other tests at this address have others. */
function waiting() {
  return `antiphon-waiting ${state.test}`;
}

function kept() {
  if (inMemory) return inMemory;
  try {
    return JSON.parse(localStorage.getItem(waiting())) ?? [];
  } catch {
    return [];
  }
}

function keep(rows) {
  try {
    localStorage.setItem(waiting(), JSON.stringify(rows));
  } catch {
    inMemory = rows;
  }
}

function named() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function rate(clip, value) {
  const row = { clip, value, sent: named() };
  keep([...kept(), row]);
  return sendKept();
}

let sending = Promise.resolve();

/** All that waits, in order. What is refused for good goes, and its reason is shown; anything else waits on. */
function sendKept() {
  sending = sending.then(async () => {
    const refused = [];
    for (let rows = kept(); rows.length > 0; rows = kept()) {
      const answer = await ask("/rate", rows[0]);
      const why = answer.ok ? "" : (await answer.json()).why;
      if (!ARRIVED.includes(answer.status)) return complain(why);
      keep(kept().filter((row) => row.sent !== rows[0].sent));
      if (!answer.ok) refused.push([rows[0], why]);
      else for (const clip of state.clips ?? []) if (clip.clip === rows[0].clip) clip.value = rows[0].value;
    }
    for (const [row, why] of refused) refuse(row, why);
  });
  return sending;
}

// ---------------------------------------------------------------- sound

async function sound() {
  context ??= new AudioContext({ sampleRate: RATE });
  await context.resume();
}

async function bufferOf({ clip, seconds }) {
  const answer = await ask(`/clip/${clip}`);
  if (!answer.ok) throw new Error((await answer.json()).why);
  if (state.sound === "wav") return context.decodeAudioData(await answer.arrayBuffer());
  return played(await answer.json(), seconds);
}

/** Notes as the page's own piano plays them, as loud as every other clip. */
async function played({ notes }, seconds) {
  const { Piano, prepare } = await import("/piano.js");
  await prepare();
  const offline = new OfflineAudioContext(2, Math.ceil(seconds * RATE), RATE);
  const piano = new Piano(offline);
  handOver(offline, piano, notes, seconds);
  const buffer = await offline.startRendering();
  madeAlike([0, 1].map((side) => buffer.getChannelData(side)));
  return buffer;
}

/** Keys go down and up when their moment has nearly come: the piano has so many voices, and counts those that sound. */
function handOver(offline, piano, notes, seconds) {
  const keys = notes.flatMap(([at, pitch, velocity, length], number) => [
    { at, turn: () => piano.strike(`clip:${number}`, pitch, velocity, at) },
    { at: at + length, turn: () => piano.release(`clip:${number}`, at + length) },
  ]);
  keys.sort((a, b) => a.at - b.at);
  const upTo = (at) => {
    while (keys.length > 0 && keys[0].at < at) keys.shift().turn();
  };
  upTo(2 * SLOT_S);
  for (let at = SLOT_S; at < seconds - SLOT_S; at += SLOT_S) {
    offline.suspend(at).then(() => {
      upTo(at + 2 * SLOT_S);
      offline.resume();
    });
  }
}

/** Three tones: one softer, and one that is upside down in the right ear. */
function tonesBuffer([softest, outOfPhase]) {
  const each = Math.ceil(TONE_S * RATE);
  const gap = Math.ceil(0.3 * RATE);
  const buffer = new AudioBuffer({ numberOfChannels: 2, length: 3 * (each + gap), sampleRate: RATE });
  const [left, right] = [0, 1].map((side) => buffer.getChannelData(side));
  for (let tone = 0; tone < 3; tone += 1) {
    for (let index = 0; index < each; index += 1) {
      const ramp = Math.min(1, index / (0.1 * RATE), (each - index) / (0.1 * RATE));
      const value = 0.3 * ramp * (tone === softest ? SOFTER : 1) * Math.sin((2 * Math.PI * TONE_HZ * index) / RATE);
      left[tone * (each + gap) + index] = value;
      right[tone * (each + gap) + index] = tone === outOfPhase ? -value : value;
    }
  }
  return buffer;
}

/** Resolves when it has been heard to its end; after an interruption it is heard from the beginning. */
async function heard(buffer, bar) {
  while (!(await heardAtOnce(buffer, bar))) await soundAgain();
}

function isSounding() {
  return context.state === "running" && document.visibilityState === "visible";
}

/** Whether it came to its end: not where the page went to the background, or something took the sound away. */
function heardAtOnce(buffer, bar) {
  return new Promise((done) => {
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    const begun = context.currentTime;
    const follow = () => {
      if (bar) bar.style.width = `${Math.min(100, (100 * (context.currentTime - begun)) / buffer.duration)}%`;
    };
    const timer = setInterval(follow, 100);
    const end = (toItsEnd) => {
      clearInterval(timer);
      context.removeEventListener("statechange", look);
      document.removeEventListener("visibilitychange", look);
      source.onended = null;
      source.stop();
      source.disconnect();
      if (bar) bar.style.width = toItsEnd ? "100%" : "0";
      done(toItsEnd);
    };
    const look = () => isSounding() || end(false);
    source.onended = () => end(true);
    context.addEventListener("statechange", look);
    document.addEventListener("visibilitychange", look);
    source.start();
    look();
  });
}

/** Resolves when there is sound again; some browsers give it back to a finger alone. */
async function soundAgain() {
  const resume = () => void context.resume().catch(() => {}); // refused while a call lasts: asked again
  addEventListener("pointerdown", resume);
  say("The sound was interrupted. Touch this page to go on: this clip begins anew.");
  while (!isSounding()) {
    if (document.visibilityState === "visible") resume();
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  removeEventListener("pointerdown", resume);
  trouble.hidden = true;
}

// ---------------------------------------------------------------- what is seen

function shown(...parts) {
  place.replaceChildren(...parts);
  scrollTo(0, 0);
}

function element(tag, text = "", name = "") {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function button(text, act, name = "main") {
  const made = element("button", text, name);
  made.type = "button";
  made.addEventListener("click", () => act(made));
  return made;
}

/** Buttons of which one is chosen. */
function choice(texts, label, name, act) {
  const group = element("div", "", name);
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", label);
  const buttons = texts.map(([value, text, words]) => {
    const made = button(text, () => {
      for (const other of buttons) other.setAttribute("aria-checked", String(other === made));
      act(value);
    }, "");
    made.setAttribute("role", "radio");
    made.setAttribute("aria-checked", "false");
    if (words) made.setAttribute("aria-label", `${text}: ${words}`);
    made.dataset.value = value;
    return made;
  });
  group.append(...buttons);
  return group;
}

function welcome() {
  shown(
    element("p", "You will hear short pieces for piano. Some are by people, some by machines; nobody will say which, and there is no right answer."),
    element("p", "You need headphones and a quiet place. You may close the page at any time: in this browser it goes on where you stopped."),
    element("p", "What is kept: your ratings and when you gave them. Nothing about you.", "dim"),
    button("I wear headphones: begin", async (made) => {
      made.disabled = true;
      await sound();
      if (await take("/join", {})) keep([]); // what still waits is of a listener who isn't known any more
      show();
    }),
  );
}

function check() {
  const answers = [];
  const one = () => {
    const number = answers.length;
    const listen = button("Play three tones", async (made) => {
      made.disabled = true;
      await sound();
      await heard(tonesBuffer(state.tones[number]));
      made.disabled = false;
      made.textContent = "Play them again";
      for (const tone of tones.querySelectorAll("button")) tone.disabled = false;
    });
    const tones = choice([[0, "First"], [1, "Second"], [2, "Third"]], "The softest tone", "tones", async (value) => {
      answers.push(value);
      if (answers.length < state.tones.length) return one();
      const before = state.attempt;
      await take("/check", { attempt: state.attempt, answers });
      if (state.step === "check" && state.attempt > before) again();
      else show();
    });
    for (const tone of tones.querySelectorAll("button")) tone.disabled = true;
    shown(
      element("h2", `Do your headphones work? ${number + 1} of ${state.tones.length}`),
      element("p", "Of three tones, one is softer than the other two. Which?"),
      listen,
      tones,
    );
  };
  one();
}

function again() {
  shown(
    element("h2", "Once more, please"),
    element("p", "It sounded as if this came from loudspeakers, or from one earpiece. Put headphones on both ears, with a cable if you have one, and try again."),
    button("Try again", () => show()),
  );
}

/** Clips back to back, and for each a scale that opens when all have been heard. */
function clips(isExample) {
  const cards = state.clips.map((clip, number) => card(clip, number, isExample));
  const next = button(isExample ? "I have heard it: go on" : "Next", async (made) => {
    made.disabled = true;
    await sendKept();
    await take("/next", { step: isExample ? "example" : state.round });
    show();
  });
  next.disabled = true;
  const open = () => {
    for (const one of cards) one.open();
    next.disabled = !isExample && cards.some((one) => one.value === undefined);
  };
  for (const one of cards) one.changed = open;
  refuse = (row, why) => {
    for (const one of cards) if (one.clip === row.clip) one.fallBack();
    complain(why);
  };
  const listen = button("Listen", async (made) => {
    made.disabled = true;
    try {
      await sound();
      made.textContent = "Getting ready…";
      const buffers = await Promise.all(state.clips.map(bufferOf));
      made.textContent = "Listening…";
      for (const [number, buffer] of buffers.entries()) {
        cards[number].element.classList.add("sounds");
        await heard(buffer, cards[number].bar);
        cards[number].element.classList.remove("sounds");
      }
      open();
    } catch (error) {
      say(`This couldn't be played (${error.message}). Try again.`);
    }
    made.disabled = false;
    made.textContent = "Listen again";
  });
  const what = isExample
    ? "An example first, which isn't rated. Set your volume so that it is easy to hear, and leave it so."
    : state.question;
  shown(
    element("h2", isExample ? "An example" : `${state.number + 1} of ${state.of}`),
    element("p", what),
    listen,
    ...cards.map((one) => one.element),
    next,
  );
}

function card(clip, number, isExample) {
  const made = { clip: clip.clip, value: clip.value, element: element("div", "", "clip"), bar: element("i"), changed: () => {} };
  const heardBar = element("div", "", "heard");
  heardBar.append(made.bar);
  made.element.append(element("p", isExample ? "Example" : state.clips.length > 1 ? `Clip ${number + 1}` : "This clip", "dim"), heardBar);
  if (isExample) return Object.assign(made, { open() {} });
  const values = state.values.map((value) => [value, String(value), state.words[value]]);
  const scale = choice(values, state.question, values.length > 6 ? "scale many" : "scale", (value) => {
    made.value = value;
    made.changed();
    rate(clip.clip, value);
  });
  const buttons = [...scale.querySelectorAll("button")];
  for (const one of buttons) {
    one.disabled = true;
    one.setAttribute("aria-checked", String(Number(one.dataset.value) === clip.value));
  }
  made.fallBack = () => {
    made.value = clip.value; // what the server has
    for (const one of buttons) one.setAttribute("aria-checked", String(Number(one.dataset.value) === clip.value));
    made.changed();
  };
  made.open = () => buttons.forEach((one) => (one.disabled = false));
  const ends = element("div", "", "ends");
  for (const value of state.values) if (state.words[value]) ends.append(element("span", `${value}: ${state.words[value]}`));
  made.element.append(scale, ends);
  return made;
}

function end() {
  shown(element("h2", "That was all. Thank you!"), element("p", "Everything is kept. You can close this page."));
}

function show() {
  document.querySelector("#title").textContent = state?.title ?? "Listening";
  document.title = state?.title ?? "Listening";
  const bar = document.querySelector("#bar");
  bar.hidden = state?.step !== "clips";
  if (!bar.hidden) bar.firstElementChild.style.width = `${(100 * state.number) / state.of}%`;
  refuse = sayWhy;
  const steps = { check, example: () => clips(true), clips: () => clips(false), end };
  (steps[state?.step] ?? welcome)();
}

await take("/state");
if (state && state.step !== "welcome" && kept().length > 0) {
  await sendKept();
  const why = trouble.hidden ? "" : trouble.textContent;
  await take("/state"); // with what has just arrived
  if (why) say(why);
}
show();
