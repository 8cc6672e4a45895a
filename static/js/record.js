// The form for a record: what is typed goes along to another kind or another class; children are found while typing.
// Without this script the same links and buttons work, the page is then drawn by the server.
(() => {
  "use strict";
  const form = document.querySelector("form.care-form[data-care-draft]");
  let changed = false;
  if (form) {
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("change", () => { changed = true; });
  }

  // Hands the text to the server before the page changes; the next page fills it in again.
  const carry = async () => {
    if (!form || !changed) return;
    try {
      await fetch(form.dataset.careDraft, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    } catch (error) {
      // No connection: the next page cannot open either, and the text stays where it is.
    }
  };
  for (const link of document.querySelectorAll("a[data-care-carry]")) {
    link.addEventListener("click", async (event) => {
      if (!changed || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      await carry();
      window.location.assign(link.href);
    });
  }

  const picker = document.querySelector("[data-care-picker]");
  if (!picker) return;
  const find = picker.querySelector("[data-care-picker-find]");
  const words = picker.querySelector("[data-care-picker-count]");
  const filter = document.getElementById("child-filter");
  const count = () => {
    const chosen = picker.querySelectorAll("input[name=children]:checked").length;
    words.textContent = chosen > 1 ? `已选 ${chosen} 人，记为集体` : chosen === 1 ? "已选 1 人" : "";
    showLines(chosen);
  };
  // With several children ticked each of them gets a line of its own; the others' inputs are out of the way.
  const lines = document.querySelector("[data-care-lines]");
  const showLines = (chosen) => {
    if (!lines) return;
    lines.hidden = chosen < 2;
    for (const line of lines.querySelectorAll("[data-care-line]")) {
      const box = picker.querySelector(`input[name=children][value="${line.dataset.careLine}"]`);
      line.hidden = !(box && box.checked);
    }
  };
  const narrow = () => {
    const text = find.value.trim().toLowerCase();
    for (const label of picker.querySelectorAll("[data-care-words]")) {
      const hit = label.dataset.careWords.split(" ").some((word, index) => index ? word.startsWith(text) : word.includes(text));
      label.hidden = Boolean(text) && !hit && !label.querySelector("input").checked;
    }
  };
  find.addEventListener("input", (event) => { event.stopPropagation(); narrow(); });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const shown = picker.querySelectorAll("[data-care-words]:not([hidden]) input:not(:checked)");
    if (find.value.trim() && shown.length === 1) {
      event.preventDefault();
      shown[0].checked = true;
      shown[0].dispatchEvent(new Event("change", { bubbles: true }));
      find.value = "";
      narrow();
    }
  });
  picker.addEventListener("change", (event) => {
    if (event.target.matches("[data-care-picker-class]")) filter.requestSubmit();
    count();
  });
  filter.addEventListener("submit", async (event) => {
    if (!changed || filter.dataset.careCarried) return;
    event.preventDefault();
    await carry();
    filter.dataset.careCarried = "yes";
    filter.submit();
  });
  count();
})();
