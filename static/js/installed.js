// Registers the service worker where there can be one: browsers allow it on https:// and on this computer alone.

const told = document.querySelector("script[data-worker]").dataset;
if ("serviceWorker" in navigator) {
  addEventListener("load", () => {
    navigator.serviceWorker.register(told.worker, { scope: told.scope }).catch(() => {}); // pages work without it
  });
}
