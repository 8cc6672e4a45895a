// Running limits: the server says how many seconds are left, the page counts on. Without scripts the server's words stand.
(() => {
  "use strict";
  const start = performance.now();
  const clocks = [...document.querySelectorAll("[data-care-seconds-left]")];
  const lost = [...document.querySelectorAll("[data-care-seconds-gone]")];
  const two = (number) => String(number).padStart(2, "0");
  const told = (seconds) => {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };
  const words = (seconds) => (seconds >= 0 ? `还剩 ${told(seconds)}` : `已超时 ${told(-seconds)}`);
  const tick = () => {
    const gone = Math.floor((performance.now() - start) / 1000);
    for (const clock of clocks) {
      const left = Number(clock.dataset.careSecondsLeft) - gone;
      if (Math.abs(left) > 86400) continue;
      clock.textContent = words(left);
      clock.closest("[data-care-clock]")?.classList.toggle("care-clock-over", left < 0);
    }
    for (const clock of lost) {
      const seconds = Number(clock.dataset.careSecondsGone) + gone;
      if (seconds <= 86400) clock.textContent = `已过 ${told(seconds)}`;
    }
  };
  if (clocks.length || lost.length) {
    tick();
    window.setInterval(tick, 1000);
  }
})();
