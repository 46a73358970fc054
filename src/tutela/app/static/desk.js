// The desk's keyboard and the few conveniences that plain HTML lacks. Everything works without it, only slower.
"use strict";

// A select marked data-submit sends its form when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// An element marked data-unveil shows what it points at, on request only.
document.addEventListener("click", (event) => {
  const trigger = event.target.closest("[data-unveil]");
  if (!trigger) return;
  const target = document.querySelector(trigger.dataset.unveil);
  if (target) {
    const veiled = target.classList.toggle("veil");
    trigger.setAttribute("aria-pressed", String(!veiled));
  }
});

// Queues: j and k move, Enter opens, / searches, and a key named by data-key presses its element.
const rows = () => Array.from(document.querySelectorAll("tbody[data-queue] tr"));
function move(step) {
  const list = rows();
  if (!list.length) return;
  const at = list.findIndex((row) => row.hasAttribute("aria-current"));
  const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + step))];
  list.forEach((row) => row.removeAttribute("aria-current"));
  next.setAttribute("aria-current", "true");
  next.querySelector("a")?.focus();
  next.scrollIntoView({ block: "nearest" });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") { event.preventDefault(); document.querySelector("[type=search]")?.focus(); }
  else document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});
