/* Worksheets on public pages: a self-check that becomes an action plan, a code of conduct, a pathway, self-tests, notes.
   Everything stays in the memory of this page. Nothing is sent or stored; a file is saved only by a button. */
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const day = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);

  function save(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function lines(list, texts) {
    list.replaceChildren(...texts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }

  /* A critical point without "yes" means "not yet", whatever the others say. */
  function plan(sheet) {
    const result = sheet.querySelector("[data-result]"), found = [];
    let open = false, missing = false, unexplained = false;
    for (const point of all("[data-point]", sheet)) {
      const chosen = point.querySelector("input[type=radio]:checked"), critical = "critical" in point.dataset;
      const [owner, due] = [point.querySelector("[data-owner]").value.trim(), point.querySelector("[data-due]")];
      missing ||= !chosen;
      const needless = chosen?.value === "none";
      unexplained ||= needless && !owner;
      if (!chosen || chosen.value === "yes" || (needless && owner)) continue;
      open ||= critical;
      due.value ||= day(Number(critical ? sheet.dataset.dueCritical : sheet.dataset.due));
      found.push(`${due.value}  ${point.dataset.point}  ${owner || sheet.dataset.nobody}`);
    }
    found.sort().push(`${day(Number(sheet.dataset.again))}  ${sheet.dataset.repeat}`);
    lines(sheet.querySelector("[data-plan]"), found);
    result.textContent = missing ? sheet.dataset.missing : unexplained ? sheet.dataset.reason
      : open ? sheet.dataset.notYet : sheet.dataset.done;
  }

  function code(sheet) {
    const chosen = all("input[type=checkbox]:checked", sheet).map((one) => one.closest("label").textContent.trim());
    const title = sheet.querySelector("[data-name]").value.trim(), person = sheet.querySelector("[data-person]").value.trim();
    sheet.querySelector("[data-title]").textContent = title;
    sheet.querySelector("[data-contact]").textContent = person;
    lines(sheet.querySelector("[data-plan]"), chosen);
  }

  const builders = { plan, code };
  for (const sheet of all("[data-sheet]")) {
    const build = () => builders[sheet.dataset.sheet](sheet);
    sheet.querySelector("[data-build]").addEventListener("click", build);
    sheet.querySelector("[data-save]").addEventListener("click", () => {
      build();
      save(`${sheet.dataset.file}.txt`, sheet.querySelector("[data-output]").innerText);
    });
  }

  /* A pathway: what fits none of the choices is hidden. */
  const choices = all("select[data-choose]");
  const choose = () => {
    for (const part of all("[data-when]")) {
      const [kind, value] = part.dataset.when.split(":");
      const chosen = choices.find((one) => one.dataset.choose === kind)?.value;
      part.hidden = Boolean(chosen) && chosen !== value;
      if (part.tagName === "DETAILS" && chosen === value) part.open = true;
    }
  };
  for (const one of choices) one.addEventListener("change", choose);

  /* A self-test: the reason is shown with the answer; nothing is counted. */
  for (const question of all("[data-right]")) {
    question.addEventListener("change", (event) => {
      const right = event.target.value === question.dataset.right;
      question.querySelector("[data-verdict]").textContent = right ? question.dataset.yes : question.dataset.no;
      question.querySelector("[data-why]").hidden = false;
    });
  }
  for (const why of all("[data-why]")) why.hidden = true;

  /* Notes of a workbook: saved only once the warning about shared devices is ticked. */
  for (const book of all("[data-book]")) {
    const agreed = book.querySelector("[data-agreed]"), button = book.querySelector("[data-save-notes]");
    agreed.addEventListener("change", () => { button.disabled = !agreed.checked; });
    button.addEventListener("click", () => {
      save("notes.txt", all("textarea", book).map((one) => `${one.dataset.title}\n${one.value}`).join("\n\n"));
    });
  }
  for (const part of all("[data-scripted]")) part.hidden = false;

  /* A reload or the back button shows empty fields. */
  addEventListener("pageshow", () => {
    for (const field of all("[data-memory] input, [data-memory] textarea")) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
  });
})();
