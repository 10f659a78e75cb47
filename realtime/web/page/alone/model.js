/* A model file in the browser: an event in, the next one out, and the state as a value.

Knows the runtime (onnxruntime-web) and the graph's face, as `site.json` has it. Must not know time or turns. */

const KEY_SHARES = 176;

export class Model {
  /** `about` has its `file`, its `begin` and its `states`; the runtime lies in a folder of its own. */
  static async open(about, base) {
    const runtime = await import(new URL("runtime/ort.wasm.min.mjs", base));
    runtime.env.wasm.numThreads = 1; // more need headers that not every host sends
    runtime.env.wasm.wasmPaths = new URL("runtime/", base).href;
    const answer = await fetch(new URL(about.file, base));
    if (!answer.ok) throw new Error(`${about.file} is not to be had (${answer.status})`);
    const session = await runtime.InferenceSession.create(new Uint8Array(await answer.arrayBuffer()), {
      executionProviders: ["wasm"],
    });
    return new Model(runtime, session, about);
  }

  constructor(runtime, session, about) {
    Object.assign(this, { runtime, session, about, begin: about.begin });
  }

  /** The state before anything was played. */
  silent() {
    const tensors = this.about.states.map(({ name, shape, silent }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, this.numbers(new Float32Array(size).fill(silent), shape)];
    });
    return Object.fromEntries(tensors);
  }

  numbers(values, shape) {
    return new this.runtime.Tensor("float32", values, shape);
  }

  whole(values, shape) {
    return new this.runtime.Tensor("int64", BigInt64Array.from(values, BigInt), shape);
  }

  /** The state after an event that was played. */
  async feed(event, state) {
    return (await this.run(event, state, { draws: false })).after;
  }

  /** The event that follows, drawn by `chances`: `[gap, key, velocity]`, the cells until it, and the state before it. */
  async step(event, state, controls) {
    return this.run(event, state, { draws: true, ...controls });
  }

  async run(event, state, { draws, chances = [0.5, 0.5, 0.5], temperature = [1, 1, 1], topP = 1, mask, passed = 0 }) {
    const out = await this.session.run({
      ...state,
      event: this.whole(event, [1, 3]),
      temperature: this.numbers(Float32Array.from(temperature), [1, 3]),
      top_p: this.numbers(Float32Array.of(topP), [1]),
      key_mask: this.numbers(mask ?? new Float32Array(KEY_SHARES).fill(1), [1, KEY_SHARES]),
      chance: this.numbers(Float32Array.from(chances), [1, 3]),
      given: this.whole([0, 0, 0], [1, 3]),
      is_given: new this.runtime.Tensor("bool", new Uint8Array(3), [1, 3]),
      gap_at_least: this.whole([passed], [1]),
      draw: new this.runtime.Tensor("bool", Uint8Array.of(draws ? 1 : 0), []),
    });
    const after = Object.fromEntries(this.about.states.map(({ name }) => [name, out[`${name}_after`]]));
    return { after, event: [...out.next_event.data].map(Number), cells: Number(out.next_cells.data[0]) };
  }
}
