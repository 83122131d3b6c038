// A map of words: neighbours, sums of words, directions, and how words moved; what __init__.py beside this file has, without a server.

import { cloud } from "./cloud.js";
import { element } from "./element.js";
import { bars, lines, table } from "./figures.js";
import { tensors } from "./tensors.js";
import { between, dot, parsed, space } from "./words.js";

const quiet = (textContent) => element("p", { className: "quiet", textContent });
const warning = (textContent) => element("p", { className: "warning", textContent });
const bold = (text, rest = "") => element("p", {}, element("b", { textContent: text }), rest);
const listing = (words, and = ", ") => words.join(and);

// What a function gives, or the sentence that it throws.
function tried(act) {
  try {
    return { found: act(), problem: "" };
  } catch (error) {
    return { found: null, problem: error.message };
  }
}

export async function mount(slots, facts, change) {
  const { words, starts, periods, moving, sources, units, axes, roles, signposts, near: most, few, height, lacking } = facts;
  const [stored, extras] = await Promise.all([tensors("vectors.safetensors"), tensors("extras.safetensors")]);
  const dims = stored.vector.dims[1];
  const ours = space(words, stored.vector.data, dims);
  const mapped = extras["ours.pca"].dims[0];
  const glove = extras["glove.near"];
  const map = cloud(height, (i) => change("word", words[i]));

  // All words' vectors in a period, made when it is first asked for.
  const times = {};
  function period(p) {
    if (!times[p]) {
      const data = Float32Array.from(stored.vector.data);
      const start = p * moving * dims;
      for (let i = 0; i < moving * dims; i++) data[i] += stored.offset.data[start + i];
      times[p] = space(words, data, dims);
    }
    return times[p];
  }

  function neighbours(source, number, n) {
    if (source === "ours") return ours.nearest(ours.row(number), n, [number]);
    const found = [];
    for (let k = 0; k < Math.min(n, glove.dims[1]); k++) {
      const at = number * glove.dims[1] + k;
      if (glove.data[at] >= 0) found.push([words[glove.data[at]], extras["glove.cosine"].data[at]]);
    }
    return found;
  }

  function points(source, layout, dimensions) {
    if (layout !== "pca") return extras[`${source}.${layout}_${dimensions}`].data;
    const { data } = extras[`${source}.pca`];
    return dimensions === 3 ? data : data.filter((_, i) => i % 3 < 2);
  }

  const there = Object.fromEntries(
    Object.keys(sources).map((source) => [
      source,
      Array.from({ length: mapped }, (_, i) => i).filter((i) => source === "ours" || glove.data[i * glove.dims[1]] >= 0),
    ]),
  );

  // Values along the direction as -1 to 1, as drawn.py has them.
  function shade(values) {
    const size = 2 * Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    return values.map((value) => Math.max(-1, Math.min(1, value / Math.max(size, 1e-9))));
  }

  const toward = (direction) => ours.along(ours.total(...between(direction, facts.most)));

  function showMap({ word, source, layout, dims: chosenDims, direction }) {
    const number = ours.known(word) ?? null;
    const dimensions = Number(chosenDims);
    const near = number === null ? [] : neighbours(source, number, most).map(([other]) => ours.known(other));
    const asked = direction.trim() !== "";
    const { found, problem } = asked
      ? source === "glove"
        ? { found: null, problem: lacking }
        : tried(() => toward(direction).subarray(0, mapped))
      : { found: null, problem: "" };
    const onMap = (i) => i !== null && i < mapped && there[source].includes(i);
    const named = [1, 2].map((i) => axes[layout].replace("{}", i));
    map.show({
      points: points(source, layout, dimensions), dims: dimensions, there: there[source], names: words, values: found && shade(found),
      chosen: onMap(number) ? number : null, near: near.filter(onMap), signposts: signposts[`${source} ${layout} ${dimensions}`],
      axes: dimensions === 3 ? [named[0].replace(" 1", "").replace("(no unit)", "in three dimensions (no unit); drag to turn"), ""] : named,
      label: `Map of ${there[source].length} words${onMap(number) ? `; ${words[number]} and its neighbours are named` : ""}`,
    });
    if (!map.canvas.isConnected) slots.map.replaceChildren(map.canvas);
    let said = `${units[layout]} The axes have no unit. The ${mapped.toLocaleString("en")} most frequent words.`;
    if (found) {
      const [plus, minus] = between(direction, facts.most);
      said += ` Orange: nearer to ${listing(plus, " and ")}; blue: nearer to ${listing(minus, " and ")}; grey: neither.`;
    }
    if (number !== null && !onMap(number)) said += ` ${word.trim()} is not on this map.`;
    slots.about.replaceChildren(...(problem ? [warning(problem)] : []), quiet(said));
  }

  function showNear({ word }) {
    const { found: number, problem } = tried(() => ours.number(word));
    if (problem) return slots.near.replaceChildren(warning(problem));
    const lists = Object.fromEntries(Object.entries(sources).map(([source, title]) => [title, neighbours(source, number, most)]));
    const said = lists.GloVe.length ? [] : [quiet("GloVe's 20,000 most frequent words do not have it.")];
    slots.near.replaceChildren(bold(`Nearest to ${words[number]}`, `, each with its cosine in all ${dims} dimensions`), table(lists), ...said);
  }

  function showAnswers({ analogy }) {
    const { found, problem } = tried(() => {
      const [plus, minus] = parsed(analogy, facts.most);
      const given = [...plus, ...minus].map(ours.number);
      return ours.nearest(ours.total(plus, minus), 5, given);
    });
    const said = `The words typed are left out of the answers: the nearest of all is mostly one of them. ${lacking}`;
    slots.answers.replaceChildren(...(problem ? [warning(problem)] : [table({ Presidents: found }), quiet(said)]));
  }

  function showTime({ word }) {
    const number = ours.known(word);
    slots.moved.replaceChildren();
    if (number === undefined) return slots.periods.replaceChildren(quiet("The word is not known."));
    if (number >= moving)
      return slots.periods.replaceChildren(
        quiet(`Only the ${moving.toLocaleString("en")} most frequent words have a vector for each period; this one is rarer.`),
      );
    const rows = periods.map((name, p) => {
      const [then, said] = [period(p), extras.said.data[p * moving + number]];
      return [name, said.toLocaleString("en"), said ? then.nearest(then.row(number), facts.then, [number]).map(([other]) => other) : []];
    });
    const rare = `Where it is said less than ${few} times, these are hardly more than its neighbours of all time.`;
    slots.periods.replaceChildren(
      element("div", { className: "scroll" }, table.rows(["period", "said", "nearest then"], rows.map(([name, said, near]) => [name, said, listing(near) || "-"]))),
      quiet(`How often it is said, and the nearest words by its vector of that period. ${rare}`),
    );
    const others = [...new Set(rows.flatMap(([, , near]) => near))].sort((a, b) => ours.known(a) - ours.known(b));
    const spoken = [...periods.keys()].filter((p) => extras.said.data[p * moving + number]);
    if (spoken.length < 2) return;
    const cosines = others.map((other) => spoken.map((p) => dot(period(p).row(number), period(p).row(ours.known(other)))));
    const spread = (list) => Math.min(...list) - Math.max(...list);
    const shown = others.map((other, i) => ({ name: other, y: cosines[i] })).sort((a, b) => spread(a.y) - spread(b.y)).slice(0, facts.lines);
    const wide = Math.min(640, slots.periods.clientWidth || 640);
    slots.moved.replaceChildren(bold("The neighbours that came and went most"), lines(spoken.map((p) => starts[p]), shown, "first year of the period", "cosine with the word", wide));
  }

  function showRoles({ direction }) {
    const { found } = tried(() => toward(direction));
    slots.bias.replaceChildren();
    if (!found) return slots.plainly.replaceChildren(quiet("Type a direction above, such as she - he: people's roles are then shown along it."));
    const [plus, minus] = between(direction, facts.most);
    const values = roles.filter((role) => ![...plus, ...minus].includes(role)).map((role) => [role, found[ours.number(role)]]);
    values.sort(([, a], [, b]) => b - a);
    const named = values.map(([role]) => role);
    const ends = [element("i", { textContent: listing(plus, " and ") }), element("i", { textContent: listing(minus, " and ") })];
    slots.plainly.replaceChildren(
      element("p", {}, `Of these roles, ${listing(named.slice(0, 3))} lean most to `, ends[0], `, and ${listing(named.slice(-3).reverse())} to `, ends[1],
        ". That is how the presidents speak of people, prejudice included; it says nothing of what people are or can do."),
      quiet(`GloVe's are not shown. ${lacking}`),
    );
    slots.bias.replaceChildren(bars(values, `← ${listing(minus, " + ")} · cosine with the direction · ${listing(plus, " + ")} →`));
  }

  const buttons = {
    go: {
      press: (_, word) => ({ word }),
      options: ({ word, source }) => {
        const number = ours.known(word);
        return number === undefined ? {} : Object.fromEntries(neighbours(source, number, 6).map(([other]) => [other, other]));
      },
    },
  };

  return {
    show(values) {
      for (const part of [showMap, showNear, showAnswers, showTime, showRoles]) part(values);
    },
    picture: () => map.picture(),
    buttons,
  };
}
