/* The map of sounds: a point is heard on click or Enter; a drag from one point to another goes to a place between them. */
const map = (() => {
  const drag = { from: null, to: null, share: 0, moved: false };
  const picture = () => document.querySelector(".map svg");
  const place = (event, svg) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  };
  const points = (svg) => [...svg.querySelectorAll(".point.playable")].map((node) =>
    ({ node, number: Number(node.dataset.point), x: Number(node.dataset.x), y: Number(node.dataset.y) }));

  function hear(node) {
    player.listen();
    studiospeak.act("audition", { key: node.dataset.key });
  }
  document.addEventListener("pointerdown", (event) => {
    const node = event.target.closest?.(".map .point");
    if (!node) return;
    event.preventDefault();
    Object.assign(drag, { from: node, to: null, share: 0, moved: false });
    picture().setPointerCapture?.(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    const svg = picture();
    if (!drag.from || !svg) return;
    const [x, y] = place(event, svg), x0 = Number(drag.from.dataset.x), y0 = Number(drag.from.dataset.y);
    if (!drag.moved && Math.hypot(x - x0, y - y0) < 12) return;
    drag.moved = true;
    if (!drag.from.classList.contains("playable")) return;
    /* towards the point that lies most in the direction of the drag, as far along as the hand is */
    let best = null;
    for (const other of points(svg)) {
      if (other.node === drag.from) continue;
      const dx = other.x - x0, dy = other.y - y0, size = Math.hypot(dx, dy);
      const along = ((x - x0) * dx + (y - y0) * dy) / (size * Math.hypot(x - x0, y - y0));
      if (!best || along > best.along) best = { ...other, along, share: Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / size ** 2)) };
    }
    if (!best) return;
    Object.assign(drag, { to: best, share: best.share });
    const line = svg.querySelector(".way"), here = svg.querySelector(".here");
    for (const [name, value] of [["x1", x0], ["y1", y0], ["x2", best.x], ["y2", best.y]]) line.setAttribute(name, value);
    here.setAttribute("cx", x0 + best.share * (best.x - x0));
    here.setAttribute("cy", y0 + best.share * (best.y - y0));
    line.setAttribute("visibility", "visible");
    here.setAttribute("visibility", "visible");
  });
  document.addEventListener("pointerup", () => {
    const { from, to, share, moved } = drag;
    drag.from = null;
    if (!from) return;
    if (!moved) return hear(from);
    if (!to) return;
    player.listen();
    studiospeak.act("between", { one: Number(from.dataset.point), other: to.number, share: Math.round(share * 100) / 100 });
  });
  document.addEventListener("keydown", (event) => {
    const node = event.target.closest?.(".map .point");
    if (!node || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    hear(node);
  });
  return {};
})();
