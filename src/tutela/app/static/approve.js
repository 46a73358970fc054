// The page on which a person confirms an act: the browser hands the question to a security key, and the form carries
// the answer. The key signs what the node asked, at this address; nothing else is read from it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(question) {
  const asked = JSON.parse(question);
  asked.challenge = bytes(asked.challenge);
  asked.allowCredentials = (asked.allowCredentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
  return asked;
}

function written(answer) {
  const said = answer.response;
  return JSON.stringify({
    id: answer.id, rawId: text(answer.rawId), type: answer.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(said.clientDataJSON), authenticatorData: text(said.authenticatorData),
      signature: text(said.signature),
    },
  });
}

document.querySelectorAll("form[data-key-question]").forEach((form) => {
  const field = form.elements.answer;
  if (!field) return;
  const said = form.querySelector("[role=status]");
  const say = (words) => { said.textContent = words; said.hidden = false; };
  form.addEventListener("submit", async (event) => {
    if (field.value) return;
    event.preventDefault();
    if (!window.PublicKeyCredential) { say(form.dataset.keyMissing); return; }
    said.hidden = true;
    try {
      field.value = written(await navigator.credentials.get({ publicKey: read(form.dataset.keyQuestion) }));
    } catch { say(form.dataset.keyFailed); return; }
    form.submit();
  });
});
