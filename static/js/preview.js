// Three seconds of the film before it is ordered: asked for with the form as it stands, looked for until they are there, and
// played. Each click counts for what is set then; what an older one brings is not shown any more.
import { answerOf, ask, texts } from "./common.js";

const LOOK_AGAIN_MS = 300;
const AHEAD_AGAIN_MS = 1000;
/** What is changed here is seen at once, where a preview is made quickly; after so long without a further change. */
const SEEN_AT_ONCE = ["expressiveness", "head_motion", "style"];
const SETTLED_MS = 600;
const UNDER_WAY = ["queued", "running"];

class Preview {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.said = box.querySelector("[data-said]");
    this.bar = box.querySelector("progress");
    this.video = box.querySelector("[data-now]");
    this.before = box.querySelector("[data-before]");
    this.place = box.querySelector("[data-place]"); // the picture stands where the film comes
    this.quick = false;
    this.stages = JSON.parse(box.dataset.stages);
    this.clicks = 0;
    this.sent = Promise.resolve();
    this.preview = null;
    box.querySelector("[data-show]").addEventListener("click", () => this.show());
    this.form.querySelector("[data-show-so]")?.addEventListener("click", () => { // below the options, which may be long
      box.scrollIntoView({ block: "nearest" });
      this.show();
    });
    for (const kind of ["input", "change"]) this.form.addEventListener(kind, (event) => this.changed(event.target.name));
    this.form.addEventListener("click", (event) => { // key points come and go by buttons
      if (event.target.closest("[data-curve]")) this.changed();
    });
    window.addEventListener("pagehide", () => this.letGo());
    this.beginAhead();
  }

  /** Have the song heard and the picture prepared while the person still reads, so that a click has its three seconds soon. */
  async beginAhead() {
    try {
      this.sent = this.send({ ahead: "on" });
      const preview = await this.sent;
      if (this.clicks || !preview) return;
      this.preview = preview;
      this.quick = true;
      await this.showWhenMade(preview);
    } catch {
      if (!this.clicks) this.pulse(false); // nobody has asked yet; whoever does is told what is wrong
    }
  }

  /** What was begun ahead is shown as soon as it is there, without sound, unless somebody has asked meanwhile. */
  async showWhenMade(begun) {
    let preview = begun;
    this.pulse(true);
    while (!this.clicks && UNDER_WAY.includes(preview.state)) {
      await new Promise((resolve) => setTimeout(resolve, AHEAD_AGAIN_MS));
      if (!this.clicks) preview = await ask("GET", preview.links.self);
    }
    if (!this.clicks) this.pulse(false);
    if (this.clicks || preview.state !== "done") return;
    this.preview = preview;
    this.play(preview, true);
  }

  async show(silent = false) {
    clearTimeout(this.soon);
    this.clicks += 1;
    const click = this.clicks;
    const isNewest = () => click === this.clicks;
    this.tell(texts.preview_begins);
    this.bar.hidden = false;
    this.bar.removeAttribute("value");
    this.pulse(true);
    try {
      const before = this.sent;
      this.sent = before.then(() => (isNewest() ? this.send() : null), () => (isNewest() ? this.send() : null));
      let preview = await this.sent;
      while (isNewest() && UNDER_WAY.includes(preview.state)) {
        this.preview = preview;
        this.follow(preview);
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        if (isNewest()) preview = await ask("GET", preview.links.self);
      }
      if (!isNewest()) return;
      this.preview = preview;
      if (preview.state === "done") this.play(preview, silent);
      else this.tell(preview.error || texts.preview_stopped, true);
    } catch (error) {
      if (!isNewest()) return;
      this.preview = null;
      this.tell(error.answer ? error.message : error.status ? texts.preview_refused : texts.failed_to_ask, true);
    }
    this.bar.hidden = true;
    this.pulse(false);
  }

  /** Whether three seconds are on their way: the place where they come says so. */
  pulse(coming) {
    for (const shown of [this.place, this.video]) shown.classList.toggle("coming", coming);
  }

  async send(more = {}) {
    const body = new FormData(this.form);
    for (const [name, value] of Object.entries(more)) body.append(name, value);
    const options = { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" };
    return answerOf(await fetch(this.box.dataset.preview, options));
  }

  follow(preview) {
    const running = preview.state === "running" && preview.stage;
    this.tell(running ? this.stages[preview.stage] || texts.preview_begins : preview.state === "queued" ? texts.queue : texts.preview_begins);
    if (running && preview.total) this.bar.value = preview.done / preview.total;
    else this.bar.removeAttribute("value");
  }

  play(preview, silent) {
    if (this.kept && this.file !== preview.links.file) this.kept.then((film) => this.putBeside(film), () => {});
    this.file = preview.links.file;
    this.kept = fetch(this.file, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.blob() : Promise.reject(answer)));
    this.kept.catch(() => {}); // then there is nothing to put beside the next one
    this.video.muted = silent;
    this.video.loop = silent;
    this.tell([...preview.notes].reverse().join(" ")); // which seconds it shows was found last
    this.video.src = preview.links.file;
    this.video.addEventListener("loadeddata", () => { // it has its size, and is put where the picture stood
      this.video.closest("figure").hidden = false;
      this.video.hidden = false;
      this.place.hidden = true;
    }, { once: true });
    this.shown = true;
    this.video.play().catch(() => {}); // a browser that plays nothing by itself has the controls
  }

  /** The last preview goes beside the new one; the server has let go of it by then. */
  putBeside(film) {
    if (this.before.src) URL.revokeObjectURL(this.before.src);
    this.before.src = URL.createObjectURL(film);
    this.before.closest("figure").hidden = false;
    this.box.querySelector("[data-now-words]").hidden = false;
  }

  /** What is shown is not what is set any more. */
  changed(name) {
    if (this.quick && SEEN_AT_ONCE.includes(name)) {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.show(true), SETTLED_MS);
      return;
    }
    if (!this.shown || !this.bar.hidden) return;
    this.shown = false;
    this.tell(texts.preview_changed);
  }

  tell(words, wrong = false) {
    if (this.said.textContent !== words) this.said.textContent = words; // said aloud only when it changes
    this.said.classList.toggle("wrong", wrong);
  }

  /** Nobody looks any more. */
  letGo() {
    if (this.preview) fetch(this.preview.links.self, { method: "DELETE", keepalive: true, credentials: "same-origin" });
    this.preview = null;
  }
}

for (const box of document.querySelectorAll("[data-preview]")) new Preview(box);
