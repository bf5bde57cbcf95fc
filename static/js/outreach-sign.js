"use strict";
// A box to sign in with a finger, a pen or a mouse. What was drawn goes along with the form as a picture; the server
// counts its ink and refuses an empty one.
(() => {
  const canvas = document.querySelector("canvas[data-signature]");
  if (!canvas) return;
  const form = canvas.closest("form");
  const kept = form.querySelector("input[name=signature]");
  const save = form.querySelector("[data-signed]");
  const pen = canvas.getContext("2d");
  let last = null;
  let drawn = 0;

  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#10161d"; // on the white of paper, whatever the screen's mode

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) * canvas.width) / box.width;
    return { x, y: ((event.clientY - box.top) * canvas.height) / box.height };
  }

  function draw(event) {
    if (!last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = at(one);
      drawn += Math.hypot(next.x - last.x, next.y - last.y);
      pen.beginPath();
      pen.moveTo(last.x, last.y);
      pen.lineTo(next.x, next.y);
      pen.stroke();
      last = next;
    }
  }

  function lift() {
    if (!last) return;
    last = null;
    kept.value = canvas.toDataURL("image/png");
    save.disabled = drawn < 40;
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  canvas.addEventListener("pointermove", draw);
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, lift);

  form.querySelector("[data-wipe]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
    drawn = 0;
    save.disabled = true;
  });
})();
