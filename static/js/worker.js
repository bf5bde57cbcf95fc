"use strict";
// What lets the pocket be read without a network. Keeps the files of the look, and, of the pages, only those that the
// server marks as the reader's own work (docs/decisions/what-the-phone-keeps.md). Everything else goes straight through.
(() => {
  const { version, assets, offlineUrl, whoUrl, loginUrl, tasksUrl } = self.shell;
  const LOOK = `shouwang-look-${version}`;
  const PAGES = "shouwang-pages";
  const SHIFT = 12 * 3600 * 1000; // as long as a session lasts
  const PATIENCE = 3000;
  const FRESH = 60000;
  const NEVER_CHANGES = /^\/static\/(vendor\/[^/]+-\d[^/]*\/|.*\.[0-9a-f]{12}\.\w+$)/;

  self.addEventListener("install", (event) => {
    self.skipWaiting();
    event.waitUntil(
      caches.open(LOOK).then((look) => Promise.allSettled([...assets, offlineUrl].map((address) => look.add(address)))),
    );
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil(
      caches
        .keys()
        .then((names) => names.filter((name) => name.startsWith("shouwang-look-") && name !== LOOK))
        .then((old) => Promise.all(old.map((name) => caches.delete(name))))
        .then(() => self.clients.claim()),
    );
  });

  function within(milliseconds, promise) {
    return Promise.race([
      promise,
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too slow")), milliseconds)),
    ]);
  }

  async function ofTheLook(request) {
    const look = await caches.open(LOOK);
    const kept = await look.match(request, { ignoreVary: true });
    if (kept && NEVER_CHANGES.test(new URL(request.url).pathname)) return kept;
    try {
      return await (kept ? within(PATIENCE, fetch(request)) : fetch(request));
    } catch (error) {
      if (kept) return kept;
      throw error;
    }
  }

  async function keptPage(path) {
    const pages = await caches.open(PAGES);
    const page = await pages.match(path, { ignoreVary: true });
    if (page && Date.now() - Number(page.headers.get("X-Kept-At")) < SHIFT) return page;
    if (page) await pages.delete(path, { ignoreVary: true });
    return undefined;
  }

  // A page out of the drawer says of when it is, and its clocks start from the right time all the same.
  async function asOfThen(page) {
    const age = Date.now() - Number(page.headers.get("X-Kept-At"));
    const html = (await page.text()).replace(/ data-now="(\d+)"/, (_all, then) => {
      return ` data-kept="${then}" data-now="${Number(then) + age}"`;
    });
    return new Response(html, { status: 200, headers: page.headers });
  }

  async function read(request) {
    const path = new URL(request.url).pathname;
    const kept = await keptPage(path);
    try {
      const page = await (kept ? within(PATIENCE, fetch(request)) : fetch(request));
      // Whoever sees the log-in is not logged in: what was kept for them goes.
      if (path === loginUrl && page.ok) await caches.delete(PAGES);
      return page;
    } catch {
      if (kept) return asOfThen(kept);
      // The icon on the home screen opens the start, which leads on to the tasks.
      if (path === "/" && (await keptPage(tasksUrl))) return Response.redirect(tasksUrl);
      return (await caches.match(offlineUrl, { ignoreVary: true })) ?? Response.error();
    }
  }

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (request.method !== "GET" || address.origin !== self.location.origin) return;
    if (address.pathname.startsWith("/static/")) event.respondWith(ofTheLook(request));
    else if (request.mode === "navigate") event.respondWith(read(request));
  });

  async function keepPage(path, isFresh) {
    const kept = await keptPage(path);
    if (kept && !isFresh && Date.now() - Number(kept.headers.get("X-Kept-At")) < FRESH) return;
    const response = await fetch(path, { credentials: "same-origin", redirect: "manual", headers: { "X-Keep": "1" } });
    if (response.type === "opaqueredirect") return void (await caches.delete(PAGES)); // the session has ended
    const pages = await caches.open(PAGES);
    if (!response.ok || response.headers.get("X-Phone-May-Keep") !== "1") {
      return void (await pages.delete(path, { ignoreVary: true }));
    }
    const headers = new Headers(response.headers);
    headers.delete("Content-Encoding");
    headers.delete("Content-Length");
    headers.set("X-Kept-At", String(Date.now()));
    await pages.put(path, new Response(await response.text(), { headers }));
  }

  // What is no longer among one's tasks is no longer kept.
  async function keepOnly(paths, beneath) {
    const pages = await caches.open(PAGES);
    for (const request of await pages.keys()) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith(beneath) && !paths.includes(pathname)) await pages.delete(request);
    }
  }

  async function keepAll({ now = [], also = [], all = "" }) {
    if (all) await keepOnly([...now, ...also], all);
    for (const path of now) await keepPage(path, true);
    for (const path of also) await keepPage(path, false);
  }

  self.addEventListener("message", (event) => {
    const { keep, speak } = event.data ?? {};
    if (keep) event.waitUntil(keepAll(keep).catch(() => {})); // no network: what is kept stays
    if (speak) event.waitUntil(caches.open(LOOK).then((look) => look.add(offlineUrl)).catch(() => {}));
  });

  // A note that was pressed opens its alert. A page where somebody may be typing is left alone.
  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const wanted = new URL(event.notification.data?.url ?? "/", self.location.origin);
    event.waitUntil(
      (async () => {
        if (wanted.origin !== self.location.origin) return;
        const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
        const open = pages.find((page) => new URL(page.url).pathname === wanted.pathname);
        await (open ? open.focus() : self.clients.openWindow(wanted.href));
      })(),
    );
  });

  // The line is back and no page may be open: send what was kept, for whoever is logged in.
  self.addEventListener("sync", (event) => {
    if (event.tag !== "presses") return;
    event.waitUntil(
      (async () => {
        const known = await self.shouwangPresses.who(whoUrl);
        if (!known) return;
        const ended = await self.shouwangPresses.sendAll({ user: known.user, token: known.token, whoUrl });
        if (ended === "away") throw new Error("still no line"); // the browser tries again later
      })(),
    );
  });
})();
