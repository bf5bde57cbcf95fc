"use strict";
// Copying a text, and ticking several groups at one press. Without a script the text is selected and ticked by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const said = button.parentElement.querySelector("[data-copy-said]");
  const source = document.getElementById(button.dataset.copy);

  // Over plain HTTP a browser hands out no clipboard: the text is selected, and copied the old way where that is allowed.
  const copySelected = () => {
    const fold = source.closest("details");
    if (fold) fold.open = true;
    source.focus();
    source.select();
    return document.execCommand("copy");
  };

  button.addEventListener("click", async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(source.value);
      done = true;
    } catch {
      done = copySelected();
    }
    if (done && said) said.textContent = button.dataset.copied;
  });
}

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
