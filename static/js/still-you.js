"use strict";
// Who was away for long is asked for the password over the page: what was typed below it stays, chosen files too.
// The server decides; this only asks it in time, and tells it that somebody is typing where nothing is sent for long.
(() => {
  const dialog = document.getElementById("still-you");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector("[data-wrong]");
  const limit = Number(dialog.dataset.idle) * 1000;
  const tellEvery = Math.min(60000, limit / 4);
  let pressed = Date.now();
  let told = pressed;
  let isAsking = false;

  const ask = (options) => fetch(dialog.dataset.awake, { cache: "no-store", redirect: "manual", ...options });
  const token = () => form.elements.csrfmiddlewaretoken.value;

  function note() {
    if (dialog.open || Date.now() - pressed > limit) return;
    pressed = Date.now();
    if (pressed - told < tellEvery) return;
    told = pressed;
    ask({ method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
  }

  async function look() {
    if (dialog.open || isAsking || Date.now() - pressed < limit) return;
    isAsking = true;
    try {
      const answer = await ask();
      if (answer.type === "opaqueredirect") {
        document.getElementById("ended")?.removeAttribute("hidden");
        return;
      }
      const { left } = await answer.json();
      // Somebody was awake in another window of this session.
      if (left === null || left > 0) pressed = Date.now() - limit + (left ?? limit / 1000) * 1000;
      else dialog.showModal();
    } catch {
      // No network: nothing can be sent from here anyway; asked again soon.
    } finally {
      isAsking = false;
    }
  }

  for (const kind of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(kind, note, { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  window.setInterval(look, 2000);
  dialog.addEventListener("cancel", (event) => event.preventDefault());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    wrong.hidden = true;
    let said = dialog.dataset.away;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        redirect: "manual",
        body: new FormData(form),
      });
      if (answer.type === "opaqueredirect") return window.location.reload();
      if (answer.ok) {
        form.elements.password.value = "";
        pressed = told = Date.now();
        dialog.close();
        return;
      }
      said = (await answer.json()).message;
    } catch {
      // said above
    }
    wrong.textContent = said;
    wrong.hidden = false;
    form.elements.password.select();
  });
})();
