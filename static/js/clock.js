// Running limits: the server says how many seconds are left, the page counts on. Without scripts the server's words stand.
(() => {
  "use strict";
  const start = performance.now();
  const clocks = [...document.querySelectorAll("[data-care-seconds-left]")];
  const two = (number) => String(number).padStart(2, "0");
  const words = (seconds) => {
    const rest = Math.abs(seconds);
    const hours = Math.floor(rest / 3600);
    const minutes = Math.floor((rest % 3600) / 60);
    const told = hours ? `${hours}:${two(minutes)}:${two(rest % 60)}` : `${minutes}:${two(rest % 60)}`;
    return seconds >= 0 ? `还剩 ${told}` : `已超时 ${told}`;
  };
  const tick = () => {
    const gone = Math.floor((performance.now() - start) / 1000);
    for (const clock of clocks) {
      const left = Number(clock.dataset.careSecondsLeft) - gone;
      if (Math.abs(left) > 86400) continue;
      clock.textContent = words(left);
      clock.closest("[data-care-clock]")?.classList.toggle("care-clock-over", left < 0);
    }
  };
  if (clocks.length) {
    tick();
    window.setInterval(tick, 1000);
  }
})();
