// char-RNN's network, step by step, in plain loops: what zoo/models/char_rnn/writing.py does.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// W x + b, where W is (b.length, x.length) row by row.
function linear(weight, x, bias) {
  const found = new Float64Array(bias.length);
  for (let row = 0, at = 0; row < found.length; row++) {
    let sum = bias[row];
    for (let i = 0; i < x.length; i++) sum += weight[at++] * x[i];
    found[row] = sum;
  }
  return found;
}

// How the state of a layer changes: h and c before, what comes from below, W x + b, and from the state itself, V h + d.
const CELLS = {
  rnn: ({ c }, below, turned) => ({ h: below.map((value, i) => Math.tanh(value + turned[i])), c }),
  gru({ h, c }, below, turned) {
    const n = h.length;
    return {
      h: h.map((before, i) => {
        const [r, z] = [sigmoid(below[i] + turned[i]), sigmoid(below[n + i] + turned[n + i])];
        return (1 - z) * Math.tanh(below[2 * n + i] + r * turned[2 * n + i]) + z * before;
      }),
      c,
    };
  },
  lstm({ h, c }, below, turned) {
    const n = h.length;
    const gate = (k, i) => below[k * n + i] + turned[k * n + i];
    const cell = c.map((before, i) => sigmoid(gate(1, i)) * before + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
    return { h: cell.map((value, i) => sigmoid(gate(3, i)) * Math.tanh(value)), c: cell };
  },
};

// A network of a checkpoint's config and tensors: `begin(given)` reads what it writes for, shares of all options in order or null, and
// gives a state; `step(state, i)` reads character number i and gives the next state; `logits(state)` are those of what comes next.
export function network({ cell, layers, width, embedding: size }, stored) {
  const part = (name) => stored[name].data;
  const weights = Array.from({ length: layers }, (_, i) => ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => part(`cells.${i}.${name}_l0`)));
  const embedded = (i) => part("embedding.weight").subarray(i * size, (i + 1) * size);
  const zeros = new Float64Array(width);

  function begin(given) {
    const options = given ? stored["condition.weight"].dims[1] : 0;
    const added = new Float64Array(size);
    for (let row = 0; row < size; row++)
      for (let k = 0; k < options; k++) added[row] += part("condition.weight")[row * options + k] * given[k];
    return { added, layers: Array.from({ length: layers }, () => ({ h: zeros, c: zeros })), read: new Map() };
  }

  function step(state, i) {
    if (!state.read.has(i)) {
      const [weight, , bias] = weights[0]; // what a character adds is the same wherever it stands
      state.read.set(i, linear(weight, embedded(i).map((value, row) => value + state.added[row]), bias));
    }
    let x = null;
    const after = state.layers.map((before, layer) => {
      const [into, onward, b, d] = weights[layer];
      const next = CELLS[cell](before, layer ? linear(into, x, b) : state.read.get(i), linear(onward, before.h, d));
      x = next.h;
      return next;
    });
    return { ...state, layers: after };
  }

  const logits = (state) => linear(part("head.weight"), state.layers.at(-1).h, part("head.bias"));
  return { begin, step, logits };
}
