// The grid of a class: Enter and the arrows go to the next pupil, a column copied from a workbook fills the lines below.
// Without this script Tab goes through the cells and everything saves the same.
(() => {
  "use strict";
  const table = document.querySelector("[data-care-grid] table");
  if (!table) return;
  const lines = [...table.querySelectorAll("tbody tr")];
  const boxes = (line) => [...line.querySelectorAll("input:not([type=hidden]), select")];
  const place = (box) => {
    const line = box.closest("tr");
    return [lines.indexOf(line), boxes(line).indexOf(box)];
  };
  const go = (row, column) => {
    const box = lines[row] && boxes(lines[row])[column];
    if (!box) return false;
    box.focus();
    if (box.select) box.select();
    return true;
  };

  table.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || !event.target.closest("tbody")) return;
    const picking = event.target.tagName === "SELECT" || event.target.hasAttribute("list");
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1)
      : picking ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const [row, column] = place(event.target);
    go(row + step, column);
  });

  const put = (box, text) => {
    const words = text.trim();
    if (box.type === "checkbox") {
      box.checked = ["是", "√", "✓", "1", "y", "Y"].includes(words);
    } else if (box.tagName === "SELECT") {
      const option = [...box.options].find((one) => one.value === words || one.text === words);
      if (option) box.value = option.value;
    } else {
      box.value = words;
    }
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\n\t]/.test(text) || !event.target.closest("tbody")) return;
    event.preventDefault();
    const [row, column] = place(event.target);
    text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
      const box = lines[row + down] && boxes(lines[row + down])[column + right];
      if (box) put(box, value);
    }));
  });

  const words = document.querySelector("[data-care-grid-count]");
  const ticks = [...table.querySelectorAll("input[data-care-take], tbody td:first-child > input[type=checkbox]")];
  const filled = (line) => boxes(line).some((box) => (box.type === "checkbox" ? box.checked : box.value.trim()));
  const count = () => {
    if (!words) return;
    const verb = words.dataset.careGridCount || (ticks.length ? "勾选" : "填写");
    const done = ticks.length ? ticks.filter((tick) => tick.checked).length : lines.filter(filled).length;
    words.textContent = `已${verb} ${done}/${lines.length} 人`;
  };
  for (const button of document.querySelectorAll("[data-care-grid-all]")) {
    button.hidden = !ticks.length;
    button.addEventListener("click", () => {
      for (const tick of ticks) tick.checked = button.dataset.careGridAll === "yes";
      count();
      if (ticks[0]) ticks[0].dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  // Who writes something into a line means that pupil.
  table.addEventListener("input", (event) => {
    const tick = event.target.closest("tr")?.querySelector("input[data-care-take]");
    if (tick && tick !== event.target && event.target.value) tick.checked = true;
    count();
  });
  table.addEventListener("change", count);
  count();

  // Another day shows the lines of that day; the button does it without this script.
  for (const button of document.querySelectorAll("[data-care-grid-day]")) {
    const day = button.form.elements[button.dataset.careGridDay];
    day.addEventListener("change", () => {
      if (day.value && day.validity.valid) button.form.requestSubmit(button);
    });
  }
})();
