// What was found while typing: arrows walk through it, Escape closes it, a click elsewhere hides it.
(() => {
  "use strict";
  document.querySelectorAll("[data-care-find]").forEach((form) => {
    const input = form.querySelector("input[type=search]");
    const found = form.querySelector(".care-found");
    const links = () => [...found.querySelectorAll("a")];
    const show = (open) => { found.hidden = !open; };

    input.addEventListener("input", () => { if (!input.value.trim()) found.replaceChildren(); show(true); });
    input.addEventListener("focus", () => show(true));
    document.addEventListener("click", (event) => { if (!form.contains(event.target)) show(false); });
    form.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !form.contains(event.relatedTarget)) show(false);
    });
    form.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const all = links();
      const at = all.indexOf(document.activeElement);
      if (event.key === "Escape" && !found.hidden && found.hasChildNodes()) {
        event.preventDefault();
        show(false);
        input.focus();
        show(false);
      } else if (event.key === "ArrowDown" && all.length) {
        event.preventDefault();
        show(true);
        all[Math.min(at + 1, all.length - 1)].focus();
      } else if (event.key === "ArrowUp" && at >= 0) {
        event.preventDefault();
        (at === 0 ? input : all[at - 1]).focus();
      }
    });
  });
})();
