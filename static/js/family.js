// Copies a text for the phone, ticks a whole page. Without this script the text is selected by hand and boxes one by one.
(() => {
  "use strict";
  const show = () => {
    for (const button of document.querySelectorAll("[data-care-copy], [data-care-tick-all]")) button.hidden = false;
  };
  const say = (button, words) => {
    const place = button.parentElement.querySelector("[data-care-copied]");
    if (place) place.textContent = words;
  };
  const byHand = (area) => {
    area.focus();
    area.select();
    return document.execCommand("copy");
  };
  const copy = async (button) => {
    const area = document.getElementById(button.dataset.careCopy);
    let done = false;
    try {
      await navigator.clipboard.writeText(area.value);
      done = true;
    } catch {
      done = byHand(area);
    }
    say(button, done ? "已复制，可以粘贴到短信或微信。" : "请长按选中的文字复制。");
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-care-copy], [data-care-tick-all]");
    if (!button) return;
    if (button.dataset.careCopy) {
      copy(button);
      return;
    }
    const boxes = [...button.closest("form").querySelectorAll("input[data-care-tick]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
  // A text is meant whole: touching it selects it.
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea.care-text")) event.target.select();
  });
  document.body.addEventListener("htmx:afterSwap", show);
  show();
})();
