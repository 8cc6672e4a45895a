// Pupils offered while a name is typed: a press writes name and class into the field. Typed by hand it is as good.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-care-take]");
    if (!hit) return;
    const found = hit.closest(".care-found");
    const input = document.getElementById(found.dataset.careFor);
    input.value = hit.dataset.careTake;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    found.replaceChildren();
    input.focus();
  });
})();
