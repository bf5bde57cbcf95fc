"use strict";
// Ticking several groups at one press. Without a script they are ticked by hand.
for (const presses of document.querySelectorAll("[data-ticks]")) {
  presses.hidden = false;
  const boxes = presses.parentElement.querySelectorAll("input[data-in]");
  presses.addEventListener("click", (event) => {
    const key = event.target.closest("[data-tick]")?.dataset.tick;
    if (key === undefined) return;
    for (const box of boxes) {
      if (key === "none") box.checked = false;
      else if (key === "" || box.dataset.in.split(" ").includes(key)) box.checked = true;
    }
  });
}
