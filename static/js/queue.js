"use strict";
// The pocket's presses. Each is answered on the screen at once, kept on this phone under a key of its own until the server
// has it, and sent in order. What the server says then stands: a press it refuses is taken back, with its words.
(() => {
  const store = self.shouwangPresses;
  const told = document.getElementById("pocket");
  if (!told || !store) return;
  const { user, language, timeZone, whoUrl, workerUrl, logoutUrl, words } = JSON.parse(told.textContent);
  const page = document.documentElement;
  const bar = document.getElementById("unsent");
  const asOf = document.getElementById("as-of");
  const live = document.querySelector("[data-live], [data-fresh]");
  const hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  const EVERY = 10000;
  const HERE = 10000; // who pressed so long ago at most is led on by the answer
  const CALM = 1500; // a press on its way is called unsent after this
  const QUIET = ["deed", "excuse", "door", "came"]; // the tick says it
  const SAID = "shouwang.said";
  const OWNER = "shouwang.owner";
  let presses = [];
  let hasEnded = false;
  const pressedHere = new Map();

  // The page of what a press is about, told by where it is sent: /alerts/12/deed/ is about /alerts/12/.
  const homeOf = (address) => address.match(/^\/(?:[a-z-]+\/)+\d+\//)?.[0];
  const isLate = (press) => press.state === "waiting" && (press.tries > 0 || Date.now() - press.keptAt > CALM);
  const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  const formToken = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const line = () => ({ user, token: cookie("__Host-csrftoken") ?? cookie("csrftoken") ?? formToken(), whoUrl });

  // -- what is said on the screen ------------------------------------------------------------------------------------

  function toast(kind, text) {
    const message = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    message.classList.add(`message-${kind}`);
    if (kind === "error") message.setAttribute("role", "alert");
    message.querySelector("p").textContent = text;
    document.getElementById("messages").append(message);
    if (kind !== "error") window.setTimeout(() => message.remove(), 7000);
  }

  function stateWords(press) {
    if (press.state === "refused") return press.said || words.refused;
    if (press.state === "done") return words.done;
    return isLate(press) ? words.kept : words.sending;
  }

  // Where a press shows on this page: on the page of what it is about its step or button, elsewhere whatever stands for
  // that page ([data-home]), and else the button itself.
  function placeOf(press) {
    const home = homeOf(press.action);
    const standsFor = home && document.querySelector(`[data-home="${home}"]`);
    if (location.pathname === home) return document.querySelector(press.place) ?? standsFor;
    return standsFor ?? (location.pathname === press.page ? document.querySelector(press.place) : null);
  }

  function wipe() {
    for (const mark of document.querySelectorAll("[data-press-mark]")) mark.remove();
    for (const place of document.querySelectorAll("[data-pressed]")) {
      delete place.dataset.pressed;
      delete place.dataset.confirms;
    }
  }

  function mark(press) {
    const place = placeOf(press);
    if (!place) return;
    const text = document.createElement("p");
    text.dataset.pressMark = press.state === "waiting" && isLate(press) ? "kept" : press.state;
    text.className = "press-mark";
    text.textContent = `${hours.format(press.at)} ${press.label} · ${stateWords(press)}`;
    if (press.state !== "refused") {
      place.dataset.pressed = text.dataset.pressMark;
      if (press.isMain) place.dataset.confirms = "";
    }
    const spot = place.querySelector("[data-mark]") ?? place.querySelector(":scope > div:not(.step-presses, .step-calls)");
    (spot ?? place).append(text);
  }

  function row(press) {
    const item = document.createElement("li");
    item.textContent = `${hours.format(press.at)} ${press.label}${press.about ? ` · ${press.about}` : ""}`;
    if (press.state === "refused") {
      item.className = "refused";
      item.append(` — ${press.said || words.refusedPlainly} `);
      if (press.typed?.length) item.append(typedIn(press));
      const drop = document.getElementById("drop").content.firstElementChild.cloneNode(true);
      drop.dataset.drop = press.key;
      item.append(drop);
    }
    return item;
  }

  // What was filled in is not lost because it came too late: it can be read here, and for a form filled in again.
  function typedIn(press) {
    const typed = document.createElement("p");
    typed.className = "typed";
    typed.textContent = `${words.typed} ${press.typed.join(" · ")}`;
    if (press.isRefillable) {
      const again = document.getElementById("again").content.firstElementChild.cloneNode(true);
      again.href = `${press.action}?again=${press.key}`;
      typed.append(" ", again);
    }
    return typed;
  }

  function paintBar() {
    const unsent = presses.filter(isLate);
    const refused = presses.filter((press) => press.state === "refused");
    bar.hidden = !unsent.length && !refused.length;
    if (bar.hidden) return;
    const text = (unsent.length === 1 ? words.unsentOne : words.unsentMany).replace("{count}", unsent.length);
    bar.querySelector("[data-count]").textContent = unsent.length ? text : words.refused;
    bar.querySelector("[data-why]").textContent = hasEnded ? words.ended : unsent.length ? words.later : "";
    bar.querySelector("[data-log-in]").hidden = !hasEnded;
    bar.querySelector("ol").replaceChildren(...[...refused, ...unsent].map(row));
    if (refused.length) bar.querySelector("details").open = true;
  }

  function paint() {
    wipe();
    presses.forEach(mark);
    paintBar();
  }

  function paintAge() {
    if (!asOf || !page.dataset.kept) return;
    asOf.querySelector("span").textContent = words.asOf.replace("{time}", hours.format(Number(page.dataset.kept)));
    asOf.hidden = false;
  }

  async function reread() {
    const kept = await store.of(user).catch(() => []);
    presses = [...presses.filter((press) => press.state === "done"), ...kept];
    paint();
    if (presses.some((press) => press.state === "waiting" && !isLate(press))) window.setTimeout(paint, CALM);
  }

  // -- pressing and sending ------------------------------------------------------------------------------------------

  function selectorOf(form) {
    const step = form.closest(".step[id], [data-place][id]");
    if (step) return `#${step.id}`;
    return `form[data-press="${form.dataset.press}"][action="${form.getAttribute("action")}"]`;
  }

  // What a press is about, in words where the page has them, else by its number.
  function aboutOf(form) {
    const said = form.closest("[data-about]")?.dataset.about;
    const pk = homeOf(form.getAttribute("action"))?.match(/\d+/)[0];
    return said ?? (pk ? `#${pk}` : "");
  }

  // What the list of unsent presses calls it: the words on the button; of a reason, the reason.
  function labelOf(form, button, fields) {
    const reason = fields.filter(([name, value]) => ["reason", "usual"].includes(name) && value).at(-1)?.[1];
    const words = (form.dataset.press === "excuse" && reason) || form.dataset.label || button?.textContent || "";
    return words.replace(/\s+/g, " ").trim();
  }

  // What somebody chose and wrote in a form, in the form's own words.
  function typedFrom(form) {
    const wordsOf = (element) => element.labels?.[0]?.textContent.replace(/[*\s]+/g, " ").trim() ?? "";
    return [...form.elements].flatMap((element) => {
      if (element.type === "hidden" || !element.name || !element.value) return [];
      if (["radio", "checkbox"].includes(element.type)) return element.checked ? [wordsOf(element)] : [];
      if (element.type === "select-one") return [`${wordsOf(element)}: ${element.selectedOptions[0]?.textContent.trim()}`];
      return element.matches("input, textarea") ? [`${wordsOf(element)}: ${element.value}`] : [];
    });
  }

  function pressFrom(form, button) {
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => [name, String(value)]);
    if (button?.name) fields.push([button.name, button.value]);
    return {
      key: store.newKey(),
      what: form.dataset.press,
      action: form.getAttribute("action"),
      fields,
      at: Math.round(window.shouwang.now()),
      keptAt: Date.now(),
      by: user,
      label: labelOf(form, button, fields),
      typed: typedFrom(form),
      about: aboutOf(form),
      place: selectorOf(form),
      page: location.pathname,
      back: form.dataset.back ?? "",
      isRefillable: "refill" in form.dataset,
      isMain: form.dataset.press === "excuse" || button?.classList.contains("btn-main") || false,
      state: "waiting",
      tries: 0,
      said: "",
    };
  }

  // Without a place to keep it the press goes the plain way, key and all.
  function pressPlainly(form, press) {
    const extra = [...press.fields.slice(-1), ["press", press.key], ["pressed_at", press.at], ["pressed_by", press.by]];
    for (const [name, value] of extra) {
      if (form.elements.namedItem(name)) continue;
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(input);
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  async function press(form, button) {
    const made = pressFrom(form, button);
    presses.push(made);
    pressedHere.set(made.key, { at: Date.now(), form });
    paint();
    button?.setAttribute("aria-busy", "true");
    try {
      made.order = await store.keep(made);
    } catch {
      presses = presses.filter((one) => one !== made);
      return pressPlainly(form, made);
    }
    if (form.dataset.again) await letGo(form.dataset.again);
    window.setTimeout(paint, CALM);
    await send();
    await askForSync();
    // A whole form filled in without a line: back to the page that says that it is not sent.
    const isStillHere = presses.some((one) => one.key === made.key && one.state === "waiting");
    if (made.back && isStillHere) location.assign(made.back);
  }

  function answered(key, answer) {
    const made = presses.find((one) => one.key === key);
    if (!made) return;
    const here = pressedHere.get(key);
    const isHere = here && Date.now() - here.at < HERE;
    hasEnded = answer.kind === "ended";
    if (answer.kind === "done") {
      made.state = "done";
      pressedHere.delete(key);
      if (isHere && new URL(answer.url, location.href).pathname !== location.pathname) {
        window.sessionStorage.setItem(SAID, answer.message);
        return location.assign(answer.url);
      }
      if (!QUIET.includes(made.what)) toast("success", answer.message);
    } else if (answer.kind === "refused") {
      made.state = "refused";
      made.said = answer.message;
      if (isHere) refusedHere(made, here.form, answer);
    } else {
      made.tries += 1;
    }
    for (const busy of document.querySelectorAll("form[data-press] .btn[aria-busy]")) busy.removeAttribute("aria-busy");
    paint();
  }

  // Who pressed it still stands there: say it, and keep nothing.
  async function refusedHere(made, form, answer) {
    presses = presses.filter((one) => one !== made);
    await store.remove(made).catch(() => {});
    if (answer.status === 422 && form.isConnected) return pressPlainly(form, { ...made, fields: [] });
    toast("error", answer.message || words.refusedPlainly);
    paint();
  }

  async function send() {
    const ended = await store.sendAll(line(), (made, answer) => answered(made.key, answer)).catch(() => "away");
    if (ended === "sent") hasEnded = false;
    if (live && window.htmx && presses.some((one) => one.state === "done")) window.htmx.trigger(live, "refresh");
    else await reread();
  }

  async function askForSync() {
    if (!presses.some(isLate)) return;
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.sync?.register("presses").catch(() => {});
  }

  // A second tap on the same spot is the first one's: the page has folded up meanwhile, and another button lies there.
  const SAME_TAP = 1000;
  let tap = {};
  let before = {};
  let heeded = null;
  let heededForm = null;
  document.addEventListener(
    "pointerdown",
    (event) => {
      before = tap;
      tap = { at: Date.now(), x: event.clientX, y: event.clientY };
    },
    true,
  );

  // Where nothing folds up under the finger ([data-steady]: a list that is ticked fast) the next row is no echo.
  function isEcho(form) {
    const isSame = !("steady" in form.dataset) || form === heededForm;
    const isSecond = isSame && heeded !== null && heeded === before && tap.at - before.at < SAME_TAP;
    heededForm = form;
    if (isSecond && Math.hypot(tap.x - before.x, tap.y - before.y) < 60) {
      heeded = tap; // and a third is no first
      return true;
    }
    heeded = tap;
    return false;
  }

  const isWaiting = () => presses.some((one) => one.state === "waiting");
  const sendWaiting = () => (isWaiting() ? send() : undefined);

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target.closest?.("form[data-press]");
      if (!form) return;
      if (!form.checkValidity()) {
        // The server says it best, beside each field; without a line the browser does.
        if (navigator.onLine && !page.dataset.kept) return;
        form.reportValidity();
      } else if (isEcho(form)) {
        // nothing
      } else if ("needsLine" in form.dataset && !navigator.onLine) {
        toast("error", words.needsLine);
      } else {
        if (form.dataset.press === "help" && !navigator.onLine) toast("error", words.helpNeedsLine);
        press(form, event.submitter);
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  async function letGo(key) {
    const gone = presses.find((one) => one.key === key);
    if (!gone) return;
    presses = presses.filter((one) => one !== gone);
    await store.remove(gone).catch(() => {});
    paint();
  }

  document.addEventListener("click", async (event) => {
    const drop = event.target.closest("[data-drop]");
    if (drop) await letGo(drop.dataset.drop);
    if (event.target.closest("[data-send]")) send();
  });

  store.heard?.addEventListener("message", ({ data }) => {
    answered(data.key, data.answer);
    reread();
  });
  window.addEventListener("online", sendWaiting);
  document.addEventListener("visibilitychange", () => document.hidden || sendWaiting());
  window.setInterval(() => (isWaiting() ? send() : reread()), EVERY);

  // -- the page that changes by itself -------------------------------------------------------------------------------

  document.addEventListener("htmx:afterSwap", paint);
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    if (xhr.getResponseHeader("X-Server-Now") === null || ![200, 304].includes(xhr.status)) return;
    presses = presses.filter((one) => one.state !== "done");
    if (page.dataset.kept) {
      delete page.dataset.kept;
      asOf.hidden = true;
    }
    paint();
    sendWaiting();
    if (xhr.status === 200) keepPages();
  });

  // -- what can be read without a network ----------------------------------------------------------------------------

  async function toWorker(message) {
    const registration = await navigator.serviceWorker?.ready;
    registration?.active?.postMessage(message);
  }

  // What is no alert is kept by itself, on its own page; alerts along with the list of tasks.
  function keepPages() {
    if (!document.querySelector("[data-live], [data-pocket]") || page.dataset.kept) return;
    const paths = (links) => [...links].map((link) => new URL(link.href).pathname);
    const closing = paths(document.querySelectorAll('a[href$="/close/"]'));
    if (location.pathname === "/tasks/") {
      const cards = paths(live.querySelectorAll("a[data-main]"));
      toWorker({ keep: { now: [location.pathname], also: [...cards, ...cards.map((path) => `${path}close/`)], all: "/alerts/" } });
    } else if (!location.pathname.startsWith("/alerts/")) {
      toWorker({ keep: { now: [location.pathname] } });
    } else {
      // Along with it the list: what was accepted or closed here must stand there as it is.
      toWorker({ keep: { now: [location.pathname, "/tasks/"], also: closing } });
    }
  }

  async function forgetPages() {
    for (const name of ["shouwang-pages"]) await window.caches?.delete(name);
  }

  async function register() {
    if (!("serviceWorker" in navigator) || !document.querySelector("[data-pocket]")) return;
    await navigator.serviceWorker.register(workerUrl, { scope: "/" });
    if (window.localStorage.getItem("shouwang.language") !== language) {
      window.localStorage.setItem("shouwang.language", language);
      toWorker({ speak: language });
    }
    keepPages();
  }

  // -- whose phone it is ---------------------------------------------------------------------------------------------

  async function knowOwner() {
    if (window.localStorage.getItem(OWNER) !== String(user)) {
      await forgetPages();
      window.localStorage.setItem(OWNER, String(user));
    }
  }

  async function logOut(form) {
    if (isWaiting()) {
      await Promise.race([send(), new Promise((resolve) => window.setTimeout(resolve, 4000))]);
      await reread();
      if (isWaiting() && !window.confirm(words.leave)) return;
    }
    await store.forget(user).catch(() => {});
    await forgetPages();
    window.localStorage.removeItem(OWNER);
    HTMLFormElement.prototype.submit.call(form);
  }

  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== logoutUrl) return;
    event.preventDefault();
    logOut(event.target);
  });

  // A form that came too late, or was refused for something in it, is filled in again as it was.
  function fillInAgain() {
    const again = presses.find((one) => one.key === new URLSearchParams(location.search).get("again"));
    const form = again && document.querySelector(`form[data-press="${again.what}"][action="${again.action}"]`);
    if (!form) return;
    const filled = new Map(again.fields);
    for (const element of form.elements) {
      if (!element.name || element.type === "hidden") continue;
      if (["radio", "checkbox"].includes(element.type)) element.checked = filled.get(element.name) === element.value;
      else if (filled.has(element.name)) element.value = filled.get(element.name);
    }
    form.dataset.dirty = "";
    form.dataset.again = again.key;
  }

  // On the closing form: what was pressed and is still on its way counts as done.
  function fillIn() {
    const form = document.querySelector('form[data-press="close"]');
    const pk = location.pathname.match(/^\/alerts\/(\d+)\/close\/$/)?.[1];
    if (!form || !pk) return;
    for (const one of presses.filter((press) => homeOf(press.action) === `/alerts/${pk}/` && press.isMain)) {
      const confirmation = one.place.replace("#step-", "");
      const done = form.querySelector(`input[name="${confirmation}_how"][value="done"]`);
      if (done && one.what === "deed") done.checked = true;
    }
    // A page that was kept knows nothing of what was chosen on the way to it.
    const outcome = new URLSearchParams(location.search).get("outcome");
    const chosen = [...form.querySelectorAll('input[name="outcome"]')].find((one) => one.value === outcome);
    if (chosen && !form.querySelector('input[name="outcome"]:checked')) chosen.checked = true;
  }

  const said = window.sessionStorage.getItem(SAID);
  if (said) {
    window.sessionStorage.removeItem(SAID);
    toast("success", said);
  }
  paintAge();
  knowOwner()
    .then(reread)
    .then(fillIn)
    .then(fillInAgain)
    .then(sendWaiting)
    .then(register)
    .catch(() => {});
})();
