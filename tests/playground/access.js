// What tests ask of a page in the browser (access.py). Shadow roots are looked into everywhere.

window.access = (() => {
  const CONTROL =
    "a[href], button, input, select, textarea, summary, [role=button], [role=slider], [role=radio], [role=tab], " +
    "[role=combobox], [role=switch], [role=application], [role=textbox]:not([contenteditable=false])";
  const MARKS = ["outline", "boxShadow", "borderColor", "backgroundColor", "textDecoration"]; // of the focus
  const GROUP = "[role=radiogroup], [role=tablist], [role=listbox]";

  const parent = (node) => node.parentElement ?? node.getRootNode().host;
  const chain = (node) => (node ? [node, ...chain(parent(node))] : []);
  const within = (node, ancestor) => chain(node).includes(ancestor);
  const closest = (node, selector) => chain(node).find((each) => each.matches(selector));
  const every = (root, selector) =>
    [...root.querySelectorAll("*")].flatMap((node) => [
      ...(node.matches(selector) ? [node] : []),
      ...(node.shadowRoot ? every(node.shadowRoot, selector) : []),
    ]);
  const labels = (node) => [...(node.labels ?? [])];
  const box = (node) => node.getBoundingClientRect();
  const told = (node) => `${node.cloneNode(false).outerHTML.slice(0, 200)} ${node.innerText?.slice(0, 40) ?? ""}`;

  const name = (node) => node.getAttribute("aria-label") || labels(node)[0]?.innerText || node.innerText || "";

  function shown(node) {
    const hidden = chain(node).some((each) => each.matches("[inert], [aria-hidden=true]"));
    return !hidden && node.checkVisibility({ visibilityProperty: true }) && box(node).width > 0 && box(node).height > 0;
  }

  const controls = () => every(document, CONTROL).filter((node) => shown(node) && !node.disabled);

  function focused() {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return node === document.body || node === document.documentElement ? null : node;
  }

  function topmost(x, y) {
    let node = document.elementFromPoint(x, y);
    for (let inner; (inner = node?.shadowRoot?.elementFromPoint(x, y)) && inner !== node; ) node = inner;
    return node;
  }

  const lasting = ({ effect }) => effect.getComputedTiming().endTime === Infinity;
  const passing = () => document.getAnimations().filter((each) => !lasting(each));
  const frame = () => new Promise(requestAnimationFrame);

  // Wait until nothing moves that comes to an end. One that is paused, or taken away, never says that it has.
  async function still() {
    for (let i = 0; i < 600 && passing().some(({ playState }) => playState === "running"); i++) await frame();
  }

  // What axe-core finds serious or critical within what a selector names, but for what is known: rules with selectors.
  async function findings(known, where, rules) {
    await still();
    const { violations } = await axe.run([...document.querySelectorAll(where)].filter(shown), {
      elementRef: true,
      preload: false,
      resultTypes: ["violations"],
      ...(rules && { runOnly: { type: "rule", values: rules } }),
    });
    return violations
      .filter(({ impact }) => ["serious", "critical"].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map((node) => ({ id, ...node })))
      .filter(({ id, element }) => !known.some(([rule, selector]) => rule === id && closest(element, selector)))
      .map(({ id, element, failureSummary }) => `${id}: ${told(element)}: ${failureSummary}`);
  }

  // The way of the Tab key. A stop tells what is wrong with it, null is past the last.
  const looks = (node) =>
    chain(node)
      .slice(0, 5)
      .flatMap((each) => ["", "::before", "::after"].map((part) => getComputedStyle(each, part || null)))
      .map((style) => MARKS.map((mark) => style[mark]).join())
      .join();
  let stops = [];
  let unfocused = new Map();

  function start() {
    focused()?.blur();
    getSelection().collapse(document.body, 0); // the Tab key goes on from where one last clicked
    stops = [];
    unfocused = new Map(every(document, `${CONTROL}, [tabindex]`).map((node) => [node, looks(node)]));
  }

  // What the keys that work a control depend on.
  function kind(node) {
    const role = node.getAttribute("role");
    if (node.matches("input[type=range]")) return node.value === node.max ? "slider at its end" : "slider";
    if (node.closest(".zoo-pad-tools")) return "";
    if (node.matches("input[type=radio]")) {
      const others = every(document, "input[type=radio]").filter(({ name }) => name === node.name);
      return others.length > 1 ? "radio" : node.checked ? "" : "option"; // Gradio's are no group: each is a stop
    }
    if (role === "radio") {
      if (node.getAttribute("aria-checked") === "false") return "option";
      return every(closest(node, GROUP) ?? document, "[role=radio]").length > 1 ? "radio" : "";
    }
    if (node.matches("input[type=checkbox]")) return "switch";
    if (node.matches("input[type=number]")) return "number";
    return role === "application" ? "pad" : role === "combobox" ? "list" : "";
  }

  function stop(main, known) {
    const node = focused();
    if (!node) return { name: "", kind: "", wrong: "" };
    if (node === stops[0]) return null;
    stops.push(node);
    const { left, right, top, bottom, width, height } = box(node);
    const inSight = width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    const marked = !unfocused.has(node) || unfocused.get(node) !== looks(node);
    const caret = node.matches("textarea, input:is([type=text], [type=number], [type=search], :not([type]))");
    const own = known.some((selector) => closest(node, selector));
    const unmarked = marked || caret || own ? "" : "does not show that it has the focus";
    const wrong = inSight ? unmarked : "has the focus out of sight";
    return { name: name(node), kind: closest(node, main) ? kind(node) : "", wrong: wrong && `${wrong}: ${told(node)}` };
  }

  // Controls that the Tab key did not come to, nor the arrow keys from another of their group, but for what is known.
  function missed(known) {
    const group = (node) => closest(node, GROUP) ?? (node.type === "radio" && node.name ? `radio ${node.name}` : null);
    const groups = new Set(stops.map(group));
    const reached = (node) => stops.some((each) => within(node, each) || within(each, node));
    const grouped = (node) => group(node) && groups.has(group(node));
    const own = (node) => known.some((selector) => closest(node, selector));
    return controls().filter((node) => !reached(node) && !grouped(node) && !own(node)).map(told);
  }

  // What scrolls sideways, and controls that are covered where they are scrolled to.
  function covered(main, known) {
    const pages = [document.documentElement, ...document.querySelectorAll(main)];
    const wide = pages.filter((node) => node.scrollWidth > node.clientWidth);
    const found = controls().flatMap((node) => {
      if (!closest(node, main) || known.some((selector) => closest(node, selector))) return [];
      node.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = box(node);
      const at = topmost(Math.min(left + width / 2, innerWidth - 1), top + height / 2);
      const around = [chain(node)[3] ?? node, ...labels(node)]; // a slider's input lies under its track
      return around.some((each) => within(at, each) || within(each, at)) ? [] : [`${told(node)} by ${at && told(at)}`];
    });
    return [...wide.map((node) => `scrolls sideways: ${told(node)}`), ...found.map((said) => `covered: ${said}`)];
  }

  const names = (main) => controls().filter((node) => closest(node, main)).map(name);

  // What moves without being asked to: canvases that do not come to rest, animations, pictures that play.
  async function moving() {
    await still(); // what comes in when a page is opened
    const canvases = every(document, "canvas").filter(shown);
    const picture = () => canvases.map((canvas) => canvas.toDataURL());
    let changed = canvases;
    for (let i = 0, before = picture(); i < 12 && changed.length; i++) { // a table draws itself once its fonts are there
      for (let j = 0; j < 10; j++) await frame();
      const after = picture();
      changed = canvases.filter((_, k) => before[k] !== after[k]);
      before = after;
    }
    const animated = document.getAnimations().filter(({ playState }) => playState === "running");
    const played = every(document, "video, marquee, .zoo-moving img").filter(shown);
    return [...changed.map(told), ...animated.map(({ effect }) => told(effect.target)), ...played.map(told)];
  }

  return { findings, start, stop, missed, covered, names, moving };
})();
