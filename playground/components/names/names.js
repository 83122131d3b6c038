// Names of which one is chosen, and its letters, the same for every host (Streamlit, Gradio, a static page).
//
//   const names = mount(element, {names, at, letters, said, seq}, onChange)
//   names.update(state)
//   names.destroy()
//
// `names` are {text, new, times}; number `at` is chosen. `letters` are those of the chosen one: {text, p, others}, where p is null for a
// letter that was given, and others are {text, p, begins}. onChange({at, seq}) tells that a name was chosen, onChange({letter, other, seq})
// that another letter shall stand at a place.

const said = (p) => (p < 0.005 ? "<1" : p > 0.995 && p < 1 ? ">99" : Math.round(100 * p)) + "\u00a0%";

export function mount(element, state, onChange) {
  const make = (tag, className, ...children) => {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  };
  const list = make("div", "zoo-names-list");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Names; arrow keys go from one to the next, Enter chooses");
  const letters = make("ol", "zoo-names-letters");
  const note = make("p", "zoo-names-said");
  const root = make("div", "zoo-names", list, letters, note);
  element.append(root);
  const events = new AbortController();
  let given = {};
  let focus = 0; // the name that Tab comes to
  let seq = Date.now(); // no two answers are alike, even when it was mounted anew between them

  function name({ text, new: fresh, times }, at) {
    const chip = make("span", "zoo-names-one", text);
    chip.setAttribute("role", "option");
    chip.setAttribute("aria-selected", String(at === given.at));
    chip.dataset.at = at;
    if (times > 1) chip.append(make("small", "", `×${times}`));
    if (fresh) chip.append(make("small", "zoo-names-new", "new"));
    return chip;
  }

  function letter({ text, p, others }, at) {
    const big = make("b", "", text);
    const shown = make("li", p === null ? "zoo-names-given" : "", big, make("span", "zoo-names-p", p === null ? "given" : said(p)));
    if (text.length > 1) big.className = "zoo-names-end";
    if (p !== null) {
      big.style.setProperty("--rare", Math.min(1, -Math.log2(Math.max(p, 1e-9)) / 8).toFixed(2));
      const ways = others.map(({ text, p, begins }, other) => {
        const way = make(begins ? "button" : "span", "zoo-names-other", make("i", "", text), ` ${said(p)}`);
        if (!begins) return way;
        way.type = "button";
        way.dataset.letter = at;
        way.dataset.other = other;
        way.title = `Go on with ${text} here`;
        return way;
      });
      if (ways.length) shown.append(make("div", "zoo-names-others", ...ways));
    }
    return shown;
  }

  function reach(at, hold) {
    [...list.children].forEach((chip, i) => (chip.tabIndex = i === at ? 0 : -1));
    focus = at;
    if (hold) list.children[at]?.focus();
  }

  function render() {
    const held = list.contains(document.activeElement);
    list.replaceChildren(...(given.names ?? []).map(name));
    letters.replaceChildren(...(given.letters ?? []).map(letter));
    note.textContent = given.said ?? "";
    reach(Math.min(held ? focus : (given.at ?? 0), Math.max(0, list.children.length - 1)), held);
  }

  const on = (name, listener) => root.addEventListener(name, listener, { signal: events.signal });
  function press({ target }) {
    const chip = target.closest("[data-at]");
    const way = target.closest("[data-other]");
    if (chip) {
      reach(Number(chip.dataset.at), true);
      onChange({ at: focus, seq: ++seq });
    } else if (way) onChange({ letter: Number(way.dataset.letter), other: Number(way.dataset.other), seq: ++seq });
  }

  on("click", press);
  on("keydown", (event) => {
    if (!list.contains(event.target)) return;
    const last = list.children.length - 1;
    const to = { ArrowLeft: focus - 1, ArrowUp: focus - 1, ArrowRight: focus + 1, ArrowDown: focus + 1, Home: 0, End: last }[event.key];
    const pressed = event.key === "Enter" || event.key === " ";
    if (to === undefined && !pressed) return;
    event.preventDefault();
    if (pressed) return press(event);
    reach(Math.max(0, Math.min(last, to)), true);
  });

  function update(next) {
    const same = JSON.stringify(next) === JSON.stringify(given);
    given = next;
    seq = Math.max(seq, next.seq ?? 0);
    if (!same) render();
  }

  update(state);
  return {
    update,
    destroy() {
      events.abort();
      root.remove();
    },
  };
}
