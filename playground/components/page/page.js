// A page of text whose characters can be chosen, the same for every host (Streamlit, Gradio, a static page).
//
//   const page = mount(element, {text, from, selected, to, bits, seq}, onChange)
//   page.update(state)
//   page.destroy()
//
// Characters before `from` are the person's, the others the model's. What is chosen begins at `selected` and ends before `to`: a
// character, or a piece that is chosen by any of its characters. `bits`, one for each character, colours them; null
// leaves them plain. onChange({at, seq}) tells that the person chose the character at `at`.

export function mount(element, state, onChange) {
  const root = document.createElement("div");
  root.className = "zoo-page";
  root.tabIndex = 0;
  root.setAttribute("role", "textbox");
  root.setAttribute("aria-readonly", "true");
  root.setAttribute("aria-multiline", "true");
  root.setAttribute("aria-label", "The text; arrow keys choose a character");
  element.append(root);
  const events = new AbortController();
  let given = {};
  let selected = null;
  let to = null;
  let seq = Date.now(); // no two choices are alike, even when the page was mounted anew between them

  function render() {
    root.replaceChildren(
      ...[...given.text].map((c, i) => {
        const span = document.createElement("span");
        span.textContent = c;
        span.dataset.at = i;
        if (i < given.from) span.className = "zoo-page-own";
        if (given.bits) {
          span.style.setProperty("--bits", Math.min(1, given.bits[i] / 8).toFixed(2));
          span.title = `${given.bits[i].toFixed(1)} bits`;
        }
        return span;
      }),
    );
    root.classList.toggle("zoo-page-surprise", Boolean(given.bits));
    mark();
  }

  function mark() {
    for (const one of root.querySelectorAll("[aria-current]")) one.removeAttribute("aria-current");
    for (let i = selected; i !== null && i < to; i++) root.children[i]?.setAttribute("aria-current", "true");
  }

  function choose(at) {
    selected = Math.max(0, Math.min(root.children.length - 1, at));
    to = selected + 1;
    mark();
    root.children[selected]?.scrollIntoView({ block: "nearest" });
    onChange({ at: selected, seq: ++seq });
  }

  const on = (name, listener) => root.addEventListener(name, listener, { signal: events.signal });
  on("click", ({ target }) => target.dataset.at !== undefined && choose(Number(target.dataset.at)));
  on("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -40, ArrowDown: 40 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose((selected === null ? root.children.length : step > 0 ? to - 1 : selected) + step);
  });

  function update(next) {
    const same = JSON.stringify(next) === JSON.stringify(given);
    given = next;
    seq = Math.max(seq, next.seq ?? 0);
    selected = next.selected ?? null;
    to = next.to ?? selected + 1;
    if (same) mark();
    else render();
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
