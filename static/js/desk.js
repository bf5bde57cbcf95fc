"use strict";
// The desk's keys: d dispatches the most urgent alert (or the one in focus), n types one in, / searches, arrows walk.
(() => {
  const isTyping = (target) => target.matches("input, select, textarea, [contenteditable]");
  const cards = (column) => [...column.querySelectorAll("[data-card]")];
  const columns = () => [...document.querySelectorAll("[data-column]")];

  function focusCard(card) {
    const link = card?.querySelector("[data-main]");
    link?.focus();
    card?.scrollIntoView({ block: "nearest" });
  }

  function walk(key, from) {
    const boards = columns().filter((column) => cards(column).length);
    if (!boards.length) return;
    const column = from?.closest("[data-column]");
    const card = from?.closest("[data-card]");
    if (!column || !card) return focusCard(cards(boards[0])[0]);
    const row = cards(column).indexOf(card);
    const place = boards.indexOf(column);
    if (key === "ArrowDown") focusCard(cards(column)[row + 1]);
    if (key === "ArrowUp") focusCard(cards(column)[row - 1]);
    const beside = boards[place + (key === "ArrowRight" ? 1 : -1)];
    if ((key === "ArrowRight" || key === "ArrowLeft") && beside) {
      const there = cards(beside);
      focusCard(there[Math.min(row, there.length - 1)]);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (event.key === "n") {
      event.preventDefault();
      const drawer = document.getElementById("entry");
      drawer.open = true;
      drawer.querySelector("input:not([type=hidden])").focus();
    } else if (event.key === "d") {
      const here = document.activeElement?.closest("[data-card]")?.querySelector("[data-dispatch]");
      const press = here ?? document.querySelector("[data-dispatch]");
      press?.click();
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      walk(event.key, document.activeElement);
    }
  });
})();
