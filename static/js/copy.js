"use strict";
// Copying a text: data-copy is the field's id, data-copied what is then said beside it. Without a script it is selected by hand.
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
