"use strict";
// Runs before the page is painted: "as the device" becomes light or dark without a flash.
(() => {
  const page = document.documentElement;
  if (page.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const dress = () => page.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", dress);
  dress();
})();
