// Courtesies of forms. Every page works without them; nothing is decided here.
(() => {
  "use strict";

  // A second press while the first is on its way: the server makes one record anyway.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    const question = form.dataset.careAsk;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    if (!("careOnce" in form.dataset)) return;
    if (form.dataset.careSent) {
      event.preventDefault();
      return;
    }
    form.dataset.careSent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-disabled", "true");
      button.classList.add("disabled");
    }
  });
  // Back from the next page: the form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-care-sent]")) {
      delete form.dataset.careSent;
      for (const button of form.querySelectorAll("button[aria-disabled]")) {
        button.removeAttribute("aria-disabled");
        button.classList.remove("disabled");
      }
    }
  });

  // Choices that count only when they are saved: leaving the page before that asks.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && "careKeep" in form.dataset) form.dataset.careChanged = "yes";
  });
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) delete event.target.dataset.careChanged;
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-care-changed]")) event.preventDefault();
  });

  // A choice after which more is asked: the folded fields of its line open.
  document.addEventListener("change", (event) => {
    const asking = (event.target.dataset.careUnfolds || "").split(" ");
    if (event.target.value && asking.includes(event.target.value)) {
      const folded = event.target.closest("tr")?.querySelector("details");
      if (folded) folded.open = true;
    }
  });

  // Rows that count up to a number in the form: those beyond it are not shown.
  for (const part of document.querySelectorAll("[data-care-upto]")) {
    const number = part.closest("form").elements[part.dataset.careUpto];
    const rows = [...part.querySelectorAll("[data-care-row]")];
    const show = () => {
      for (const row of rows) row.hidden = Number(row.dataset.careRow) > Number(number.value);
      part.hidden = rows.every((row) => row.hidden);
    };
    for (const words of part.querySelectorAll("[data-care-plain]")) words.hidden = true;
    number.addEventListener("input", show);
    window.addEventListener("pageshow", show);
    show();
  }

  // How many characters are left.
  const count = (area) => {
    const limit = Number(area.dataset.careCount);
    const used = [...area.value.replace(/\r?\n/g, "\r\n")].length;
    area.careWords.textContent = used > limit ? `超出 ${used - limit} 字，请删减` : `已写 ${used} 字，最多 ${limit} 字`;
    area.careWords.classList.toggle("care-over", used > limit);
  };
  for (const area of document.querySelectorAll("textarea[data-care-count]")) {
    area.careWords = document.createElement("span");
    area.careWords.className = "care-count-left";
    area.after(area.careWords);
    area.addEventListener("input", () => count(area));
    count(area);
  }

  // A photo that the server would refuse is said at once, before minutes of sending.
  document.addEventListener("change", (event) => {
    const input = event.target;
    const limit = Number(input.dataset && input.dataset.careMaxBytes);
    if (!limit || input.type !== "file") return;
    const large = [...input.files].find((file) => file.size > limit);
    let words = input.parentElement.querySelector("[data-care-file-error]");
    if (!words) {
      words = document.createElement("p");
      words.className = "care-error";
      words.dataset.careFileError = "";
      words.setAttribute("role", "alert");
      input.after(words);
    }
    words.textContent = large
      ? `“${large.name}”有 ${Math.ceil(large.size / 1048576)} MB，超过 ${Math.floor(limit / 1048576)} MB，请缩小后再选。`
      : "";
    if (large) input.value = "";
  });

  // After an error the reader starts at the list of what is wrong.
  const summary = document.querySelector("[data-care-focus]");
  if (summary) summary.focus();

  // A page that answers a refused form is not kept by the browser, so "back" would ask whether to send it again.
  // As an ordinary visit of the same address it opens anew, and the server fills it with what was typed.
  if (summary && window.history.replaceState) window.history.replaceState(window.history.state, "", window.location.href);
})();
