// One session with the avatar, by the API: opened, followed by its events, spoken to, ended.
import { api, ask } from "./common.js";

const KINDS = ["state", "heard", "caption", "feeling", "quality", "note", "ended"];
const LOOK_MS = 1000;

export class LiveSession extends EventTarget {
  /** Have one opened. Throws an Error with the API's sentence where it is refused. */
  static async open(order) {
    return new LiveSession(await ask("POST", "live/sessions", order));
  }

  constructor(opened) {
    super();
    this.id = opened.session;
    this.links = opened.links;
    this.over = false;
    this.newest = -1;
    this.follow();
    this.leave = () => this.close();
    window.addEventListener("pagehide", this.leave);
  }

  tell(kind, detail) {
    if (this.over) return;
    if (kind === "ended") this.stop();
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** The events broke off: the browser comes back by itself, unless the session is gone. */
  async lose() {
    this.tell("lost", {});
    if (this.source.readyState !== EventSource.CLOSED) return;
    try {
      await ask("GET", this.links.self);
    } catch (error) {
      if (error.status === 404) this.tell("ended", { message: "" });
      else if (!this.over) setTimeout(() => this.lose(), 3000);
      return;
    }
    if (!this.over) setTimeout(() => this.follow(), LOOK_MS);
  }

  /** Listen to its events; what has happened already comes first. */
  follow() {
    this.source?.close();
    this.source = new EventSource(this.links.events);
    for (const kind of KINDS) this.source.addEventListener(kind, (event) => this.hear(kind, event));
    this.source.addEventListener("error", (event) => {
      if (event.data) this.hear("trouble", event); // the avatar's own, not the connection's
      else if (!this.over) this.lose();
    });
    this.source.addEventListener("open", () => this.tell("found", {}));
  }

  /** An event by its number: none is told twice, however often the connection begins anew. */
  hear(kind, event) {
    const number = Number(event.lastEventId || this.newest + 1);
    if (number <= this.newest) return;
    this.newest = number;
    this.tell(kind, JSON.parse(event.data));
  }

  /** Wait until it can be seen; `show` is called with the seconds that this takes. Throws with the reason where it never will. */
  async ready(show) {
    const begun = performance.now();
    while (!this.over) {
      const told = await ask("GET", this.links.self);
      if (told.failed) throw new Error(told.failed);
      if (told.ready) return told;
      show(Math.round((performance.now() - begun) / 1000));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new DOMException("ended", "AbortError");
  }

  say(text) {
    return ask("POST", `live/sessions/${this.id}/say`, { text });
  }

  interrupt() {
    return ask("POST", `live/sessions/${this.id}/interrupt`);
  }

  record(on) {
    return ask(on ? "POST" : "DELETE", `live/sessions/${this.id}/recording`);
  }

  transcript() {
    return ask("GET", `live/sessions/${this.id}/transcript`);
  }

  address(name) {
    return `${api}/live/sessions/${this.id}/${name}`;
  }

  stop() {
    this.over = true;
    this.source.close();
    window.removeEventListener("pagehide", this.leave);
  }

  /** End it; the page may be on its way out. */
  close() {
    if (this.over) return;
    this.stop();
    fetch(this.links.self, { method: "DELETE", keepalive: true, credentials: "same-origin" }).catch(() => {});
  }
}
