// The service worker of the quick count: the page and its files come from the browser where the network does not answer.
// Reports are not its work: they wait in the page's outbox.

const PATIENCE_MS = 4000;

self.addEventListener("install", () => void /** @type {any} */ (self).skipWaiting());
self.addEventListener("activate", (event) => /** @type {any} */ (event).waitUntil(/** @type {any} */ (self).clients.claim()));

self.addEventListener("fetch", (found) => {
  const event = /** @type {any} */ (found);
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(kept(event.request).then((hit) => hit ?? fetch(event.request)));
  else if (event.request.mode === "navigate" && url.pathname === "/quick") event.respondWith(page(event.request));
});

/** @param {Request} request */
async function page(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: stop.signal });
  } catch (error) {
    const hit = await kept("/quick");
    if (hit) return hit;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Request | string} request */
async function kept(request) {
  const cache = await caches.open("gatewatch-quick");
  return cache.match(request, { ignoreSearch: true, ignoreVary: true });
}
