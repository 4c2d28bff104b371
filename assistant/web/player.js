/* Two takes on one transport: both run, one is heard. Levels are matched by turning the louder one down. */
(() => {
  const kept = { matched: true, loop: false, side: "b", time: 0 };
  const player = () => document.querySelector(".player");
  const audios = (root) => [...root.querySelectorAll("audio")];
  const heard = (root) => root.querySelector(`audio[data-audio="${root.dataset.side}"]`);
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

  function levels(root) {
    const matched = root.dataset.matched === "1";
    for (const audio of audios(root)) {
      audio.volume = matched ? Number(audio.dataset.gain) : 1;
      audio.muted = audio.dataset.audio !== root.dataset.side;
    }
  }

  function show(root) {
    const audio = heard(root);
    const length = audio.duration || Number(root.querySelector(".seek").max);
    const playing = !audio.paused;
    for (const button of root.querySelectorAll(".ab button"))
      button.setAttribute("aria-pressed", String(button.dataset.do === root.dataset.side));
    for (const lane of root.querySelectorAll(".lane"))
      lane.classList.toggle("heard", lane.dataset.lane === root.dataset.side);
    const play = root.querySelector(".play");
    play.textContent = playing ? "Pause" : "Play";
    play.setAttribute("aria-label", play.textContent);
    root.querySelector(".clock").textContent = `${clock(audio.currentTime)} / ${clock(length)}`;
    root.querySelector(".seek").value = audio.currentTime;
    root.querySelector(".lanes").style.setProperty("--at", length ? audio.currentTime / length : 0);
    root.querySelector("[data-do=match]").checked = root.dataset.matched === "1";
    root.querySelector("[data-do=loop]").setAttribute("aria-pressed", String(kept.loop));
    root.querySelector("[data-note=matched]").hidden = root.dataset.matched !== "1";
    root.querySelector("[data-note=real]").hidden = root.dataset.matched === "1";
    kept.time = audio.currentTime;
  }

  function seek(root, seconds) {
    for (const audio of audios(root)) {
      const last = Math.max(0, (audio.duration || seconds) - 0.05);
      audio.currentTime = Math.min(Math.max(0, seconds), last);
    }
    show(root);
  }

  function play(root) {
    const audio = heard(root);
    if (!audio.paused) return audios(root).forEach((one) => one.pause());
    seek(root, audio.ended ? 0 : audio.currentTime);
    levels(root);
    audios(root).forEach((one) => one.play().catch(() => one.pause()));
  }

  function side(root, name) {
    const from = heard(root);
    root.dataset.side = kept.side = name;
    const to = heard(root);
    if (from !== to && Math.abs(to.currentTime - from.currentTime) > 0.03) to.currentTime = from.currentTime;
    levels(root);
    show(root);
  }

  function match(root, on) {
    root.dataset.matched = on ? "1" : "0";
    kept.matched = on;
    levels(root);
    show(root);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".player button[data-do]");
    if (!button) return;
    const root = button.closest(".player");
    if (button.dataset.do === "play") play(root);
    else if (button.dataset.do === "loop") { kept.loop = !kept.loop; show(root); }
    else side(root, button.dataset.do);
  });
  document.addEventListener("input", (event) => {
    const root = event.target.closest?.(".player");
    if (!root) return;
    if (event.target.matches(".seek")) seek(root, Number(event.target.value));
    if (event.target.matches("[data-do=match]")) match(root, event.target.checked);
  });
  for (const name of ["timeupdate", "play", "pause", "loadedmetadata"])
    document.addEventListener(name, (event) => {
      const root = event.target.closest?.(".player");
      if (root && event.target === heard(root)) show(root);
    }, true);
  document.addEventListener("ended", (event) => {
    const root = event.target.closest?.(".player");
    if (root && kept.loop && event.target === heard(root)) { seek(root, 0); play(root); }
  }, true);
  document.addEventListener("keydown", (event) => {
    const root = player();
    const at = event.target;
    const seeking = at.matches?.(".seek");
    if (!root || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!seeking && at.closest?.("input, textarea, select, button, a, [contenteditable], [role=listbox]")) return;
    const key = event.key.toLowerCase();
    if (key === " ") play(root);
    else if (key === "a" || key === "b") side(root, key);
    else if (key === "arrowleft") seek(root, heard(root).currentTime - 5);
    else if (key === "arrowright") seek(root, heard(root).currentTime + 5);
    else return;
    event.preventDefault();
  });

  /* The server replaces the player when versions change; what was set stays set. */
  new MutationObserver(() => {
    const root = player();
    if (!root || root.dataset.ready) return;
    root.dataset.ready = "1";
    root.dataset.side = kept.side;
    root.dataset.matched = kept.matched ? "1" : "0";
    const time = kept.time;
    for (const audio of audios(root))
      audio.addEventListener("loadedmetadata", () => {
        if (time > 0 && time < audio.duration) audio.currentTime = time;
      }, { once: true });
    levels(root);
    show(root);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
