// Saves what is being typed to the server, so that a crash, a closed tab or an ended session costs seconds.
// Nothing is ever put into the browser's own storage: office PCs are shared.
(() => {
  "use strict";
  const EVERY = 5000;
  const RETRY_AT_MOST = 60000;

  const clock = () => new Date().toTimeString().slice(0, 5);

  for (const form of document.querySelectorAll("form[data-care-draft]")) {
    const words = form.querySelector("[data-care-draft-state]");
    const url = form.dataset.careDraft;
    let changed = false;
    let unsaved = false;
    let sending = false;
    let leaving = false;
    let pause = EVERY;
    let timer = null;
    let lastSaved = "";
    let control = null;

    const say = (text, bad) => {
      if (!words) return;
      words.textContent = text;
      words.classList.toggle("care-over", Boolean(bad));
    };

    const fields = () => {
      const data = new FormData(form);
      for (const [name, value] of [...data.entries()]) {
        if (value instanceof File) data.delete(name);
      }
      for (const input of form.querySelectorAll("input[type=password]")) data.delete(input.name);
      return data;
    };

    const plan = (wait) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(save, wait);
    };

    const save = async () => {
      if (!changed || sending || leaving) return;
      sending = true;
      changed = false;
      control = new AbortController();
      try {
        const answer = await fetch(url, {
          method: "POST", body: fields(), credentials: "same-origin", signal: control.signal,
          headers: { "X-Requested-With": "fetch" },
        });
        const result = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
        if (answer.status === 401) {
          unsaved = !result.saved;
          say(result.saved ? "登录已超时，文字已暂存；提交时会请您重新登录。" : "登录已超时，请先复制文字，再重新登录。", true);
        } else if (answer.ok) {
          unsaved = false;
          lastSaved = result.at;
          say(`文字已暂存 ${result.at}`);
          document.dispatchEvent(new Event("care:active"));
          pause = EVERY;
        } else if (answer.status === 400 || answer.status === 403) {
          say("暂存停用：页面打开太久，请尽快提交。", true);
        } else {
          throw new Error(String(answer.status));
        }
      } catch (error) {
        if (leaving) return;
        changed = true;
        pause = Math.min(pause * 2, RETRY_AT_MOST);
        say(lastSaved ? `${lastSaved} 以后的文字还没有暂存，正在重试。` : `连不上服务器（${clock()}），文字还没有暂存，正在重试。`, true);
      } finally {
        sending = false;
        if (changed && !leaving) plan(pause);
      }
    };

    // A name that is still being looked for is nothing to go on with: it is saved along with what is said of it.
    let begun = [...form.querySelectorAll("textarea")].some((area) => area.value.trim());
    const typed = (event) => {
      if (event.target.type === "file" || event.target.type === "password") return;
      if (event.target.form !== form) return; // a search box that only stands among the fields
      begun ||= !event.target.matches("[data-care-draft-along]");
      if (!begun) return;
      changed = true;
      unsaved = true;
      if (!sending) plan(pause);
    };
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);

    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      leaving = true;
      unsaved = false;
      window.clearTimeout(timer);
      if (control) control.abort(); // a save that comes after the submit would bring the draft back
    });

    const last = () => {
      if (changed && !leaving && navigator.sendBeacon(url, fields())) changed = false;
    };
    window.addEventListener("pagehide", last);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") last();
    });
    window.addEventListener("pageshow", () => { leaving = false; });

    window.addEventListener("beforeunload", (event) => {
      // What was handed to the server needs no question; what could not be does.
      if (unsaved && !leaving && pause > EVERY) event.preventDefault();
    });
  }

  // Forms that keep no draft but would lose something say so themselves.
  for (const form of document.querySelectorAll("form[data-care-unsaved]")) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => {
      if (changed) {
        event.preventDefault();
        event.returnValue = "";
      }
    });
  }
})();
