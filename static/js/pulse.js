"use strict";
// Whether the clock itself is swept: counted here from the last sweep that the server told of, beside every answer and
// every "not modified". Where the server is not heard the age grows as well: then nobody here knows, and it says so.
(() => {
  const pill = document.getElementById("pulse");
  if (!pill) return;
  const SLOW = 6; // a refresh every three seconds and a sweep every second: older than this is not usual
  const STANDS = 10;
  let swept = pill.dataset.swept ? Number(pill.dataset.swept) : null;

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function paint() {
    const since = swept === null ? Infinity : (window.shouwang.now() - swept) / 1000;
    const age = since < -STANDS ? Infinity : Math.max(0, since); // of a time that has not come: the clock was put back
    const phase = age >= STANDS ? "stands" : age >= SLOW ? "slow" : "runs";
    if (pill.dataset.phase !== phase) pill.dataset.phase = phase;
    for (const face of pill.querySelectorAll("[data-face]")) face.hidden = face.dataset.face !== phase;
    for (const number of pill.querySelectorAll("[data-age]")) write(number, String(Math.floor(age)));
    const silence = Number.isFinite(age) ? window.shouwang.words(age * 1000, Math.floor) : "";
    write(pill.querySelector("[data-silence]"), silence);
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const told = event.detail.xhr.getResponseHeader("X-Swept-At");
    if (told) swept = Number(told);
    paint();
  });
  window.setInterval(paint, 1000);
  paint();
})();
