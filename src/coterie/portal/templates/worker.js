// Keeps the card at hand where there is no network: the last seen home page and what it is drawn
// with stay on this phone until the member signs out. Nothing else is kept.
const SHELL = "me-shell";
const CARD = "me-card";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add("/me/offline")));
  self.skipWaiting();
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fromNetworkFirst(request, name, keep) {
  try {
    const answer = await fetch(request);
    if (keep(answer)) (await caches.open(name)).put(request.url, answer.clone());
    return answer;
  } catch {
    return await caches.match(request.url) ?? await caches.match("/me/offline");
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/me/leave") {
    event.waitUntil(caches.delete(CARD));
    return;
  }
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/brand")) {
    event.respondWith(caches.match(request.url).then((kept) => kept ?? fromNetworkFirst(
      request, SHELL, (answer) => answer.ok)));
  } else if (request.mode === "navigate" && url.pathname.startsWith("/me")) {
    const home = url.pathname === "/me" && !url.search;
    event.respondWith(fromNetworkFirst(request, CARD,
      (answer) => home && answer.ok && !answer.redirected));
  }
});
