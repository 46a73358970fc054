/* The page of a removal request: a picture or a video is chosen, or a picture pasted; workers make its fingerprints, and
   only these are sent. A long video is sent in parts. The proof of work is that of every public form (message.js). */
"use strict";
(() => {
  /* Of one message: below 16 kB. Of one file: a video has at most so many frames, evenly over its length. */
  const MOST_HASHES = 100, MOST_FRAMES = 2000, FRAME_STEP = 1, SAME_FRAME = 10, PATIENCE = 20000;
  /* Telephones give pictures of these kinds without a type. */
  const PICTURE = /\.(?:hei[cf]|avif|jpe?g|png|webp|gif|bmp|tiff?)$/i;
  const form = document.querySelector("[data-fingerprints]");
  const state = document.getElementById("state"), progress = document.getElementById("progress");
  const button = form.querySelector("button"), input = document.getElementById("picture");
  /* The addresses of the workers are the page's own, and no other text becomes a script. */
  const policy = window.trustedTypes && trustedTypes.createPolicy("hashing", { createScriptURL: (name) => form.dataset[name] });
  const started = (name) => new Worker(policy ? policy.createScriptURL(name) : form.dataset[name]);
  const own = ["own-number", "own-passphrase"].map((id) => document.getElementById(id));
  let run = 0, workers = [], parts = [], file = null, reader = "";

  function say(name, more = "") {
    state.textContent = name ? `${state.dataset[name]}${more}` : "";
  }

  /* What is shown only now comes into view, and is read out. */
  function reveal(place) {
    const heading = place.querySelector("h2"), copy = document.getElementById("copy");
    place.hidden = false;
    heading.focus();
    heading.scrollIntoView();
    copy.hidden = !navigator.clipboard;
    copy.addEventListener("click", async () => {
      const both = ["number", "passphrase"].map((id) => document.getElementById(id).textContent);
      await navigator.clipboard.writeText(both.join("\n"));
      copy.textContent = copy.dataset.copied;
    });
  }

  function forget() {
    parts = [];
    button.disabled = true;
  }

  /* What a worker makes of something; `told(share)` hears how far it is. */
  function made(worker, what, told) {
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        if (data.share === undefined) resolve(data.made);
        else told(data.share);
      };
      worker.onerror = () => resolve([]);
      worker.postMessage(what, what instanceof Blob ? [] : [what]);
    });
  }

  const heard = (target, name) => new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    target.addEventListener("error", reject, { once: true });
    setTimeout(reject, PATIENCE);
  });

  const distance = (one, other) => {
    let bits = 0;
    for (let i = 0; i < one.length; i++) {
      for (let x = parseInt(one[i], 16) ^ parseInt(other[i], 16); x; x &= x - 1) bits++;
    }
    return bits;
  };

  /* PDQ of a frame a second. One that is nearly the frame before says nothing new. */
  async function framesOf(chosen, worker, mine, told) {
    const video = document.createElement("video"), found = [];
    Object.assign(video, { muted: true, preload: "auto", src: URL.createObjectURL(chosen) });
    try {
      await heard(video, "loadeddata");
      const length = Number.isFinite(video.duration) ? video.duration : 0;
      const step = Math.max(FRAME_STEP, length / MOST_FRAMES);
      for (let at = 0; mine === run && (at < length || at === 0); at += step) {
        if (at) {
          video.currentTime = at;
          await heard(video, "seeked");
        }
        for (const one of await made(worker, await createImageBitmap(video), () => {})) {
          const before = found[found.length - 1];
          if (!before || distance(before.hash, one.hash) >= SAME_FRAME) found.push(one);
        }
        told(length ? at / length : 1);
      }
    } catch {
      /* What the browser cannot play is found by its digests alone. */
    } finally {
      URL.revokeObjectURL(video.src);
      video.removeAttribute("src");
    }
    return found;
  }

  async function hash(chosen) {
    const mine = ++run, shares = [0, 0], video = chosen.type.startsWith("video/");
    for (const one of workers) one.terminate();
    const [looks, sums] = workers = [started("worker"), started("digests")];
    forget();
    say("");
    progress.value = 0;
    progress.hidden = false;
    const told = (place) => (share) => {
      shares[place] = share;
      progress.value = (shares[0] + shares[1]) / 2;
    };
    const found = await Promise.all([
      video ? framesOf(chosen, looks, mine, told(0)) : made(looks, chosen, told(0)),
      made(sums, chosen, told(1)),
    ]);
    if (mine !== run) return;
    for (const one of workers) one.terminate();
    progress.hidden = true;
    /* A picture that is too dark, or that this browser cannot show, is found by its digests alone. */
    const shown = video || chosen.type.startsWith("image/") || PICTURE.test(chosen.name);
    const together = shown || found[0].length ? [...found[1], ...found[0]] : [];
    for (let at = 0; at < together.length; at += MOST_HASHES) parts.push(together.slice(at, at + MOST_HASHES));
    const id = crypto.getRandomValues(new Uint8Array(8));
    file = { video, file: Array.from(id, (one) => one.toString(16).padStart(2, "0")).join("") };
    button.disabled = parts.length === 0;
    say(parts.length === 0 ? "none" : found[0].length ? "ready" : "exact");
  }

  input.addEventListener("change", () => {
    if (input.files.length) hash(input.files[0]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) hash(event.clipboardData.files[0]);
  });

  async function sent(body) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(form.action, { method: "POST", headers, body, credentials: "omit" });
    return answer.json();
  }

  /* After message.js has solved the proof of work. */
  form.addEventListener("solved", async (event) => {
    event.preventDefault();
    const { ticket, proof } = form.elements, [part] = parts;
    form.querySelector("[data-busy]").textContent = "";
    const said = { ticket: ticket.value, proof: proof.value, reader, acts_for: form.dataset.actsFor, ...file };
    const [number, passphrase] = own.map((one) => one.value.trim());
    const opens = !reader && number !== "";
    let answer;
    try {
      answer = await sent(JSON.stringify({ ...said, ...(opens ? { number, passphrase } : { fingerprints: part }) }));
    } catch {
      /* The same ticket again: what was stored already is not stored twice. */
      button.disabled = false;
      say("failed");
      return;
    }
    ticket.value = answer.ticket;
    button.dataset.work = answer.nonce;
    button.dataset.bits = answer.bits;
    proof.value = "";
    button.disabled = false;
    if (answer.error) {
      state.textContent = answer.error;
      return;
    }
    reader = answer.reader;
    if (opens) {
      for (const one of own) one.value = "";
      own[0].closest("details").remove();
      form.requestSubmit();
      return;
    }
    if (answer.passphrase) {
      document.getElementById("number").textContent = answer.number;
      document.getElementById("passphrase").textContent = answer.passphrase;
      reveal(document.getElementById("case"));
    }
    parts.shift();
    if (parts.length) {
      say("part", ` (${parts.length})`);
      form.requestSubmit();
      return;
    }
    input.value = "";
    forget();
    say("sent");
  });

  forget();
  form.hidden = false;
  /* From the page of a case. */
  if (location.hash === "#own-case") document.getElementById("own-case").open = true;
})();
