"use strict";
// A button that prints the page; and a page that was asked for in order to be printed.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print());
