// CartPole's physics and a trained agent, as gymnasium and PyTorch compute them, without a server.
//
// A state is [x, x_dot, theta, theta_dot]: the cart's place (m) and speed, the pole's angle (rad) and its speed.
// A world is gymnasium's numbers: gravity, masscart, masspole, length (half of the pole), force_mag, tau, x_threshold,
// theta_threshold_radians.

// Numbers packed as base64 of little-endian 32-bit floats.
export function floats(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

// A function from a state to the outputs of tanh layers of these sizes; `weights` holds each layer's matrix (a row for each
// of its outputs), then its biases. The array it returns is the same at every call.
export function network(weights, sizes) {
  const layers = [];
  let at = 0;
  for (let i = 0; i + 1 < sizes.length; i++) {
    const [inputs, outputs] = [sizes[i], sizes[i + 1]];
    const matrix = weights.subarray(at, (at += inputs * outputs));
    layers.push({ matrix, bias: weights.subarray(at, (at += outputs)), out: new Float64Array(outputs) });
  }
  const rounded = new Float64Array(sizes[0]);
  return (state) => {
    for (let i = 0; i < rounded.length; i++) rounded[i] = Math.fround(state[i]); // gymnasium shows 32-bit numbers
    let x = rounded;
    layers.forEach(({ matrix, bias, out }, depth) => {
      for (let row = 0, at = 0; row < out.length; row++) {
        let sum = bias[row];
        for (let i = 0; i < x.length; i++) sum += matrix[at++] * x[i];
        out[row] = depth < layers.length - 1 ? Math.tanh(sum) : sum;
      }
      x = out;
    });
    return x;
  };
}

// An agent from its packed networks: the probability that it pushes right, and how long it expects to last.
export function awaken({ actor, critic, width }) {
  const policy = network(floats(actor), [4, width, width, 2]);
  const worth = network(floats(critic), [4, width, width, 1]);
  return {
    right(state) {
      const [left, right] = policy(state);
      return 1 / (1 + Math.exp(left - right));
    },
    value: (state) => worth(state)[0],
  };
}

// An unstable pole magnifies a difference in the last digit of one sine sixteen decimal places up in 500 steps, and JavaScript's
// Math.sin is not the one that numpy has from glibc. So these two are computed here, for small angles: the sine by glibc's
// polynomial in its own order, the cosine correctly rounded.
const SINE = [-2.5022014848318398e-8, 2.755729806860771e-6, -0.00019841269834414642, 0.0083333333333323288, -0.16666666666666666];

export function sine(x) {
  if (Math.abs(x) >= 0.126) return Math.sin(x);
  const square = x * x;
  return x + SINE.reduce((sum, coefficient) => sum * square + coefficient) * x * square;
}

export function cosine(x) {
  if (Math.abs(x) >= 0.25) return Math.cos(x);
  const high = x * x;
  const top = 134217729 * x - (134217729 * x - x); // x in two parts of half the digits (Dekker, doi 10.1007/BF01397083)
  const end = x - top;
  const low = end * end - (high - top * top - 2 * top * end);
  const rest = (high * high * (1 - (high / 30) * (1 - (high / 56) * (1 - (high / 90) * (1 - high / 132))))) / 24;
  const sum = 1 - high / 2;
  return sum + (1 - sum - high / 2 - low / 2 + rest);
}

// The state a fiftieth of a second later; action 1 pushes right, 0 left. Operations are in gymnasium's order.
export function step([x, speed, angle, turn], action, world) {
  const force = action ? world.force_mag : -world.force_mag;
  const [cos, sin] = [cosine(angle), sine(angle)];
  const mass = world.masspole + world.masscart;
  const moment = world.masspole * world.length;
  const pull = (force + moment * (turn * turn) * sin) / mass;
  const turning =
    (world.gravity * sin - cos * pull) / (world.length * (4 / 3 - (world.masspole * (cos * cos)) / mass));
  const speeding = pull - (moment * turning * cos) / mass;
  return [x + world.tau * speed, speed + world.tau * speeding, angle + world.tau * turn, turn + world.tau * turning];
}

export const fallen = ([x, , angle], world) =>
  Math.abs(x) > world.x_threshold || Math.abs(angle) > world.theta_threshold_radians;

// A whole episode by the likelier action: the states, and of each but the last what the agent thought and did.
export function play(agent, start, world, limit = 500) {
  const episode = { states: [start], right: [], value: [], actions: [], fell: false };
  while (episode.actions.length < limit && !episode.fell) {
    const state = episode.states.at(-1);
    const right = agent.right(state);
    const action = right > 0.5 ? 1 : 0;
    episode.right.push(right);
    episode.value.push(agent.value(state));
    episode.actions.push(action);
    episode.states.push(step(state, action, world));
    episode.fell = fallen(episode.states.at(-1), world);
  }
  return episode;
}
