// On a phone the parts of a dossier are folded, so that the whole is a few screens; without this script all are open.
(() => {
  "use strict";
  const phone = window.matchMedia("(max-width: 767.98px)");
  const all = document.querySelector("[data-care-fold-all]");
  const opened = new Set();

  const headOf = (part) => part.querySelector(":scope > .care-card-head h2");
  const parts = () => [...document.querySelectorAll("[data-care-folds] section[id]:not([data-care-open])")].filter(headOf);

  const show = (part, open) => {
    part.classList.toggle("care-folded", !open);
    headOf(part).querySelector(".care-fold").setAttribute("aria-expanded", String(open));
    opened[open ? "add" : "delete"](part.id);
    all.textContent = opened.size ? "全部收起" : "全部展开";
  };

  const toggle = (event) => {
    const part = event.currentTarget.closest("section[id]");
    show(part, part.classList.contains("care-folded"));
  };

  const fold = (part) => {
    const heading = headOf(part);
    if (!heading.querySelector(".care-fold")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "care-fold";
      button.append(...heading.childNodes);
      button.addEventListener("click", toggle);
      heading.append(button);
    }
    show(part, opened.has(part.id));
  };

  const unfold = (part) => {
    const button = headOf(part).querySelector(".care-fold");
    if (button) button.replaceWith(...button.childNodes);
    part.classList.remove("care-folded");
  };

  const settle = () => {
    parts().forEach(phone.matches ? fold : unfold);
    all.hidden = !phone.matches;
  };

  // A link into a folded part, from the list of parts or from another page, opens the part first.
  const reach = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = place?.closest(".care-folded");
    if (!part) return;
    show(part, true);
    place.scrollIntoView();
  };

  all.addEventListener("click", () => {
    const open = opened.size === 0;
    for (const part of parts()) show(part, open);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link?.hash && link.hash === location.hash) reach();
  });
  window.addEventListener("hashchange", reach);
  document.addEventListener("htmx:afterSettle", settle); // the records are exchanged alone
  phone.addEventListener("change", settle);
  settle();
  reach();
})();
