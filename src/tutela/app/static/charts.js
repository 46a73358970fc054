// Charts: the server has drawn them. Here their values appear on hover and by the arrow keys. Vega compiles no code: its
// expressions are interpreted, so that the page's policy needs no exception.
"use strict";

const telephone = window.matchMedia("(max-width: 40rem)").matches;

document.querySelectorAll("[data-chart]").forEach(async (figure) => {
  const drawing = figure.querySelector(telephone ? ".drawing.for-telephone" : ".drawing.for-desk");
  const said = figure.querySelector(".value");
  if (!drawing) return;
  const shown = document.createElement("div");
  try {
    const options = { renderer: "svg", actions: false, ast: true, expr: vega.expressionInterpreter, defaultStyle: false };
    await vegaEmbed(shown, JSON.parse(telephone ? figure.dataset.chartNarrow : figure.dataset.chart), { ...options, tooltip: { disableDefaultStyle: true } });
  } catch (error) {
    console.warn(error);
    return; // The server's drawing stays.
  }
  drawing.replaceChildren(shown);
  const marks = () => Array.from(drawing.querySelectorAll("[role=graphics-symbol][aria-label]:not([aria-roledescription=axis], [aria-roledescription=legend])"));
  let at = -1;
  drawing.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const all = marks();
    if (!step || !all.length) return;
    event.preventDefault();
    all[at]?.removeAttribute("data-current");
    at = Math.max(0, Math.min(all.length - 1, at + step));
    all[at].setAttribute("data-current", "");
    said.textContent = all[at].getAttribute("aria-label");
  });
});
