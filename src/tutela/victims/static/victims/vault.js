// The identity vault. Everything clear stays in this page: the node gets and gives ciphertext alone.
//
// A hardware key's pseudorandom function (WebAuthn PRF) gives a key that opens the private half of a member. The private
// half opens the vault's key, and the vault's key the data key of one identity. All of it is AES-GCM with 256 bits; the
// private half is of P-256 (ECDH, HKDF with SHA-256). Decision 93 has the format.
"use strict";

const BLOCK = 1024;
const encoder = new TextEncoder();
const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const toUrl = (buffer) => toBase64(buffer).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const fromUrl = (text) => toBytes(text.replace(/-/g, "+").replace(/_/g, "/"));
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

async function seal(key, clear, about) {
  const nonce = random(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: encoder.encode(about) }, key, clear);
  return { nonce: toBase64(nonce), ciphertext: toBase64(sealed) };
}

function unseal(key, said, about) {
  const how = { name: "AES-GCM", iv: toBytes(said.nonce), additionalData: encoder.encode(about) };
  return crypto.subtle.decrypt(how, key, toBytes(said.ciphertext));
}

const aes = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

async function derived(secret, info) {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: encoder.encode(info) };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// The key of a hardware key: its output for one salt, after a touch and its PIN.
const hardware = (output) => derived(output, "tutela vault private half 1");

// What the founder's browser keeps of the vault's key, so that every other one knows it again. It does not tell the key.
async function checkValue(raw) {
  const base = await crypto.subtle.importKey("raw", raw, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: encoder.encode("tutela vault check 1") };
  return toBase64(await crypto.subtle.deriveBits(how, base, 256));
}

async function shared(privateHalf, publicHalf) {
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: publicHalf }, privateHalf, 256);
  return derived(bits, "tutela vault key 1");
}

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const readPublic = (text) => crypto.subtle.importKey("spki", toBytes(text), CURVE, true, []);

async function fingerprint(publicHalf) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", toBytes(publicHalf)));
  const digits = Array.from(digest.slice(0, 10), (one) => one.toString(16).padStart(2, "0")).join("");
  return digits.match(/.{4}/g).join(" ");
}

async function answer(keys) {
  const salts = Object.fromEntries(keys.map((one) => [one.credential, { first: toBytes(one.salt) }]));
  const found = await navigator.credentials.get({ publicKey: {
    challenge: random(32), rpId: location.hostname, userVerification: "required",
    allowCredentials: keys.map((one) => ({ type: "public-key", id: fromUrl(one.credential) })),
    extensions: { prf: { evalByCredential: salts } },
  } });
  const output = found.getClientExtensionResults().prf?.results?.first;
  if (!output) throw new Error("no pseudorandom function");
  return { key: keys.find((one) => one.credential === toUrl(found.rawId)), output };
}

// The hardware key answered, and what it opens is not what this vault needs. The form says so, and not that no key answered.
class WrongKey extends Error {}

const wrong = () => { throw new WrongKey("wrong vault key"); };

// The vault's key, as raw bytes: a touch of one of the own hardware keys. Another key than the founder's is refused.
async function vaultKey(form) {
  const answered = await answer(keysOf(form));
  return opened(form, answered).catch(wrong);
}

async function opened(form, { key, output }) {
  const half = await unseal(await hardware(output), JSON.parse(key.private_half), "private half");
  const privateHalf = await crypto.subtle.importKey("pkcs8", half, CURVE, false, ["deriveBits"]);
  const said = JSON.parse(key.vault_key);
  const opener = await shared(privateHalf, await readPublic(said.public));
  const raw = new Uint8Array(await unseal(opener, said, `vault key ${key.public_half}`));
  if ((await checkValue(raw)) !== form.dataset.check) throw new Error("another vault key");
  return raw;
}

async function sealVaultKey(raw, publicHalf) {
  const once = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const sealed = await seal(await shared(once.privateKey, await readPublic(publicHalf)), raw, `vault key ${publicHalf}`);
  return JSON.stringify({ v: 1, public: toBase64(await crypto.subtle.exportKey("spki", once.publicKey)), ...sealed });
}

async function enrol(form) {
  const salt = random(32);
  const made = await navigator.credentials.create({ publicKey: {
    challenge: random(32), rp: { id: location.hostname, name: "Tutela" },
    user: { id: random(32), name: form.dataset.name, displayName: form.dataset.name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
    extensions: { prf: { eval: { first: salt } } },
  } });
  const said = made.getClientExtensionResults().prf;
  if (!said || !said.enabled) throw new Error("no pseudorandom function");
  const credential = toUrl(made.rawId);
  const output = said.results?.first || (await answer([{ credential, salt: toBase64(salt) }])).output;
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const half = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const publicHalf = toBase64(await crypto.subtle.exportKey("spki", pair.publicKey));
  const founds = Boolean(form.dataset.founds), raw = founds ? random(32) : null;
  fill(form, {
    credential, salt: toBase64(salt), public_half: publicHalf,
    private_half: JSON.stringify({ v: 1, ...(await seal(await hardware(output), half, "private half")) }),
    vault_key: founds ? await sealVaultKey(raw, publicHalf) : "", check_value: founds ? await checkValue(raw) : "",
  });
  if (founds) return;
  // Shown before anything is sent: the node could show another one afterwards.
  form.querySelector("[data-own-fingerprint]").textContent = await fingerprint(publicHalf);
  form.querySelector("[data-own]").hidden = false;
  form.querySelector("[data-make]").hidden = true;
}

async function admit(form) {
  if ((await fingerprint(form.dataset.public)) !== form.dataset.fingerprint) throw new Error("fingerprint");
  fill(form, { vault_key: await sealVaultKey(await vaultKey(form), form.dataset.public) });
}

async function store(form) {
  const fields = [...form.querySelectorAll("[data-identity-field]")];
  const said = JSON.stringify(Object.fromEntries(fields.map((one) => [one.dataset.identityField, one.value.trim()])));
  const length = encoder.encode(said).length;
  const clear = encoder.encode(said + " ".repeat((BLOCK - length % BLOCK) % BLOCK));
  const about = form.dataset.case, raw = random(32);
  const wrapped = await seal(await aes(await vaultKey(form)), raw, `${about} key`);
  const sealed = await seal(await aes(raw), clear, about);
  fill(form, { identity: JSON.stringify({
    v: 1, key_nonce: wrapped.nonce, key: wrapped.ciphertext, nonce: sealed.nonce, ciphertext: sealed.ciphertext,
  }) });
  fields.forEach((one) => { one.value = ""; });
}

async function reveal(form) {
  const said = JSON.parse(form.dataset.identity), about = form.dataset.case;
  const wrapped = { nonce: said.key_nonce, ciphertext: said.key };
  const opener = await aes(await vaultKey(form));
  const raw = await unseal(opener, wrapped, `${about} key`).catch(wrong);
  const clear = JSON.parse(new TextDecoder().decode(await unseal(await aes(raw), said, about).catch(wrong)));
  form.querySelectorAll("[data-identity-shown]").forEach((one) => { one.textContent = clear[one.dataset.identityShown] || "—"; });
  form.querySelector("[data-identity-list]").hidden = false;
}

const keysOf = (form) => JSON.parse(form.dataset.keys);
function fill(form, values) {
  Object.entries(values).forEach(([name, value]) => { form.elements[name].value = value; });
}

// What a member compares is of the public half that the browser would encrypt for, and not what the node says of it.
document.querySelectorAll("[data-fingerprint-of]").forEach(async (one) => {
  one.textContent = window.isSecureContext ? await fingerprint(one.dataset.fingerprintOf) : "—";
});

const ACTS = { enrol, admit, store, reveal };
document.querySelectorAll("form[data-vault]").forEach((form) => {
  const status = form.querySelector("[role=status]");
  const say = (words) => { status.textContent = words; status.hidden = false; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential || !window.isSecureContext) { say(form.dataset.missing); return; }
    status.hidden = true;
    const own = form.querySelector("[data-own]");
    if (own && !own.hidden) { form.submit(); return; }
    try {
      await ACTS[form.dataset.vault](form);
    } catch (error) { say(error instanceof WrongKey ? form.dataset.wrong : form.dataset.failed); return; }
    if (form.dataset.vault === "reveal" || (own && !own.hidden)) return;
    form.submit();
  });
});
