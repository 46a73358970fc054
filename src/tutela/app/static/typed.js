// A form that was refused gets back what was typed. It is kept in this tab alone, until the next page has loaded.
const TYPED = "tutela-typed", LONGEST_MS = 60000;
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
const fieldsOf = (form) => Array.from(form.elements).filter((one) => one.name && !SKIPPED.has(one.type));
const actionOf = (form) => form.getAttribute("action") || "";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest("main") || fieldsOf(form).length === 0) return;
  const values = fieldsOf(form).map((one) => {
    if (one.type === "checkbox" || one.type === "radio") return one.checked;
    return one.multiple ? Array.from(one.selectedOptions, (option) => option.value) : one.value;
  });
  const typed = { page: location.pathname, action: actionOf(form), at: Date.now(), values };
  try { sessionStorage.setItem(TYPED, JSON.stringify(typed)); } catch { /* a full or closed store keeps nothing */ }
});

function restored() {
  try {
    const typed = JSON.parse(sessionStorage.getItem(TYPED));
    sessionStorage.removeItem(TYPED);
    return typed;
  } catch {
    return null;
  }
}

const typed = restored();
const refused = document.querySelector("main > .message.error");
if (typed && refused && typed.page === location.pathname && Date.now() - typed.at < LONGEST_MS) {
  const forms = Array.from(document.querySelectorAll("main form[method=post]"));
  const form = forms.find((one) => actionOf(one) === typed.action && fieldsOf(one).length === typed.values.length);
  if (form) {
    fieldsOf(form).forEach((one, at) => {
      const value = typed.values[at];
      if (typeof value === "boolean") one.checked = value;
      else if (Array.isArray(value)) for (const option of one.options) option.selected = value.includes(option.value);
      else one.value = value;
    });
    for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }
}
