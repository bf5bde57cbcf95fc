"use strict";
// The presses that this phone keeps until the server has them: in the order in which they were made, each with its key
// and its own time. Used by the pages (queue.js) and by the worker (worker.js), which sends where no page is open.
self.shouwangPresses = (() => {
  const NAME = "shouwang";
  const STORE = "presses";
  const MOST = 200;
  const KEPT = 3 * 24 * 3600 * 1000; // the server answers the same key the same way for a week
  const PATIENCE = 15000;
  const TRIES = 40; // a server that fails so often at one press will not learn it: the rest goes on without it
  const heard = "BroadcastChannel" in self ? new BroadcastChannel("shouwang.presses") : null;
  let opening = null;
  let sending = null;

  function open() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    opening.catch(() => (opening = null));
    return opening;
  }

  async function inStore(mode, work) {
    const database = await open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  const all = () => inStore("readonly", (store) => store.getAll());
  const put = (press) => inStore("readwrite", (store) => store.put(press));
  const remove = (press) => inStore("readwrite", (store) => store.delete(press.order));

  async function keep(press) {
    const kept = await all();
    if (kept.length >= MOST) throw new Error("too many presses are kept");
    return put(press);
  }

  async function of(user) {
    const kept = await all();
    const old = kept.filter((press) => Date.now() - press.keptAt > KEPT);
    for (const press of old) await remove(press);
    return kept.filter((press) => press.by === user && !old.includes(press));
  }

  async function forget(user) {
    for (const press of await all()) if (press.by === user) await remove(press);
  }

  async function ask(address, options) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      return await fetch(address, { credentials: "same-origin", redirect: "manual", signal: patience.signal, ...options });
    } finally {
      clearTimeout(timer);
    }
  }

  // Who is logged in here, and the token that goes along; nobody where the session has ended.
  async function who(address) {
    const response = await ask(address, { headers: { Accept: "application/json" }, cache: "no-store" });
    return response.ok ? response.json() : null;
  }

  async function post(press, token) {
    const body = new URLSearchParams(press.fields);
    body.set("press", press.key);
    body.set("pressed_at", press.at);
    body.set("pressed_by", press.by);
    return ask(press.action, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body,
    });
  }

  // How the server answered: done, refused (its words), ended (nobody is logged in), or away (try again later).
  async function send(press, line) {
    try {
      let response = await post(press, line.token);
      if (response.status === 403) {
        const known = await who(line.whoUrl);
        if (known?.user === press.by) {
          line.token = known.token;
          response = await post(press, line.token);
        }
      }
      if (response.type === "opaqueredirect" || response.status === 401) return { kind: "ended" };
      const said = await response.json().catch(() => null);
      if (response.ok && said?.ok) return { kind: "done", ...said };
      if (response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status)) {
        return { kind: "refused", status: response.status, message: said?.message ?? "" };
      }
      return { kind: "away", isServer: response.status >= 500 };
    } catch {
      return { kind: "away" };
    }
  }

  function tell(news) {
    heard?.postMessage(news);
  }

  async function drain(line, onAnswer) {
    for (;;) {
      const next = (await of(line.user)).find((press) => press.state === "waiting");
      if (!next) return "sent";
      const answer = await send(next, line);
      if (answer.kind === "done") {
        await remove(next);
      } else if (answer.kind === "refused" || (answer.isServer && next.tries >= TRIES)) {
        await put({ ...next, state: "refused", said: answer.message ?? "" });
      } else {
        await put({ ...next, tries: next.tries + 1 });
      }
      onAnswer(next, answer);
      tell({ key: next.key, answer });
      if (answer.kind === "away" || answer.kind === "ended") return answer.kind;
    }
  }

  // One at a time: in this window by a promise, among windows and the worker by a lock where the browser has locks.
  // Where it has none, the server's memory of keys still carries each out once.
  function sendAll(line, onAnswer = () => {}) {
    sending ??= (
      self.navigator.locks
        ? self.navigator.locks.request("shouwang.presses", () => drain(line, onAnswer))
        : drain(line, onAnswer)
    ).finally(() => (sending = null));
    return sending;
  }

  function newKey() {
    if (self.crypto.randomUUID) return self.crypto.randomUUID();
    const bytes = self.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  return { keep, of, remove, forget, sendAll, who, newKey, heard };
})();
