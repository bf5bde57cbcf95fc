"use strict";
// What changes by itself: the element [data-live], and the strip [data-calls] of what waits for the reader, ask the server
// every few seconds whether anything is new. Nothing new costs a "not modified". What is focused, scrolled, opened or half
// typed stays as it is.
(() => {
  const asking = [...document.querySelectorAll("[data-live], [data-calls]")];
  const lost = document.getElementById("lost");
  const ended = document.getElementById("ended");
  // A banner within ten seconds: this, and the second at which we look. The strip alone asks less often.
  const SILENCE = document.querySelector("[data-live]") ? 8000 : 14000;
  let heard = Date.now();

  const asks = (element) => asking.includes(element);
  const isLive = (event) => asks(event.detail.elt) && event.detail.requestConfig?.verb !== "post";
  const isEditing = (element) => element?.matches?.("input:not([type=hidden]), select, textarea");

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, headers } = event.detail;
    if (asks(elt) && elt.dataset.etag) headers["If-None-Match"] = elt.dataset.etag;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    // An answer without our mark is another page: most likely the log-in, because the session has ended.
    if (event.detail.xhr.getResponseHeader("X-Server-Now") === null) {
      event.detail.shouldSwap = false;
      if (event.detail.xhr.status === 200) ended.hidden = false;
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    const moment = xhr.getResponseHeader("X-Server-Now");
    if (moment !== null && (xhr.status === 200 || xhr.status === 304)) {
      heard = Date.now();
      lost.hidden = true;
      ended.hidden = true;
      // A press on the board is answered by the board, so it is the target that is new.
      const { target } = event.detail;
      if (asks(target) && xhr.status === 200) target.dataset.etag = xhr.getResponseHeader("ETag") ?? "";
      window.shouwang.setNow(Number(moment));
    } else if (!isLive(event)) {
      lost.hidden = false;
    }
  });

  if (asking.length) {
    const askNow = () => asking.forEach((element) => htmx.trigger(element, "refresh"));
    window.setInterval(() => {
      if (Date.now() - heard > SILENCE && ended.hidden) lost.hidden = false;
    }, 1000);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) askNow();
    });
    window.addEventListener("online", askNow);
  }

  // What came to lie over the page gets room of its own once a finger that was on its way has landed.
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    const strip = document.getElementById("strip");
    if (!strip || target !== strip) return;
    window.setTimeout(() => strip.classList.toggle("calls-stay", Boolean(strip.querySelector(".waits"))), 3000);
  });

  // A form somebody is typing into is not touched until it is sent.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form) form.dataset.dirty = "";
  });
  document.addEventListener("submit", (event) => {
    delete event.target.dataset.dirty;
  });
  if (window.Idiomorph) {
    const { callbacks } = window.Idiomorph.defaults;
    callbacks.beforeNodeMorphed = (old) =>
      !(old.nodeName === "FORM" && ("dirty" in old.dataset || (old.contains(document.activeElement) && isEditing(document.activeElement))));
    callbacks.beforeAttributeUpdated = (name, node, kind) =>
      !(name === "open" && node.nodeName === "DETAILS") && !(name === "data-phase" && kind === "update");
  }

  // Messages go by themselves, but for those that say something went wrong.
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".message").remove();
  });
  const fade = () => {
    for (const message of document.querySelectorAll(".message-success:not([data-fading]), .message-info:not([data-fading])")) {
      message.dataset.fading = "";
      window.setTimeout(() => message.remove(), 7000);
    }
  };
  document.addEventListener("htmx:afterSettle", fade);
  fade();

  // An open menu closes when somebody presses elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open], details.drawer[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
