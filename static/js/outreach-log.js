"use strict";
// The big numbers of an event's log: one more, one fewer; held down they run. And one more row as a volunteer is typed.
(() => {
  const HELD = 450;
  const RUN = 90;
  let held = null;
  let hasRun = false;

  function step(button) {
    const field = button.parentElement.querySelector("input");
    const most = Number(field.max) || Infinity;
    field.value = Math.min(most, Math.max(0, (parseInt(field.value, 10) || 0) + Number(button.dataset.step)));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function stop() {
    window.clearTimeout(held);
    window.clearInterval(held);
    held = null;
  }

  function start(button) {
    hasRun = false;
    held = window.setTimeout(() => {
      hasRun = true;
      held = window.setInterval(() => step(button), RUN);
    }, HELD);
  }

  for (const button of document.querySelectorAll("[data-counter] [data-step]")) {
    button.hidden = false;
    button.addEventListener("pointerdown", () => start(button));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, stop);
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (!hasRun) step(button);
      hasRun = false;
    });
  }
  for (const field of document.querySelectorAll("[data-counter] input")) {
    field.addEventListener("focus", () => field.select());
  }

  const rows = document.querySelector("[data-volunteers]");
  rows?.addEventListener("input", () => {
    const last = rows.lastElementChild;
    if (![...last.querySelectorAll("input")].some((input) => input.value)) return;
    const next = last.cloneNode(true);
    next.querySelector(".late")?.remove();
    for (const input of next.querySelectorAll("input")) input.value = "";
    rows.append(next);
  });
})();
