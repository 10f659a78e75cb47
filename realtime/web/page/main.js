/* The page put together: rows go to what shows and sounds them, and what is played here goes to the server.

Each part knows only itself; this file knows all of them and nothing else. */

import { Asides } from "./controls/asides.js";
import { EngineClock } from "./clock.js";
import { ComputerKeys } from "./keys/computer_keys.js";
import { Commands } from "./controls/commands.js";
import { Controls } from "./controls/controls.js";
import { Echoes, PAGE_SOURCE } from "./keys/echoes.js";
import { HandOverButton } from "./controls/hand_over.js";
import { DOWN, Hands } from "./keys/hands.js";
import { Help } from "./controls/help.js";
import { Hints } from "./controls/hints.js";
import { inkOfHand } from "./keys/hand_colours.js";
import { ScreenKeyboard } from "./keys/keyboard.js";
import { InReach } from "./controls/in_reach.js";
import { IS_ALONE, Link, PROTOCOL } from "./link.js";
import { Log } from "./log.js";
import { nameKeys } from "./controls/key_names.js";
import { ModelChooser } from "./controls/model_chooser.js";
import { BrowserMidi } from "./keys/midi_in.js";
import { Mind } from "./mind/mind.js";
import { isPlayable } from "./roll/playable.js";
import { Prelude } from "./roll/prelude.js";
import { Roll } from "./roll/roll.js";
import { Score } from "./roll/score.js";
import { FontPlace } from "./sound/font_place.js";
import { isLeftPedal } from "./sound/left_pedal.js";
import { Sound } from "./sound/sound.js";
import { Start } from "./start.js";
import { Status } from "./status.js";
import { SoundPlace } from "./sound/sound_place.js";
import { TakeDesk } from "./takes/desk.js";
import { TurnView } from "./turn.js";

const at = (id) => document.getElementById(id);
const clock = new EngineClock();
const echoes = new Echoes();
const sound = new Sound(clock);
const score = new Score();
const roll = new Roll(at("roll"));
const prelude = new Prelude(at("prelude"));
const turn = new TurnView({ turn: at("turn"), words: at("turn-words"), reason: at("turn-reason"), silence: at("silence") });
const status = new Status({ status: at("facts"), light: at("input-light"), toasts: at("toasts") });
const log = new Log(at("lines"));
const hints = new Hints(at("hint"), { isTouched: matchMedia("(pointer: coarse)").matches });
const handOver = new HandOverButton({ button: at("hand-over"), word: at("hand-over-word"), why: at("hand-over-why") }, () =>
  wish({ kind: "hand_over" }),
);
const place = new SoundPlace(sound, { notice: at("elsewhere"), said: (words) => status.heard(words) }, () =>
  wish({ kind: "take_sound" }),
);
const takes = new TakeDesk(
  { list: at("takes"), count: at("takes-count"), button: at("new-take"), notice: at("heard-again") },
  { wish, sound, said: (words) => status.line(words), moved: wake },
);
const controls = new Controls(document, wish);
const asides = new Asides(at("asides"), (name) => wish({ kind: "press", name }));
const models = new ModelChooser({ place: at("model-choice"), select: at("model") }, (name) => wish({ kind: "model", name }));
const commands = new Commands({ word: at("mode-word"), modes: at("modes"), tempo: at("tempo"), learn: at("learn"), preset: at("preset"), buttons: at("commands") }, wish);
// Below the page's own address, which has in it what lets us in.
const address = new URL(`live?protocol=${PROTOCOL}`, location.href.replace(/^http/, "ws"));
const link = new Link(address, { opened, closed, received, refused: (reason) => turn.lost(reason) });

let hand; // which of the hands at the instrument this page is

function wish(object) {
  hints.done(triedBy(object));
  link.send(object);
}

/** What a wish has tried of all that the line of help tells of. */
function triedBy({ kind, name }) {
  if (kind === "press") return { again: "another", calmer: "daring", bolder: "daring", "next-mode": "mode" }[name];
  if (kind === "control") return name === "mode" ? "mode" : "knob";
  if (kind === "hand_over") return turn.phase === "waiting" ? "another" : "hand-over";
  return undefined;
}

// What is played on this page sounds at once; the row that comes back only draws it.

const hands = new Hands({
  struck(pitch, velocity) {
    takes.interrupted();
    if (turn.phase === "answering" && commands.cutsIn) sound.silenceModel(); // a cut-in: the server will say the same in a moment
    sound.struck(pitch, velocity);
    keyboard.light("player", pitch, true, "page", hand);
    if (link.isOpen) echoes.expect(`key ${pitch}`);
    wish({ kind: "key", pitch, velocity });
  },
  letGo(pitch) {
    sound.letGo(pitch);
    keyboard.light("player", pitch, false, "page");
    wish({ kind: "key", pitch, velocity: 0 });
  },
  pedalMoved(depth) {
    sound.pedalMoved(depth);
    at("pedal").classList.toggle("down", depth >= 64);
    if (link.isOpen && depth > 0) echoes.expect("pedal");
    wish({ kind: "pedal", depth });
  },
  leftPedalMoved(depth) {
    sound.leftPedalMoved(depth);
    if (link.isOpen && depth > 0) echoes.expect("left pedal");
    wish({ kind: "left_pedal", depth });
  },
});

const keyboard = new ScreenKeyboard(at("piano"), at("overview"), hands);
const computerKeys = new ComputerKeys(hands, {
  handOver: () => handOver.press(), panic, moved: keysMoved, press: (name) => wish({ kind: "press", name }), help: () => help.open(),
});
const help = new Help({ dialog: at("help"), button: at("help-button"), opened: () => (letEverythingGo(), hints.done("keys")) });
const mind = new Mind({ roll, keyboard, switches: { ideas: at("see-ideas"), expected: at("see-expected") } }, wish);
const midi = new BrowserMidi(hands, { list: at("midi-inputs"), word: at("midi-word"), toggle: at("midi-in"), isAlone: IS_ALONE });

const letterOf = (code) => computerKeys.letterOf(code);

function keysMoved(isByHand = false) {
  if (isByHand) hints.done("octave");
  keyboard.label(computerKeys.labels());
  nameKeys(document, letterOf);
  hints.name(letterOf);
  keyboard.follow(computerKeys.lowest, computerKeys.lowest + 28);
}

function panic() {
  hands.letGoAll();
  takes.stop();
  sound.silence();
  wish({ kind: "panic" });
}

// Rows.

const shown = {
  begin(row) {
    status.begin(row);
    models.begin(row);
    midi.serverHears(row.inputs ?? []);
    controls.begin(row);
    commands.begin(row);
    help.begin(row);
    hints.begin(row);
    handOver.show(row);
    setShares(row.controls);
  },
  note(row) {
    if (row.kept_back) return; // let go here, and held on another keyboard: it sounds on
    drawNote(row);
    mind.note(row);
    if (row.velocity > 0) takes.begins(row.at, score);
    if (row.who === "player") {
      status.blink();
      if (row.velocity > 0) hints.done(turn.phase === "answering" ? "cut-in" : "play");
    }
    if (row.velocity > 0 && isEcho(row, `key ${row.pitch}`)) return;
    sound.note(row);
    keyboard.light(row.who, row.pitch, row.velocity > 0, row.source, row.hand);
  },
  pedal(row) {
    if (row.kept_back) return;
    score.pedal(row);
    status.blink();
    if (row.depth > 0) hints.done("pedal");
    if (row.depth > 0 && isEcho(row, "pedal")) return;
    sound.pedal(row);
  },
  message(row) {
    if (isLeftPedal(row) && !isEcho(row, "left pedal")) sound.message(row);
  },
  turn(row) {
    log.take(row);
    if (row.phase === "calling") sound.silenceModel(); // at a cut-in, at once; at its end an answer may fade
    turn.turn(row);
    commands.turn(row);
    handOver.show(row);
    asides.turn(row);
    mind.turn(row);
    if (row.phase === "asking") {
      takes.begins(row.at, score);
      hints.done("rest");
    }
    hints.turn(row.phase);
  },
  taken_up: () => takes.interrupted(),
  idea: (row) => mind.idea(row),
  coming: (row) => mind.committed(row),
  expected: (row) => mind.expected(row),
  quiet: (row) => turn.quiet(row),
  controls(row) {
    log.take(row);
    controls.show(row.controls, row.answer_within_s);
    commands.show(row.controls);
    setShares(row.controls);
  },
  model(row) {
    log.take(row);
    models.show(row);
    status.model(row);
  },
  presets: (row) => commands.showPresets(row.names ?? []),
  ports(row) {
    status.ports(row);
    midi.serverHears(row.inputs ?? []);
  },
  line(row) {
    log.take(row);
    status.line(row.text);
  },
  happened: (row) => log.take(row),
  sound: (row) => place.is(row.browser),
  takes: (row) => takes.list(row.takes ?? []),
  end() {
    turn.lost("the instrument was put away: start it again with antiphon play");
    handOver.show({ offer: "start it again" });
  },
};

function received(row) {
  try {
    if (!isPlayable(row)) throw new TypeError("it says what can't be");
    take(row);
  } catch (error) {
    console.warn("a row that can't be:", row, error); // the next ones may be better
  }
  wake();
}

function take(row) {
  if (row.kind === "welcome") return welcome(row);
  if (typeof row.at === "number") clock.heard(row.at);
  return Object.hasOwn(shown, row.kind) ? shown[row.kind](row) : undefined;
}

/** Where things stand, on a new line to the server: what was played before is drawn, not sounded. */
function welcome({ you, hand: mine, sound: sounding, now, begin, recent, log: logged, turn: turnRow, quiet, ports, presets, model, controls: values, answer_within_s, takes: list }) {
  clock.forget();
  clock.heard(now);
  score.clear();
  keyboard.darken();
  mind.forget();
  beHand(mine);
  if (begin) shown.begin(begin);
  log.begin(begin ?? {});
  for (const row of logged ?? []) log.take(row);
  place.welcome(you, sounding);
  if (ports) shown.ports(ports);
  if (presets) shown.presets(presets);
  if (model) {
    models.show(model);
    status.model(model);
  }
  for (const row of recent ?? []) {
    if (row.kind === "note") {
      drawNote(row);
      keyboard.light(row.who, row.pitch, row.velocity > 0, row.source, row.hand);
    } else if (row.kind === "pedal") score.pedal(row);
  }
  turn.turn(turnRow ?? { phase: "waiting" });
  if (turnRow) handOver.show(turnRow);
  asides.turn(turnRow ?? {});
  mind.turn(turnRow ?? { at: -Infinity, phase: "waiting" });
  commands.turn(turnRow ?? {});
  if (quiet) turn.quiet(quiet);
  if (values) {
    controls.show(values, answer_within_s);
    commands.show(values);
    setShares(values);
  }
  takes.list(list ?? []);
  midi.begin();
  mind.look();
}

/** This page is a hand of this number: "You" has its colour. */
function beHand(number) {
  hand = number;
  document.body.dataset.hand = String(number);
  document.querySelector(".sides").style.setProperty("--warm", inkOfHand(number));
}

function drawNote(row) {
  score.note(row);
  prelude.end();
  at("roll").dataset.playerNotes = String(score.playerNotes);
  at("roll").dataset.modelNotes = String(score.modelNotes);
}

function isEcho(row, what) {
  return row.source === PAGE_SOURCE && echoes.isOwn(what);
}

function setShares(values) {
  if (values && "channel" in values) sound.setShares(values.channel === "same");
}

// The line to the server.

function opened() {
  document.body.dataset.connected = "true";
  status.setConnected(true);
}

function closed() {
  document.body.dataset.connected = "false";
  status.setConnected(false);
  if (turn.phase !== "lost") handOver.show({ offer: "no line to Antiphon" });
  hands.letGoAll();
  echoes.forget();
  sound.silence();
  place.lost();
  score.clear();
  keyboard.darken();
  mind.forget();
  if (turn.phase !== "lost") turn.lost("trying again");
  wake();
}

// Drawing, only while something moves.

let isAwake = false;

function wake() {
  if (isAwake) return;
  isAwake = true;
  requestAnimationFrame(draw);
}

function draw() {
  isAwake = false;
  const now = clock.now();
  score.forget(now);
  roll.resize();
  const { score: shownScore, now: shownNow } = takes.stage ?? { score, now };
  roll.draw(shownScore, shownNow);
  const isComing = !takes.stage && mind.draw(now);
  const isFilling = turn.draw(now);
  const isRising = prelude.draw();
  if (isFilling || isRising || isComing || roll.isMoving(shownScore, shownNow)) wake();
}

// The rest of the page.

function letEverythingGo() {
  hands.letGoAll();
}

function begun() {
  prelude.end();
  sound.unlock().catch((error) => status.line(`this browser gives no sound: ${error.message}`));
  place.begin();
  midi.begin();
}

function unlockAgain() {
  if (sound.context && sound.context.state !== "running") sound.context.resume();
}

/** A button that was clicked lets the keyboard go on playing: Space and Enter are the music's. */
function giveFocusBack(event) {
  if (event.detail === 0) return; // pressed by keys: the focus stays where the person is
  event.target.closest("button, summary, input[type=range], input[type=checkbox]")?.blur();
}

function bindSound() {
  const mute = at("mute");
  const volume = at("volume");
  const show = () => {
    mute.setAttribute("aria-pressed", String(sound.muted));
    mute.title = sound.muted ? "Let this page sound" : "Mute this page (for those with a synthesiser)";
    volume.value = String(sound.volume);
    volume.style.setProperty("--share", volume.value);
  };
  mute.addEventListener("click", () => {
    sound.muted = !sound.muted;
    place.claim();
    place.show();
    show();
  });
  volume.addEventListener("input", () => {
    sound.volume = Number(volume.value);
    show();
  });
  show();
}

const font = new FontPlace(sound, {
  chooser: at("font"), word: at("font-word"), back: at("font-back"), said: (words) => status.line(words),
});

function bindPedal() {
  const pedal = at("pedal");
  const foot = (event) => `pointer pedal ${event.pointerId}`;
  pedal.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pedal.setPointerCapture(event.pointerId);
    hands.tread(foot(event), DOWN);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    pedal.addEventListener(end, (event) => hands.tread(foot(event), 0));
  }
}

function closePanels(event) {
  for (const panel of document.querySelectorAll("details[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
}

at("panic").addEventListener("click", panic);
bindSound();
bindPedal();
computerKeys.listen(globalThis);
keysMoved();
globalThis.addEventListener("blur", letEverythingGo);
globalThis.addEventListener("pagehide", () => {
  letEverythingGo();
  link.leave();
});
globalThis.addEventListener("pageshow", () => link.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) letEverythingGo();
  else link.hurry();
  wake();
});
document.addEventListener("click", giveFocusBack);
document.addEventListener("pointerdown", closePanels);
document.addEventListener("pointerdown", unlockAgain);
document.addEventListener("keydown", unlockAgain);
// Before the keys hear it, so that the note that is struck by it sounds here.
for (const hand of ["pointerdown", "keydown"]) document.addEventListener(hand, () => place.claim(), { capture: true });
globalThis.addEventListener("online", () => link.hurry());
new ResizeObserver(wake).observe(at("roll"));
new InReach(document.querySelector(".deeds"), document.body);
new Start(at("start"), begun);
link.connect();

/** For tests and the curious. */
globalThis.antiphon = {
  get soundsStarted() {
    return sound.piano?.started ?? 0;
  },
  get soundsSounding() {
    return sound.piano?.sounding ?? 0;
  },
  get isHeard() {
    return sound.isHeard;
  },
  /** When the SoundFont of the last visit is there, if there was one. */
  get fontIsRestored() {
    return font.restored.then(() => true);
  },
  /** What sounds here, for those who measure it. */
  sound,
  get connected() {
    return link.isOpen;
  },
  get isDrawing() {
    return isAwake;
  },
  /** What is to come, as it is drawn. */
  get ahead() {
    return mind.ideas.ahead(clock.now());
  },
  /** The kinds of objects that this page understands, and what happens with one that comes. */
  hears: ["welcome", ...Object.keys(shown)],
  received,
};
wake();
