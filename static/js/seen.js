"use strict";
// Who has an alert's page before them has seen what they were told of it: said to the server once, when the page is in
// sight. Its answer is nothing; what is lost is said again by the next page.
(() => {
  const said = new WeakSet();

  function say() {
    const form = document.getElementById("seen");
    if (!form || document.hidden || said.has(form)) return;
    said.add(form);
    fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" }).catch(() => said.delete(form));
  }

  document.addEventListener("visibilitychange", say);
  document.addEventListener("htmx:afterSettle", say);
  say();
})();
