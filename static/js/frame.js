// The frame: the end of the session is announced, the menu closes, "/" leads to the search box.
(() => {
  "use strict";
  const body = document.body;

  const bar = document.querySelector("[data-care-session-end]");
  const left = Number(body.dataset.careSessionLeft);
  if (bar && left) {
    const WARN = 120;
    let end = Date.now() + left * 1000;
    const words = bar.querySelector("[data-care-session-words]");
    const stay = bar.querySelector("[data-care-session-stay]");
    stay.setAttribute("href", window.location.href);
    stay.addEventListener("click", async (event) => {
      event.preventDefault();
      // Any page of ours moves the end; the form on this page stays as it is.
      const answer = await fetch(window.location.href, { method: "HEAD", credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        end = Date.now() + left * 1000;
        bar.hidden = true;
      } else {
        window.location.reload();
      }
    });
    // Saving a draft is doing something: the server's clock has started anew.
    document.addEventListener("care:active", () => { end = Date.now() + left * 1000; });
    window.setInterval(() => {
      const seconds = Math.round((end - Date.now()) / 1000);
      bar.hidden = seconds > WARN;
      if (seconds > 0) {
        words.textContent = `很久没有操作，约 ${Math.max(1, Math.round(seconds / 60))} 分钟后自动退出。写到一半的内容会暂存。`;
      } else {
        words.textContent = "已经自动退出，再操作时会请您重新登录。写到一半的内容会暂存。";
        stay.textContent = "重新登录";
      }
    }, 5000);
  }

  // Without scripts there is the browser's own print command, so the button only shows where it works.
  document.querySelectorAll("[data-care-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  const menu = document.querySelector("[data-care-menu]");
  if (menu) {
    document.addEventListener("click", (event) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    const box = [...document.querySelectorAll("[data-care-search]")].find((input) => input.offsetParent);
    if (box) {
      event.preventDefault();
      box.focus();
    }
  });
})();
