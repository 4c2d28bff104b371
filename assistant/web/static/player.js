/* The player: A and B decoded to one clock, so that switching and looping are exact to the sample; X is one of the two,
   hidden. Levels are matched by turning the louder one down. What is set stays set when the program replaces the player. */
const player = (() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const kept = { side: "b", matched: true, loop: false, from: null, to: null, x: "a", right: 0, guesses: 0 };
  const state = { playing: false, at: 0, started: 0, lanes: {}, context: null, wanted: false, turn: 0, fetched: new Map() };
  const MOST_KEPT = 6, FADE_S = 0.012, LOOK_BACK_S = 0.4;
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const root = () => $(".player[data-length]");

  function context() {
    if (state.context) return state.context;
    const made = (state.context = new AudioContext());
    const sum = (state.sum = made.createGain());
    sum.connect(made.destination);
    const splitter = made.createChannelSplitter(2);
    state.meters = ["left", "right"].map(() => { const one = made.createAnalyser(); one.fftSize = 2048; return one; });
    state.spectrum = made.createAnalyser();
    state.spectrum.fftSize = 8192;
    state.spectrum.smoothingTimeConstant = 0.75;
    /* K weighting, ITU-R BS.1770: shelf and high-pass; the analysers keep enough samples for 400 ms. */
    const shelf = made.createBiquadFilter(), cut = made.createBiquadFilter();
    Object.assign(shelf, { type: "highshelf" }); shelf.frequency.value = 1681.97; shelf.gain.value = 3.99984;
    Object.assign(cut, { type: "highpass" }); cut.frequency.value = 38.135; cut.Q.value = -6.015;
    const weighted = made.createChannelSplitter(2);
    state.weighted = ["left", "right"].map(() => { const one = made.createAnalyser(); one.fftSize = 32768; return one; });
    sum.connect(splitter);
    sum.connect(state.spectrum);
    sum.connect(shelf).connect(cut).connect(weighted);
    state.meters.forEach((one, channel) => splitter.connect(one, channel));
    state.weighted.forEach((one, channel) => weighted.connect(one, channel));
    return made;
  }

  async function sound(address) {
    if (!state.fetched.has(address)) {
      state.fetched.set(address, (async () => {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
        return context().decodeAudioData(await answer.arrayBuffer());
      })());
      while (state.fetched.size > MOST_KEPT) state.fetched.delete(state.fetched.keys().next().value);
    }
    const found = state.fetched.get(address);
    state.fetched.delete(address);
    state.fetched.set(address, found);
    return found;
  }

  const region = () => {
    const length = Number(root()?.dataset.length || 0);
    if (kept.from !== null && kept.to !== null) return [Math.min(kept.from, kept.to), Math.max(kept.from, kept.to)];
    return [0, length];
  };

  function position() {
    if (!state.playing) return state.at;
    let at = state.at + context().currentTime - state.started;
    const [from, to] = region();
    if (kept.loop && to > from && at >= to) at = from + ((at - from) % (to - from));
    return Math.min(at, Number(root()?.dataset.length || 0));
  }

  function levels() {
    const hear = kept.side === "x" ? kept.x : kept.side, now = context().currentTime;
    for (const [name, lane] of Object.entries(state.lanes)) {
      const level = name === hear ? (kept.matched ? lane.gain : 1) : 0;
      lane.node?.gain.cancelScheduledValues(now);
      lane.node?.gain.setTargetAtTime(level, now, FADE_S / 3);
    }
  }

  function start(at) {
    silence();
    const made = context(), [from, to] = region();
    if (kept.loop && (at < from || at >= to - 0.02)) at = from;
    made.resume();
    const when = made.currentTime + 0.02;
    for (const lane of Object.values(state.lanes)) {
      if (!lane.buffer) continue;
      const source = made.createBufferSource(), node = made.createGain();
      source.buffer = lane.buffer;
      node.gain.value = 0;
      source.connect(node).connect(state.sum);
      if (kept.loop) Object.assign(source, { loop: true, loopStart: from, loopEnd: Math.min(to, lane.buffer.duration) });
      source.start(when, Math.min(at, Math.max(0, lane.buffer.duration - 0.01)));
      Object.assign(lane, { source, node });
    }
    Object.assign(state, { playing: true, at, started: when });
    levels();
    draw();
  }
  function silence() {
    for (const lane of Object.values(state.lanes)) {
      try { lane.source?.stop(); } catch { /* it had ended */ }
      lane.source?.disconnect();
      lane.node?.disconnect();
      lane.source = lane.node = null;
    }
  }
  function pause() {
    state.at = position();
    state.playing = false;
    silence();
    draw();
  }
  function toggle() {
    if (state.playing) return pause();
    const end = Number(root()?.dataset.length || 0);
    start(state.at >= end - 0.05 ? 0 : state.at);
  }
  function seek(seconds) {
    const at = Math.min(Math.max(0, seconds), Math.max(0, Number(root()?.dataset.length || 0) - 0.05));
    if (state.playing) start(at);
    else { state.at = at; draw(); }
  }
  function side(name) {
    if (name === "x" && kept.side !== "x") kept.x = crypto.getRandomValues(new Uint8Array(1))[0] & 1 ? "a" : "b";
    kept.side = name;
    if (state.context) levels();
    draw();
  }
  const flip = () => side(kept.side === "a" ? "b" : "a");
  function guess(name) {
    kept.guesses += 1;
    kept.right += Number(name === kept.x);
    const score = `${name === kept.x ? "Right" : "No"}: X was ${kept.x.toUpperCase()}. ${kept.right} of ${kept.guesses} right.`;
    kept.x = crypto.getRandomValues(new Uint8Array(1))[0] & 1 ? "a" : "b";
    levels();
    draw();
    const place = $(".player .score");
    if (place) place.textContent = `${score} Another X is on.`;
  }
  function again() { if (state.playing) start(position()); else draw(); }
  function loop(on = !kept.loop) { const at = position(); kept.loop = on; state.at = at; state.started = state.context?.currentTime ?? 0; again(); }
  function mark(from, to) { Object.assign(kept, { from, to }); if (from !== null && to !== null) kept.loop = true; again(); }

  function draw() {
    const place = root();
    if (!place) return;
    const at = position(), length = Number(place.dataset.length);
    for (const name of ["a", "b", "x"]) $(`[data-do=${name}]`, place).setAttribute("aria-pressed", String(kept.side === name));
    for (const lane of $$(".lane", place)) lane.classList.toggle("heard", kept.side === lane.dataset.lane);
    const play = $(".play", place);
    if (play.textContent !== (state.playing ? "Pause" : "Play")) play.textContent = state.playing ? "Pause" : "Play";
    $(".clock", place).textContent = `${clock(at)} / ${clock(length)}`;
    if (document.activeElement !== $(".seek", place) || state.playing) $(".seek", place).value = at;
    $(".lanes", place).style.setProperty("--at", length ? at / length : 0);
    $("[data-do=match]", place).checked = kept.matched;
    $("[data-do=loop]", place).setAttribute("aria-pressed", String(kept.loop));
    $("[data-note=matched]", place).hidden = !kept.matched;
    $("[data-note=real]", place).hidden = kept.matched;
    $(".guess", place).hidden = kept.side !== "x";
    const shown = $(".region", place), [from, to] = region();
    shown.hidden = kept.from === null || kept.to === null;
    shown.style.setProperty("--from", from / length);
    shown.style.setProperty("--to", to / length);
    if (!state.playing) still(place);
  }

  const db = (power) => 10 * Math.log10(Math.max(power, 1e-12));
  function meter() {
    const place = root();
    if (!place) return;
    const [left, right] = state.meters.map((one) => { const x = new Float32Array(one.fftSize); one.getFloatTimeDomainData(x); return x; });
    let ll = 0, rr = 0, lr = 0, peak = 0;
    for (let i = 0; i < left.length; i++) {
      ll += left[i] ** 2; rr += right[i] ** 2; lr += left[i] * right[i];
      peak = Math.max(peak, Math.abs(left[i]), Math.abs(right[i]));
    }
    const samples = Math.round(LOOK_BACK_S * state.context.sampleRate);
    let loud = 0;
    for (const one of state.weighted) {
      const x = new Float32Array(one.fftSize);
      one.getFloatTimeDomainData(x);
      for (let i = Math.max(0, x.length - samples); i < x.length; i++) loud += x[i] ** 2 / samples;
    }
    const write = (name, words) => { const at = $(`[data-live=${name}]`, place); if (at) at.textContent = words; };
    const lufs = db(loud) - 0.691;
    write("lufs", lufs < -69 ? "-" : `${lufs.toFixed(1)} LUFS`);
    write("peak", peak < 1e-4 ? "-" : `${(20 * Math.log10(peak)).toFixed(1)} dBFS`);
    write("correlation", ll * rr < 1e-12 ? "-" : (lr / Math.sqrt(ll * rr)).toFixed(2));
    spectrum($(".spectrum", place));
  }
  function spectrum(canvas) {
    const width = (canvas.width = canvas.clientWidth), height = canvas.height, pen = canvas.getContext("2d");
    const bins = new Float32Array(state.spectrum.frequencyBinCount);
    state.spectrum.getFloatFrequencyData(bins);
    const nyquist = state.context.sampleRate / 2, low = Math.log(25), high = Math.log(Math.min(20000, nyquist));
    pen.fillStyle = getComputedStyle(canvas).color;
    pen.beginPath();
    pen.moveTo(0, height);
    for (let x = 0; x < width; x += 2) {
      const edge = (at) => Math.exp(low + (high - low) * at / width) / nyquist * bins.length;
      let top = -140;
      for (let i = Math.floor(edge(x)); i <= Math.min(bins.length - 1, Math.ceil(edge(x + 2))); i++) top = Math.max(top, bins[i]);
      pen.lineTo(x, height - Math.max(0, Math.min(1, (top + 100) / 90)) * height);
    }
    pen.lineTo(width, height);
    pen.fill();
  }
  /* While nothing plays: the third-octave spectrum of what would be heard. */
  function still(place) {
    const canvas = $(".spectrum", place), hear = kept.side === "x" ? null : kept.side;
    const width = (canvas.width = canvas.clientWidth), height = canvas.height, pen = canvas.getContext("2d");
    if (!hear) return;
    const bands = $(`.lane[data-lane=${hear}]`, place).dataset.spectrum.split(" ").map((band) => band.split(":").map(Number));
    pen.fillStyle = getComputedStyle(canvas).color;
    const low = Math.log(25), high = Math.log(20000), wide = width * Math.log(2) / 3 / (high - low);
    for (const [hz, level] of bands) {
      const tall = Math.max(0, Math.min(1, (level + 90) / 80)) * height;
      pen.fillRect((Math.log(hz) - low) / (high - low) * width - wide / 2, height - tall, wide - 1, tall);
    }
  }
  function tick() {
    if (state.playing) {
      const length = Number(root()?.dataset.length || 0);
      if (!kept.loop && position() >= length - 0.005) { pause(); state.at = 0; }
      draw();
      meter();
    }
    requestAnimationFrame(tick);
  }
  requestAnimationFrame(tick);

  /* The program put another player there: fetch its sounds, and go on where it was. */
  async function settle() {
    const place = root();
    if (!place || place.dataset.seen) return;
    place.dataset.seen = "1";
    const turn = ++state.turn;
    const lanes = $$(".lane", place).map((lane) => ({ name: lane.dataset.lane, src: lane.dataset.src, gain: Number(lane.dataset.gain) }));
    draw();
    place.dataset.state = "loading";
    try {
      const buffers = await Promise.all(lanes.map((lane) => sound(lane.src)));
      if (turn !== state.turn) return;
      const at = position(), going = state.playing || state.wanted;
      silence();
      state.lanes = Object.fromEntries(lanes.map((lane, i) => [lane.name, { ...lane, buffer: buffers[i] }]));
      state.at = Math.min(at, Math.max(0, Number(place.dataset.length) - 0.05));
      state.wanted = false;
      place.dataset.state = "ready";
      if (going) start(state.at);
      else draw();
    } catch (error) {
      if (turn !== state.turn) return;
      place.dataset.state = "failed";
      $(".note", place).textContent = "The sound could not be fetched. Is the program still running? Reload the page.";
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".player button[data-do]");
    if (!button) return;
    const wanted = button.dataset.do;
    if (wanted === "play") toggle();
    else if (wanted === "loop") loop();
    else if (wanted === "section") { mark(Number(button.dataset.from), Number(button.dataset.to)); seek(Number(button.dataset.from)); }
    else if (wanted.startsWith("guess-")) guess(wanted.slice(6));
    else side(wanted);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.(".player .seek") && !state.marking) seek(Number(event.target.value));
    if (event.target.matches?.(".player [data-do=match]")) { kept.matched = event.target.checked; if (state.context) levels(); draw(); }
  });
  /* Shift and drag marks a section. */
  const time = (event, at) => {
    const box = at.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * Number(root().dataset.length);
  };
  document.addEventListener("pointerdown", (event) => {
    if (!event.shiftKey || !event.target.matches?.(".player .seek")) return;
    event.preventDefault();
    state.marking = event.target;
    kept.from = kept.to = time(event, event.target);
  });
  document.addEventListener("pointermove", (event) => { if (state.marking) { kept.to = time(event, state.marking); draw(); } });
  document.addEventListener("pointerup", () => {
    if (!state.marking) return;
    state.marking = null;
    if (Math.abs(kept.to - kept.from) < 0.05) mark(null, null);
    else mark(kept.from, kept.to);
  });
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (!root() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const seeking = at.matches?.(".seek");
    if (!seeking && at.closest?.("input, textarea, select, [contenteditable], [role=listbox], [role=tab]")) return;
    if (event.key === " " && at.closest?.("button, a, summary, [role=button]")) return;
    const key = event.key.toLowerCase(), step = event.shiftKey ? 1 : 5;
    if (key === " ") toggle();
    else if (["a", "b", "x"].includes(key)) side(key);
    else if (key === "m") { kept.matched = !kept.matched; if (state.context) levels(); draw(); }
    else if (key === "l") loop();
    else if (key === "[") mark(position(), kept.to);
    else if (key === "]") mark(kept.from ?? 0, position());
    else if (key === "\\") mark(null, null);
    else if (key === "arrowleft") seek(position() - step);
    else if (key === "arrowright") seek(position() + step);
    else if (key === "home") seek(0);
    else return;
    event.preventDefault();
  });

  /* A few seconds of what is still being made. */
  async function draft(address) {
    if (state.playing) pause();
    const made = context(), source = made.createBufferSource();
    source.buffer = await sound(address);
    await made.resume();
    source.connect(state.sum);
    source.start();
  }
  /* The next sound that arrives on B is played at once. */
  function listen() { state.wanted = true; kept.side = "b"; }
  const look = () => ({ ...kept, playing: state.playing, at: position(), ready: root()?.dataset.state,
    levels: Object.fromEntries(Object.entries(state.lanes).map(([name, lane]) => [name, lane.node?.gain.value ?? null])),
    seconds: Object.fromEntries(Object.entries(state.lanes).map(([name, lane]) => [name, lane.buffer?.duration])) });
  return { settle, flip, listen, draft, look };
})();
