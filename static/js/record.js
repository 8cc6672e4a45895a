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

  // A teacher's own sentences: one press puts one into the text, another keeps a sentence of the text.
  const afterText = (area, text) => {
    const start = area.selectionStart ?? area.value.length;
    const before = area.value.slice(0, start);
    const gap = before && !/[\s，。！？；：、]$/.test(before) ? "。" : "";
    area.setRangeText(gap + text, start, area.selectionEnd ?? start, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  };
  const sentence = (area) => {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
    if (chosen) return chosen;
    const found = area.value.trim().match(/[^。！？!?\n]+[。！？!?]?$/);
    return found ? found[0].trim() : "";
  };
  for (const bar of document.querySelectorAll("[data-care-phrases]")) {
    const area = document.getElementById(bar.dataset.carePhrases);
    const said = bar.querySelector("[data-care-phrase-words]");
    if (!area) continue;
    bar.hidden = false;
    bar.addEventListener("click", async (event) => {
      const phrase = event.target.closest("[data-care-phrase]");
      if (phrase) afterText(area, phrase.textContent);
      if (!event.target.closest("[data-care-phrase-keep]")) return;
      const text = sentence(area);
      if (!text) {
        said.textContent = "请先写一句话。";
        return;
      }
      const data = new FormData();
      data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      data.append("text", text);
      data.append("kind", bar.dataset.carePhraseKind);
      try {
        const answer = await fetch(bar.dataset.carePhraseUrl, { method: "POST", body: data, credentials: "same-origin" });
        const told = await answer.json();
        said.textContent = told.refused || (told.fresh ? `已存：${told.text}` : "这句已经在常用语里了。");
        if (!told.fresh) return;
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "btn btn-outline-primary btn-sm", textContent: told.text });
        button.dataset.carePhrase = "";
        bar.querySelector(".care-phrase-list").append(button);
      } catch (error) {
        said.textContent = "没有存上，请稍后再试。";
      }
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
  // After 后退 the browser puts ticks and texts back when this has run; nothing that was written stays folded away.
  window.addEventListener("pageshow", () => {
    count();
    if (lines && [...lines.querySelectorAll("textarea, select")].some((input) => input.value)) lines.open = true;
  });
})();
