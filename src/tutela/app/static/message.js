/* Public pages: the proof of work before a form is sent, forms and steps that leave no entry in the history of the
   browser, and the buttons that print or leave the page. Everything else works without this script. SHA-256 is written out: the
   browser's own is missing without https, and waits for each hash. */
"use strict";
(() => {
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  /* The constants of SHA-256: fractional parts of the roots of the first primes. */
  for (let count = 0, number = 2; count < 64; number++) {
    let prime = true;
    for (let factor = 2; factor * factor <= number; factor++) prime = prime && number % factor !== 0;
    if (!prime) continue;
    if (count < 8) START[count] = (Math.sqrt(number) % 1) * 2 ** 32;
    K[count++] = (Math.cbrt(number) % 1) * 2 ** 32;
  }
  const words = new Uint32Array(64);

  /* First word of the SHA-256 of an ASCII text of at most 55 characters. */
  function firstWord(text) {
    words.fill(0);
    for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    words[15] = text.length * 8;
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15], y = words[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = words[i - 16] + s0 + words[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (START[0] + a) >>> 0;
  }

  /* In pieces of a few milliseconds, so that the page stays usable. */
  function solve(nonce, bits, done) {
    const below = 2 ** (32 - bits);
    let number = 0;
    (function piece() {
      for (const end = number + 2000; number < end; number++) {
        if (firstWord(`${nonce}:${number}`) < below) return done(String(number));
      }
      setTimeout(piece);
    })();
  }

  /* The answer of this site to a form is a page: its parts are put here, and no script of it runs. */
  const policy = window.trustedTypes && trustedTypes.createPolicy("answers", { createHTML: (text) => text });

  function show(text) {
    const page = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
    for (const one of page.querySelectorAll("noscript")) one.remove();
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    prepare();
    scrollTo(0, 0);
    const first = document.getElementById("error") || document.querySelector("h1");
    first.tabIndex = -1;
    first.focus();
  }

  function save(file, name) {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(file), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  /* By `fetch`, so that neither what is sent nor its answer is in the history. */
  async function send(form, more) {
    const body = new URLSearchParams(new FormData(form));
    /* Tells the site that a script shows the answer. */
    if (!body.get("proof")) body.set("proof", "1");
    if (more && more.name) body.set(more.name, more.value);
    const answer = await fetch(form.action, { method: "POST", body, credentials: "omit", cache: "no-store" });
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
    if (name) save(await answer.blob(), name[1]);
    else if ((answer.headers.get("Content-Type") || "").startsWith("text/html")) show(await answer.text());
    /* A server that is too busy says so to programs. The form stays as it is. */
    else throw new Error(String(answer.status));
  }

  function solved(form, work) {
    const status = form.querySelector("[data-busy]");
    return new Promise((resolve) => {
      work.disabled = true;
      status.textContent = status.dataset.busy;
      solve(work.dataset.work, Number(work.dataset.bits), (number) => {
        form.elements.proof.value = number;
        resolve();
      });
    });
  }

  const busy = new WeakSet();

  async function submitted(form, pressed) {
    const work = form.querySelector("[data-work]"), status = form.querySelector("[data-busy]");
    if (busy.has(form)) return;
    busy.add(form);
    try {
      if (work) await solved(form, work);
      /* A page that sends in its own way hears it and cancels. */
      if (form.dispatchEvent(new Event("solved", { cancelable: true }))) await send(form, pressed);
    } catch {
      status.textContent = status.dataset.failed;
      if (work) work.disabled = false;
    }
    busy.delete(form);
  }

  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    submitted(form, event.submitter);
  });

  /* A step takes the place of the page before it: "back" leaves the site. */
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const other = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!link || other || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    event.preventDefault();
    location.replace(link.href);
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "get") return;
    event.preventDefault();
    const asked = new URL(form.action);
    asked.search = new URLSearchParams(new FormData(form));
    location.replace(asked);
  });

  function prepare() {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => print());
    }
    /* In place of this page, so that "back" does not return to it. */
    for (const link of document.querySelectorAll("[data-leave]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        document.body.replaceChildren();
        location.replace(link.href);
      });
    }
  }
  prepare();

  /* The browser's own memory of a page keeps an empty one, which is read again. */
  addEventListener("pagehide", () => document.body.replaceChildren());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
