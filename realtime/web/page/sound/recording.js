/* What the piano sounds, recorded as a file in whatever form the browser writes.

Knows the browser's recorder and a piano. Must not know what is played. */

const FORMS = [
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
];

/** The first form that this browser writes: its type and the end of a file's name; undefined: none. */
export function formOf(recorder = globalThis.MediaRecorder) {
  return FORMS.find(([type]) => recorder?.isTypeSupported?.(type));
}

export class Recording {
  /** `taken` gets the sound and the end of a file's name, once it is all there. */
  constructor(piano, taken) {
    const form = formOf();
    if (!form) throw new Error("this browser can't record sound");
    const [type, ending] = form;
    this.piano = piano;
    this.into = new MediaStreamAudioDestinationNode(piano.context);
    this.recorder = new MediaRecorder(this.into.stream, { mimeType: type, audioBitsPerSecond: 192_000 });
    const parts = [];
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onstop = () => {
      piano.ending.disconnect(this.into);
      if (!this.isDropped) taken(new Blob(parts, { type }), ending);
    };
    piano.ending.connect(this.into); // before mute and volume: the file has it all the same
    this.recorder.start();
  }

  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  /** End it, and keep nothing. */
  drop() {
    this.isDropped = true;
    this.stop();
  }
}
