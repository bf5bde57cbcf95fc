"use strict";
// The clocks of a page. They count on this device, but from the server's time: a phone whose clock is wrong shows the
// right countdown. The server paints the same text once, so nothing is missing where scripts do not run.
window.shouwang = (() => {
  const page = document.documentElement;
  let offset = Number(page.dataset.now) - Date.now();
  const now = () => Date.now() + offset;
  const two = (number) => String(number).padStart(2, "0");

  function words(milliseconds, round) {
    const seconds = round(milliseconds / 1000);
    if (seconds >= 3600) return `${Math.floor(seconds / 3600)} ${page.dataset.hours}`;
    return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function mark(element, phase) {
    if (element && element.dataset.phase !== phase) element.dataset.phase = phase;
  }

  function paint() {
    const moment = now();
    for (const clock of document.querySelectorAll("[data-due]")) {
      const due = Number(clock.dataset.due);
      const start = Number(clock.dataset.start);
      const phase = moment >= due ? "late" : moment >= (start + due) / 2 ? "half" : "early";
      write(clock, moment >= due ? `+${words(moment - due, Math.floor)}` : words(due - moment, Math.ceil));
      mark(clock, phase);
      const card = clock.closest("[data-card]");
      mark(card, phase);
      const track = card && card.querySelector(":scope > progress");
      if (track) track.value = Math.min(moment - start, track.max * 1000) / 1000;
    }
    for (const until of document.querySelectorAll("[data-until]")) {
      write(until, words(Math.max(0, Number(until.dataset.until) - moment), Math.ceil));
    }
  }

  function setNow(milliseconds) {
    offset = milliseconds - Date.now();
    paint();
  }

  paint();
  window.setInterval(paint, 250);
  return { now, setNow, paint, words };
})();
