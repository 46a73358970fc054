// The desk's keyboard and the few conveniences that plain HTML lacks. Everything works without it, only slower.
"use strict";

// A select marked data-submit sends its form when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// A button marked data-opens shows a dialog.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  if (button) document.querySelector(button.dataset.opens)?.showModal();
});

// An element marked data-reload-after loads the page again after so many seconds, or the page that it names, unless
// somebody is writing on it.
document.querySelectorAll("[data-reload-after]").forEach((one) => {
  const changed = (field) => field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  setTimeout(() => {
    const fields = Array.from(document.querySelectorAll("main input, main textarea"));
    if (fields.some(changed)) return;
    if (one.dataset.reloadTo) location.assign(one.dataset.reloadTo);
    else location.reload();
  }, 1000 * Number(one.dataset.reloadAfter));
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

// A picture marked data-decides: buttons marked data-awaits-picture work once it has been shown, or once somebody says
// that it cannot be obtained. Where it does not appear, the node asks the storage why.
const evidence = document.querySelector("[data-decides]");
if (evidence) {
  const missing = document.querySelector("#item-missing");
  const say = (state) => {
    document.querySelectorAll("[data-picture]").forEach((one) => { one.disabled = false; one.value = state; });
    document.querySelectorAll("[data-awaits-picture]").forEach((one) => { one.disabled = state === ""; });
    document.querySelectorAll("[data-awaits-hint]").forEach((one) => { one.hidden = state !== ""; });
  };
  const shown = () => { missing.hidden = true; say("shown"); };
  const failed = async () => {
    missing.hidden = false;
    say("");
    try {
      const answer = await fetch(missing.dataset.cause);
      if (answer.ok) missing.querySelector("[data-cause-text]").textContent = await answer.text();
    } catch { /* The note says what to do without a cause, too. */ }
  };
  missing.querySelector("[data-unobtainable]").addEventListener("change", (event) => {
    say(event.target.checked ? "unobtainable" : "");
  });
  say("");
  if (evidence.tagName === "IMG") {
    if (evidence.complete) (evidence.naturalWidth ? shown : failed)();
    evidence.addEventListener("load", shown);
  } else {
    evidence.addEventListener("loadeddata", shown);
  }
  evidence.addEventListener("error", failed);
}

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
// Rows with a box: x or the space bar chooses the current one; with Shift, all since the one that was chosen last.
const boxes = () => rows().map((row) => row.querySelector("input[type=checkbox]")).filter(Boolean);
let last = null;
function choose(box, many) {
  const list = boxes();
  const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
  if (many && from >= 0) list.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
  last = box;
}
document.addEventListener("click", (event) => {
  const box = event.target.closest("tbody[data-queue] input[type=checkbox]");
  if (box) choose(box, event.shiftKey);
});
function toggle(many) {
  const box = document.querySelector("tbody[data-queue] tr[aria-current] input[type=checkbox]");
  if (!box) return false;
  box.checked = many || !box.checked;
  choose(box, many);
  return true;
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  // In an open dialog only its own keys count: Esc and Tab.
  const inDialog = document.querySelector("dialog[open]");
  if (event.ctrlKey || event.metaKey || event.altKey || typing || inDialog) return;
  if (event.key === "?") { event.preventDefault(); document.querySelector("#keyboard")?.showModal(); }
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "x" || event.key === "X") toggle(event.shiftKey);
  else if (event.key === " " && !event.target.closest("input, button, summary")) {
    if (toggle(event.shiftKey)) event.preventDefault();
  }
  else if (event.key === "/") { event.preventDefault(); document.querySelector("[type=search]")?.focus(); }
  // The last one: the offer of the next case stands below the case's own buttons, and is what is decided next.
  else Array.from(document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)).at(-1)?.click();
});

// A file chosen in an input with data-digest-for is hashed here and never sent: its SHA-256 goes into the named field.
// Browsers compute digests on https and on this machine alone; elsewhere the input stays hidden.
if (window.crypto?.subtle) {
  document.querySelectorAll("[data-needs-digests]").forEach((part) => { part.hidden = false; });
  document.addEventListener("change", async (event) => {
    const source = event.target.closest("[data-digest-for]");
    const file = source?.files?.[0];
    if (!file) return;
    const target = document.querySelector(source.dataset.digestFor);
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    target.value = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    source.value = "";
    target.focus();
  });
}

// A form marked data-progress sends its file with a progress bar next to the button; without this code the browser submits the form normally.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-progress]");
  if (!form) return;
  event.preventDefault();
  const bar = form.querySelector("progress");
  const said = form.querySelector("[role=status]");
  const button = form.querySelector("button");
  const failed = () => {
    said.textContent = form.dataset.progress;
    said.hidden = false;
    bar.hidden = true;
    button.disabled = false;
  };
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (sent) => { if (sent.lengthComputable) bar.value = sent.loaded / sent.total; });
  request.addEventListener("error", failed);
  request.addEventListener("load", () => {
    try { location.assign(JSON.parse(request.responseText).next || location.href); } catch { failed(); }
  });
  said.hidden = true;
  bar.hidden = false;
  button.disabled = true;
  request.open("POST", form.action);
  request.setRequestHeader("X-Progress", "1");
  request.send(new FormData(form));
});

// The head of every page of the Centre counts alerts: the title says how many call, and a new one sounds where a person
// has switched that on. The tone is made here; no file is fetched.
const SOUND = "tutela-alert-sound";
const remembered = () => { try { return localStorage.getItem(SOUND) === "on"; } catch { return false; } };
let audio = null;
function tone() {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  [0, 0.35, 0.7].forEach((start) => {
    const [wave, loud] = [audio.createOscillator(), audio.createGain()];
    wave.frequency.value = 880;
    loud.gain.setValueAtTime(0.25, audio.currentTime + start);
    loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.3);
    wave.connect(loud).connect(audio.destination);
    wave.start(audio.currentTime + start);
    wave.stop(audio.currentTime + start + 0.3);
  });
}
function ring() {
  const bell = document.querySelector("#bell[data-unanswered]");
  if (!bell) return;
  const count = Number(bell.dataset.unanswered);
  document.title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  const button = bell.querySelector("[data-bell-sound]");
  button.hidden = !window.AudioContext;
  button.setAttribute("aria-pressed", String(remembered()));
  if ("news" in bell.dataset && count && remembered() && window.AudioContext) tone();
}
document.addEventListener("htmx:after:settle", ring);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-bell-sound]");
  if (!button) return;
  const on = !remembered();
  try { localStorage.setItem(SOUND, on ? "on" : "off"); } catch { return; }
  button.setAttribute("aria-pressed", String(on));
  if (on) tone();
});
