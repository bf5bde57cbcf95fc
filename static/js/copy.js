"use strict";
// A button that copies what stands in a field: data-copy is the field's id, data-copied what the button then says.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span") ?? button;
  const said = label.textContent;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // an address without TLS has no clipboard of its own
    }
    label.textContent = button.dataset.copied;
    window.setTimeout(() => (label.textContent = said), 3000);
  });
}
