"use strict";
// An informant's report on bad reception: the press has a key of its own, is kept on this phone until the server has it
// (photo and all), and is sent again by itself. Without this script the form goes the plain way, key and all.
(() => {
  const form = document.querySelector("form[data-inform]");
  const told = document.getElementById("kept");
  if (!form || !("indexedDB" in self)) return;
  const NAME = "shouwang-inform";
  const STORE = "reports";
  const KEPT = 3 * 24 * 3600 * 1000; // the server believes no older press
  const EVERY = 10000;
  const MOST = 20;
  const PATIENCE = 30000;
  const LONGEST_SIDE = 1600; // as the server keeps it: nothing larger need go through a stairwell's line
  const here = location.pathname;
  let isSending = false;

  function inStore(mode, work) {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      };
    });
  }

  // What waits to be sent from this page, in the order in which it was pressed.
  const read = async () => (await inStore("readonly", (store) => store.get(here))) ?? [];
  const keep = (reports) => inStore("readwrite", (store) => store.put(reports, here));
  const letGo = async (report) => keep((await read()).filter((one) => one.id !== report.id));

  function say(words) {
    told.hidden = !words;
    told.textContent = words;
  }

  // The photo as the server would make it; what the browser cannot draw goes as it is.
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
      return made && made.size < file.size ? made : file;
    } catch {
      return file;
    }
  }

  async function made() {
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const file = form.querySelector("input[type=file]").files[0];
    const at = Date.now();
    return { id: `${at}.${Math.random()}`, fields, photo: file ? await smaller(file) : null, at };
  }

  async function post(report) {
    const body = new FormData();
    for (const [name, value] of report.fields) body.set(name, value);
    body.set("pressed_at", String(report.at));
    if (report.photo) body.set("photo", report.photo, "photo.jpg");
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      return await fetch(here, { method: "POST", headers: { Accept: "application/json" }, body, signal: patience.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  function fillIn(report) {
    for (const [name, value] of report.fields) {
      for (const field of form.querySelectorAll(`[name="${name}"]`)) {
        if (field.type === "radio") field.checked = field.value === value;
        else if (field.type !== "file") field.value = value;
      }
    }
  }

  // Whether the next may follow: "sent", or why not.
  async function sendOne(report) {
    const response = await post(report);
    const said = await response.json().catch(() => null);
    if (response.ok && said?.ok) {
      await letGo(report);
      return "sent";
    }
    if ([404, 409, 413, 422].includes(response.status)) {
      await letGo(report);
      fillIn(report); // nothing typed is lost
      say(response.status === 404 ? told.dataset.gone : `${told.dataset.refused} ${said?.message ?? ""}`);
      return "refused";
    }
    say(said?.message || told.dataset.kept);
    return "later";
  }

  async function send() {
    if (isSending) return;
    isSending = true;
    let ended = "";
    try {
      const fresh = (await read()).filter((report) => Date.now() - report.at < KEPT);
      for (const report of fresh) {
        ended = await sendOne(report);
        if (ended !== "sent") break;
      }
    } catch {
      say(told.dataset.kept);
    } finally {
      isSending = false;
      form.querySelector("button[type=submit]").removeAttribute("aria-busy");
    }
    if (ended === "sent") location.assign(`${here}?sent=1`);
  }

  form.addEventListener("submit", async (event) => {
    if (!form.checkValidity() && navigator.onLine) return; // the server says it beside each field
    event.preventDefault();
    if (!form.reportValidity()) return;
    const button = form.querySelector("button[type=submit]");
    if (button.hasAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    say(told.dataset.sending);
    try {
      const waiting = await read();
      const report = await made();
      // The same words again are the same press; other words are another report beside it.
      const isSame = waiting.some((one) => JSON.stringify(one.fields) === JSON.stringify(report.fields));
      if (!isSame) await keep([...waiting, report].slice(-MOST));
    } catch {
      return HTMLFormElement.prototype.submit.call(form); // no place to keep it: the plain way
    }
    await send();
  });

  read().then((waiting) => {
    if (!waiting.length) return;
    say(told.dataset.kept);
    send();
  }, () => {});
  window.addEventListener("online", send);
  window.setInterval(send, EVERY);
})();
