"use strict";
// The wall: nobody sits before it. The time of day, a screen that does not go dark, a pointer that hides itself.
(() => {
  const STILL = 3000;
  const OFFICE_TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" };
  const face = document.querySelector("[data-wall-clock]");
  const format = new Intl.DateTimeFormat("en-GB", OFFICE_TIME);
  let moved = 0;

  function paint() {
    const text = format.format(new Date(window.shouwang.now()));
    if (face.textContent !== text) face.textContent = text;
    document.body.classList.toggle("is-still", Date.now() - moved > STILL);
  }

  // Browsers let go of the lock whenever the page was hidden; some have none, and refuse it on a weak battery.
  async function stayAwake() {
    try {
      if (!document.hidden) await navigator.wakeLock?.request("screen");
    } catch {
      // It then goes dark when the machine says so.
    }
  }

  document.addEventListener("pointermove", () => {
    moved = Date.now();
    paint();
  });
  document.addEventListener("visibilitychange", stayAwake);
  window.setInterval(paint, 1000);
  paint();
  stayAwake();
})();
