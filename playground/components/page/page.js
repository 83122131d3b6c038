// A page of text whose characters can be chosen, the same for every host (Streamlit, Gradio, a static page).
//
//   const page = mount(element, {text, from, selected, bits, seq}, onChange)
//   page.update(state)
//   page.destroy()
//
// Characters before `from` are the person's, the others the model's. `bits`, one for each character, colours them; null
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
    root.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
    root.children[selected]?.setAttribute("aria-selected", "true");
  }

  function choose(at) {
    selected = Math.max(0, Math.min(given.text.length - 1, at));
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
    choose((selected ?? given.text.length) + step);
  });

  function update(next) {
    const same = JSON.stringify(next) === JSON.stringify(given);
    given = next;
    seq = Math.max(seq, next.seq ?? 0);
    selected = next.selected ?? null;
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
