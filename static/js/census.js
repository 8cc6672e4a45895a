// The class page of a census: arrows choose a pupil, one key answers and leads to the next.
(() => {
  "use strict";
  const list = document.querySelector("[data-care-census]");
  if (!list) return;
  const lines = () => [...list.children];
  const current = () => document.activeElement && document.activeElement.closest(".care-census-line");
  const go = (index) => {
    const all = lines();
    const line = all[Math.max(0, Math.min(index, all.length - 1))];
    if (line) line.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const at = lines().indexOf(current());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      go(at + (event.key === "ArrowDown" ? 1 : -1));
      return;
    }
    if (at < 0 || !/^[1-4]$/.test(event.key)) return;
    const control = lines()[at].querySelector(`[data-care-key="${event.key}"]`);
    if (!control) return;
    event.preventDefault();
    control.click();
    if (control.tagName === "BUTTON") go(at + 1);
  });

  // The swapped line keeps the focus if the pupil in it was being worked on.
  document.addEventListener("htmx:afterSwap", (event) => {
    const line = event.detail.target;
    if (document.activeElement === document.body && line && line.id) {
      const fresh = document.getElementById(line.id);
      if (fresh) fresh.focus();
    }
  });
})();
