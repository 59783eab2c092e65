// The service worker. `told` stands before this, from the server: the version of the pages' own files, which of them are kept, and
// the page for when there is no network. Kept are those files alone, never a page or anything of a person's.

const PREFIX = "belcanto-files-";
const KEPT = PREFIX + told.version;

async function keep() {
  const cache = await caches.open(KEPT);
  // without cookies: what comes is the same for everybody
  await cache.addAll([told.offline, ...told.files].map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
  await self.skipWaiting();
}

async function begin() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== KEPT) await caches.delete(name);
  }
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

/** A page comes from the network, always; without one, the page that says so. */
async function page(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (error) {
    return (await caches.match(told.offline, { cacheName: KEPT })) || Response.error();
  }
}

/** One of the pages' own files: from the network, which answers that nothing changed, else as it was kept. */
async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await caches.match(request, { cacheName: KEPT, ignoreVary: true })) || Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("fetch", (event) => {
  // whatever sends something goes past here, so that the server sees where it truly comes from (Sec-Fetch-Site)
  if (event.request.method !== "GET") return;
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (told.folders.some((folder) => url.pathname.startsWith(folder))) event.respondWith(file(event.request));
});

self.addEventListener("push", (event) => {
  const said = event.data?.json();
  if (!said) return;
  event.waitUntil(self.registration.showNotification(said.title, { body: said.body, tag: said.tag, data: said.url, icon: told.icon }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

/** The page, in a window that shows it already, else in a new one. */
async function show(url) {
  const wanted = new URL(url, self.registration.scope).href;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((each) => each.url === wanted);
  return open ? open.focus() : self.clients.openWindow(wanted);
}
