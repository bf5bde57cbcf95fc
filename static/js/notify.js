"use strict";
// What waits for the reader, shown by the device itself while they look elsewhere. Allowed by a press, on each device
// anew. It says the level, the place and the limit (data-told), never a person: a locked screen is read by everybody.
// Why no push service stands behind it: docs/decisions/the-device-shows-what-the-page-has-heard.md.
window.shouwang.outside = (() => {
  const ask = document.getElementById("notify");
  const sample = document.getElementById("notify-try");
  const said = document.getElementById("outside");
  const SHAKE = { high: [400, 150, 400, 150, 400] };
  const permission = () => ("Notification" in window ? window.Notification.permission : "unknown");

  // A phone shows notes through the worker alone; it is also what opens the alert when no page is left.
  async function worker() {
    if (!("serviceWorker" in navigator)) return null;
    const { workerUrl } = JSON.parse(document.getElementById("pocket").textContent);
    await navigator.serviceWorker.register(workerUrl, { scope: "/" });
    return navigator.serviceWorker.ready;
  }

  const icon = document.querySelector("link[rel='apple-touch-icon']")?.href;

  async function show({ told, level, url }) {
    if (permission() !== "granted") return;
    const isHigh = level === "high";
    const options = {
      tag: url,
      icon,
      requireInteraction: isHigh, // it lights the screen and stays until somebody presses
      silent: false,
      vibrate: SHAKE[level] ?? [200],
      data: { url },
    };
    const registration = await worker().catch(() => null);
    if (!registration) {
      const note = new window.Notification(told, options);
      note.addEventListener("click", () => {
        window.focus();
        note.close();
        window.location.assign(url);
      });
      return;
    }
    // Several pages may be open: one of them has said it.
    const shown = await registration.getNotifications({ tag: url });
    if (!shown.length) await registration.showNotification(told, options);
  }

  function paint() {
    const state = permission();
    if (ask) ask.hidden = state !== "default";
    if (sample) sample.hidden = state !== "granted";
    for (const words of said?.querySelectorAll("[data-outside]") ?? []) words.hidden = words.dataset.outside !== state;
  }

  ask?.addEventListener("click", async () => {
    await window.Notification.requestPermission();
    paint();
    if (permission() === "granted") await worker().catch(() => null);
  });
  sample?.addEventListener("click", () => {
    const { sample: told, url } = said.dataset;
    show({ told, level: "high", url });
  });
  paint();

  // Those that have come since, told on the page by static/js/alarm.js.
  function tell(cards) {
    if (!document.hidden) return;
    for (const card of cards.slice(0, 3)) {
      const { told, level, open } = card.dataset;
      show({ told, level, url: open });
    }
  }

  return { tell };
})();
