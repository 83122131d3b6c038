// A text whose words can be left out, the same for every host (Streamlit, Gradio, a static page).
//
//   const words = mount(element, {parts, most, unit, seq}, onChange)
//   words.update(state)
//   words.destroy()
//
// `parts` are the text in order: {text} between words, {text, change, out} for words. A word's colour is its change, of `most` at
// most either way; one that is out is struck through. onChange({at, seq}) tells that word number `at` was pressed.

export function mount(element, state, onChange) {
  const root = document.createElement("div");
  root.className = "zoo-marks";
  root.setAttribute("role", "listbox");
  root.setAttribute("aria-multiselectable", "true");
  root.setAttribute("aria-label", "The text, word by word; Enter leaves a word out or puts it back");
  element.append(root);
  const events = new AbortController();
  let given = {};
  let focus = 0; // the word that Tab comes to
  let seq = Date.now(); // no two answers are alike, even when it was mounted anew between them

  const options = () => [...root.querySelectorAll("[role=option]")];

  function render() {
    const held = root.contains(document.activeElement);
    let at = 0;
    root.replaceChildren(
      ...(given.parts ?? []).map((part) => {
        if (part.change === undefined) return document.createTextNode(part.text);
        const word = document.createElement("span");
        word.setAttribute("role", "option");
        word.textContent = part.text;
        word.dataset.at = at++;
        word.tabIndex = -1;
        word.setAttribute("aria-selected", String(Boolean(part.out)));
        const share = Math.max(-1, Math.min(1, part.change / (given.most || 1)));
        word.style.setProperty("--for", Math.max(0, share).toFixed(2));
        word.style.setProperty("--against", Math.max(0, -share).toFixed(2));
        word.title = part.out ? "left out" : `${part.change < 0 ? "−" : "+"}${Math.abs(part.change).toFixed(2)} ${given.unit ?? ""}`.trim();
        return word;
      }),
    );
    focus = Math.min(focus, Math.max(0, at - 1));
    reach(focus, held);
  }

  function reach(at, hold) {
    const all = options();
    all.forEach((word, i) => (word.tabIndex = i === at ? 0 : -1));
    focus = at;
    if (hold) all[at]?.focus();
  }

  const on = (name, listener) => root.addEventListener(name, listener, { signal: events.signal });
  function press({ target }) {
    if (target.dataset?.at === undefined) return;
    reach(Number(target.dataset.at), true);
    onChange({ at: focus, seq: ++seq });
  }

  on("click", press);
  on("keydown", (event) => {
    const last = options().length - 1;
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
