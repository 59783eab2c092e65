// Notices when a film is ready, also where no page is open: the browser is asked, then the server told where to send them.

/** The server's key as browsers want it. */
function bytesOf(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

class Notices {
  constructor(box) {
    this.box = box;
    this.ask = box.querySelector("[data-ask]");
    this.end = box.querySelector("[data-end]");
    this.said = box.querySelector("[data-said]");
    this.ask.addEventListener("click", () => this.begin());
    this.end.addEventListener("click", () => this.stop());
  }

  async show() {
    const registration = await navigator.serviceWorker.ready;
    this.manager = registration.pushManager;
    this.is(await this.manager.getSubscription());
    this.box.hidden = false;
  }

  is(subscription) {
    this.ask.hidden = Boolean(subscription);
    this.end.hidden = !subscription;
    this.said.textContent = subscription ? this.box.dataset.on : "";
  }

  async begin() {
    if ((await Notification.requestPermission()) !== "granted") {
      this.said.textContent = this.box.dataset.refused;
      return;
    }
    try {
      const wanted = { userVisibleOnly: true, applicationServerKey: bytesOf(this.box.dataset.key) };
      const subscription = await this.manager.subscribe(wanted);
      const { endpoint, keys } = subscription.toJSON();
      if (await this.tell(this.box.dataset.notices, { endpoint, ...keys })) {
        this.is(subscription);
        this.end.focus();
        return;
      }
      await subscription.unsubscribe();
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    }
    this.said.textContent = this.box.dataset.failed;
  }

  async stop() {
    const subscription = await this.manager.getSubscription();
    if (subscription) {
      await this.tell(this.box.dataset.endNotices, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    this.is(null);
    this.ask.focus();
  }

  /** Whether the server took it. */
  async tell(address, fields) {
    const body = new URLSearchParams(fields);
    const headers = { "X-CSRFToken": this.box.dataset.token };
    return (await fetch(address, { method: "POST", body, headers, credentials: "same-origin" })).ok;
  }
}

if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  for (const box of document.querySelectorAll("[data-notices]")) new Notices(box).show();
}
