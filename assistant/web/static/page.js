/* The page's wiring: controls ask the program for acts; panels are replaced by what comes back, focus and openings stay. */
const studiospeak = (() => {
  const kept = { panel: "console", asked: "console", open: new Map(), focus: "", token: "", dialog: "" };
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const waiting = [];
  let trigger = null;

  function act(name, payload = {}) {
    if (trigger) trigger("act", { name, payload });
    else waiting.push([name, payload]);
  }
  function connect(ask) {
    trigger = ask;
    for (const [name, payload] of waiting.splice(0)) act(name, payload);
  }
  const read = (text) => (text ? JSON.parse(text) : {});

  /* Buttons. "flip" is the player's; the rest are acts of the program. */
  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("[data-act], [data-open], [data-close], [data-tab], [data-draft]");
    if (!at || at.disabled) return;
    if (at.dataset.draft) return player.draft(at.dataset.draft);
    if (at.dataset.tab) return show(at.dataset.tab);
    if (at.dataset.open) return open(at.dataset.open);
    if (at.dataset.close) return $(`#dialog-${at.dataset.close}`)?.close();
    if (at.closest("summary")) event.preventDefault();
    const name = at.dataset.act, payload = read(at.dataset.payload);
    if (name === "flip") return player.flip();
    if (name === "audition") player.listen();
    if (name === "forget_session" && !confirm("Delete this session and everything in its folder?")) return;
    if (name === "forget_session") forget(kept.token);
    act(name, payload);
  });

  document.addEventListener("click", (event) => {
    const details = event.target.closest?.("summary")?.parentElement;
    if (details?.dataset.key) kept.open.set(details.dataset.key, !details.open);
  });

  /* Knobs: a range travels 0..1 along the parameter's curve, a field takes what is typed. */
  const travelled = (at) => {
    const low = Number(at.dataset.low), high = Number(at.dataset.high), x = Number(at.value);
    if (at.dataset.curve === "fader") return x >= 0.4 ? high - (1 - x) / 0.6 * (high + 20) : low + x / 0.4 * (-20 - low);
    return at.dataset.curve === "log" ? low * (high / low) ** x : low + x * (high - low);
  };
  const written = (value, unit) => {
    if (unit === "Hz") return value >= 1000 ? `${(value / 1000).toPrecision(3)} kHz` : `${Math.round(value)} Hz`;
    if (unit === "-1..1") return Math.abs(value) < 0.005 ? "centre" : `${value < 0 ? "L" : "R"} ${Math.round(100 * Math.abs(value))}`;
    if (unit.includes("..")) return `${Math.round(100 * value)} %`;
    if (unit === "dB" || unit === "dBTP") return `${value.toFixed(1)} ${unit}`;
    return unit === ":1" ? `${value.toPrecision(2)}:1` : unit === "Q" ? `Q ${value.toPrecision(2)}` : `${value.toPrecision(3)} ${unit}`;
  };
  document.addEventListener("input", (event) => {
    const at = event.target;
    if (at.matches?.(".knob input[type=range]")) {
      const words = written(travelled(at), at.dataset.unit);
      at.parentElement.querySelector(".value").value = words;
      at.setAttribute("aria-valuetext", words);
    }
    if (at.matches?.("[data-amount], #match-amount"))
      at.closest(".amount, form").querySelector("output").textContent = `${at.value} %`;
  });
  document.addEventListener("change", (event) => {
    const at = event.target;
    if (at.dataset?.turn && at.type === "range") act("turn", { ...read(at.dataset.turn), value: travelled(at) });
    else if (at.dataset?.turn) act("turn", { ...read(at.dataset.turn), typed: at.value });
    else if (at.dataset?.typed) act("turn", { ...read(at.dataset.typed), typed: at.value });
    else if (at.dataset?.amount) act("amount", { ...read(at.dataset.amount), percent: Number(at.value) });
    else if (at.dataset?.pick === "hear") act("listen_to", { target: at.value });
    else if (at.dataset?.pick) act("compare", { [at.dataset.pick]: at.value });
    else if (at.dataset?.nameOf) act("name", { version: Number(at.dataset.nameOf), name: at.value });
    else if (at.dataset?.aspect) act("aspect", { ...read(at.dataset.aspect), on: at.checked });
    else if (at.dataset?.prefer) act("prefer", { [at.dataset.prefer]: at.value });
  });
  document.addEventListener("wheel", (event) => {
    if (document.activeElement === event.target && event.target.matches?.(".knob input[type=range]")) event.target.blur();
  }, { passive: true });
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (!at.matches?.(".knob .value")) return;
    const range = at.parentElement.querySelector("input[type=range]");
    const step = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === "Enter") at.blur();
    if (!step) return;
    event.preventDefault();
    const log = range.dataset.curve === "log", size = Number(range.dataset.step) / (range.dataset.high - range.dataset.low);
    range.value = Math.min(1, Math.max(0, Number(range.value) + step * (event.shiftKey ? 10 : 1) * (log ? 0.01 : range.dataset.curve === "fader" ? 0.01 : Math.max(size, 0.002))));
    range.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(kept.turning);
    kept.turning = setTimeout(() => range.dispatchEvent(new Event("change", { bubbles: true })), 400);
  });
  document.addEventListener("dblclick", (event) => {
    const at = event.target;
    if (at.matches?.(".knob input[type=range]")) act("turn", { ...read(at.dataset.turn), typed: null });
  });

  /* Forms. */
  const forms = {
    say: (fields) => ["say", { text: fields.text }],
    explore: (fields) => ["explore", { text: fields.text }],
    like: (fields, form) => ["like", { number: Number(form.dataset.number), rest: fields.rest }],
    between: (fields) => ["between", { one: Number(fields.one), other: Number(fields.other), share: Number(fields.share) / 100 }],
    match: (fields) => ["match", { target: fields.target, percent: Number(fields.amount), way: fields.blend ? Number(fields.share) : null }],
    export: (fields) => ["export", fields],
    learn: (fields) => ["learn", fields],
  };
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("[data-form]");
    if (!form) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    const [name, payload] = forms[form.dataset.form](fields, form);
    if (name === "say") {
      if (!payload.text.trim()) return;
      if (document.body.dataset.busy === "1") return;
      form.reset();
    }
    act(name, payload);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "say-text" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  /* Panels and dialogs. */
  function show(panel) {
    kept.panel = document.body.dataset.panel = panel;
    for (const tab of $$("[data-tab]")) {
      const on = tab.dataset.tab === panel;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    figures();
  }
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const tabs = $$("[data-tab]"), next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    event.preventDefault();
    event.stopPropagation();
    show(next.dataset.tab);
    next.focus();
  });
  function open(ident) {
    const dialog = $(`#dialog-${ident}`);
    if (!dialog || dialog.open) return;
    if (ident === "sessions") sessions();
    kept.dialog = ident;
    dialog.addEventListener("close", () => { kept.dialog = ""; });
    dialog.showModal();
  }

  /* The address carries the session, so that a reload goes on; the browser remembers which were opened. */
  function remember(head) {
    const token = head.dataset.token;
    if (!token) return;
    const address = new URL(location.href);
    if (address.searchParams.get("session") !== token) {
      address.searchParams.set("session", token);
      history.replaceState(null, "", address);
    }
    kept.token = token;
    if (head.dataset.kept !== "1") return;
    const others = known().filter((one) => one.token !== token);
    localStorage.setItem("studiospeak.sessions", JSON.stringify(
      [{ token, title: head.dataset.title, at: Date.now() }, ...others].slice(0, 30)));
  }
  const known = () => { try { return JSON.parse(localStorage.getItem("studiospeak.sessions")) || []; } catch { return []; } };
  function sessions() {
    const list = $(".sessions-list");
    list.replaceChildren(...known().map((one) => {
      const row = document.createElement("li"), link = document.createElement("a"), when = document.createElement("small");
      link.href = `?session=${one.token}`;
      link.textContent = one.title;
      if (one.token === kept.token) link.setAttribute("aria-current", "true");
      when.textContent = new Date(one.at).toLocaleString();
      row.append(link, " ", when);
      return row;
    }));
    if (!list.children.length) list.textContent = "None is kept yet.";
  }
  function forget(token) {
    localStorage.setItem("studiospeak.sessions", JSON.stringify(known().filter((one) => one.token !== token)));
  }

  /* Plots are drawn when they can be seen; plotly is served by this machine. */
  let plotly = null;
  const library = () => (plotly ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "/studiospeak/plotly.min.js";
    script.onload = () => done(window.Plotly);
    script.onerror = failed;
    document.head.append(script);
  }));
  async function figures() {
    for (const place of $$("[data-figure]")) {
      if (place.dataset.drawn || !place.offsetWidth) continue;
      place.dataset.drawn = "1";
      const drawn = JSON.parse(place.dataset.figure);
      const Plotly = await library();
      delete drawn.layout.width;
      await Plotly.newPlot(place, drawn.data, { ...drawn.layout, autosize: true }, { displayModeBar: false, responsive: true });
      place.classList.add("drawn");
    }
  }

  /* Gradio changes what is there into what came: often only attributes change, and marks of ours go. */
  const WATCHED = ["data-seen", "data-src", "data-figure", "data-busy", "data-token", "data-panel", "open"];

  /* After the program replaced a panel: what was open stays open, focus goes back, the talk scrolls to its end. */
  function settle() {
    const head = $("#head");
    if (head && head.dataset.seen !== "1") {
      head.dataset.seen = "1";
      remember(head);
      const wanted = head.dataset.panel;
      if (wanted && wanted !== kept.asked) show((kept.asked = wanted));
    }
    for (const details of $$("details[data-key]")) {
      const wanted = kept.open.get(details.dataset.key);
      if (wanted !== undefined && details.open !== wanted) details.open = wanted;
    }
    const log = $("#log");
    if (log && !log.dataset.seen) {
      log.dataset.seen = "1";
      log.scrollTop = log.scrollHeight;
      document.body.dataset.busy = log.dataset.busy;
      const send = $("#send");
      if (send) send.disabled = log.dataset.busy === "1";
    }
    if (kept.dialog) open(kept.dialog);
    if (kept.focus && (document.activeElement === document.body || !document.activeElement))
      document.getElementById(kept.focus)?.focus({ preventScroll: true });
    figures();
    player.settle();
  }
  document.addEventListener("focusin", (event) => { kept.focus = event.target.id || kept.focus; });
  document.addEventListener("focusout", (event) => {
    setTimeout(() => { if (event.target.isConnected && event.target.id === kept.focus) kept.focus = ""; });
  });
  let soon = 0;
  new MutationObserver(() => { soon ||= setTimeout(() => { soon = 0; settle(); }, 16); })
    .observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: WATCHED });
  addEventListener("resize", () => figures());

  /* Keys for all of the page. */
  const panels = ["console", "meters", "findings", "options", "reference", "history"];
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Escape" && document.body.dataset.busy === "1" && !$("dialog[open]")) return act("stop");
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (at.closest?.("input:not(.seek), textarea, select, [contenteditable], [role=listbox], [role=button]")) return;
    const key = event.key;
    if (key === "/") $("#say-text")?.focus();
    else if (key === "?") open("keys");
    else if (key === "u") act("undo");
    else if (key === "U") act("redo");
    else if (/^[1-6]$/.test(key)) show(panels[key - 1]);
    else return;
    event.preventDefault();
  });

  return { act, connect };
})();
