// What the load of the chosen mentor would become with the ticked children, before anything is saved.
// Without this script the list of mentors says what each has, and the page after saving says who has too many.
(() => {
  "use strict";
  for (const words of document.querySelectorAll("[data-care-load]")) {
    const form = words.closest("form") || document.querySelector("form.care-form");
    const mentor = form && form.querySelector("select[name=mentor]");
    if (!mentor) continue;
    const tell = () => {
      const told = mentor.selectedOptions[0] && mentor.selectedOptions[0].dataset;
      const ticked = [...form.querySelectorAll("input[name=children]:checked")];
      const keys = ticked.filter((tick) => tick.hasAttribute("data-care-key")).length;
      words.hidden = !(told && told.name && ticked.length);
      if (words.hidden) return;
      const load = Number(told.load) + ticked.length;
      const keyLoad = Number(told.keys) + keys;
      const many = load > Number(told.limit);
      const manyKeys = keys > 0 && keyLoad > Number(told.keyLimit);
      const key = keys ? `，其中重点 ${keyLoad} 人${manyKeys ? `（超过学校定的 ${told.keyLimit} 人）` : ""}` : "";
      words.textContent = `安排后${told.name}带 ${load} 人${many ? `，超过建议的 ${told.limit} 人` : `，建议不超过 ${told.limit} 人`}${key}。`;
      words.classList.toggle("care-caution-bad", many || manyKeys);
    };
    form.addEventListener("change", tell);
    tell();
  }
})();
