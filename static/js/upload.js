// Drag and drop, and uploads that go on where they stopped, through the API's `uploads`.
import { answerOf, api, ask, awaitLook, say, texts } from "./common.js";

const CHUNK_BYTES = 4 * 1024 * 1024;
const TRIES = 6;
const PASSING = [409, 429, 500, 502, 503, 504, 507];

class Uploader {
  constructor(zone) {
    this.zone = zone;
    this.form = zone.closest("form");
    this.input = zone.querySelector("input[type=file]");
    this.kind = zone.dataset.kind;
    this.limit = Number(zone.dataset.limit);
    this.box = zone.querySelector("[data-upload-state]");
    this.bar = this.box.querySelector("progress");
    this.message = this.box.querySelector("[data-upload-message]");
    this.problem = zone.querySelector("[data-upload-problem]");
    this.pick = zone.querySelector(".pick");
    this.input.addEventListener("change", () => this.input.files[0] && this.start(this.input.files[0]));
    zone.addEventListener("give", (event) => !this.busy && this.start(event.detail)); // what was recorded in the page
    zone.querySelector("[data-choose]").addEventListener("click", () => this.input.click());
    zone.querySelector("[data-take]")?.addEventListener("click", () => this.takeByCamera());
    this.box.querySelector("[data-stop]").addEventListener("click", () => this.stop());
    this.listenForDrops();
  }

  /** A telephone's own camera, which faces the person, instead of its files. */
  takeByCamera() {
    const offered = this.input.accept;
    this.input.accept = this.kind === "picture" ? "image/*" : "video/*";
    this.input.setAttribute("capture", "user");
    this.input.click();
    this.input.removeAttribute("capture");
    this.input.accept = offered;
  }

  listenForDrops() {
    let depth = 0;
    const over = (on) => this.zone.classList.toggle("over", on);
    // the whole page takes the file, so that one dropped beside the field does not replace the page
    document.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; over(true); });
    document.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) over(false); });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      const file = event.dataTransfer?.files[0];
      if (file && !this.busy) this.start(file);
    });
  }

  key(file) {
    return `belcanto-upload:${this.kind}:${file.name}:${file.size}:${file.lastModified}`;
  }

  async start(file) {
    this.busy = true;
    this.stopped = new AbortController();
    this.problem.hidden = true;
    if (!file.size) {
      this.fail(texts.empty);
      return;
    }
    if (this.limit && file.size > this.limit) {
      this.fail(say("too_large", { limit: this.zone.dataset.limitText }));
      return;
    }
    this.box.hidden = false;
    this.pick.hidden = true;
    this.show(0, file.size);
    try {
      const upload = await this.begin(file);
      const item = await this.finish(file, upload);
      localStorage.removeItem(this.key(file));
      const next = new URL(window.location.href);
      next.search = this.zone.dataset.keep;
      next.searchParams.set(this.kind, item.id);
      window.location.assign(next);
    } catch (error) {
      if (error.name === "AbortError") return;
      // what passes (a full disk, a limit, too much to do) leaves the upload whole: choosing the file again only finishes it
      if (error.status && !PASSING.includes(error.status)) localStorage.removeItem(this.key(file));
      this.fail(error.status ? error.message : texts.failed);
    }
  }

  async begin(file) {
    const stored = localStorage.getItem(this.key(file));
    if (stored) {
      try {
        return await ask("GET", `uploads/${stored}`);
      } catch (error) {
        if (!error.status) throw error;
      }
    }
    const upload = await ask("POST", "uploads", { kind: this.kind, file_name: file.name, size_bytes: file.size });
    localStorage.setItem(this.key(file), upload.id);
    this.upload = upload;
    return upload;
  }

  /** Send what lacks, and have it looked at; where the server has lost some of it meanwhile, once more from there. */
  async finish(file, upload) {
    for (let tries = 0; ; tries += 1) {
      await this.send(file, upload);
      this.message.textContent = texts.checking;
      this.bar.removeAttribute("value");
      try {
        return await this.look(upload);
      } catch (error) {
        if (error.answer?.received_bytes === undefined || tries >= TRIES) throw error;
        upload = { ...upload, received_bytes: error.answer.received_bytes };
      }
    }
  }

  async send(file, upload) {
    this.upload = upload;
    let offset = upload.received_bytes;
    let failures = 0;
    while (offset < file.size) {
      this.show(offset, file.size);
      try {
        offset = await this.sendChunk(file, upload, offset);
        failures = 0;
      } catch (error) {
        if (error.name === "AbortError" || error.status) throw error;
        failures += 1;
        if (failures >= TRIES) throw error;
        this.message.textContent = texts.retrying;
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures));
        offset = (await ask("GET", `uploads/${upload.id}`)).received_bytes;
      }
    }
    this.show(file.size, file.size);
  }

  async sendChunk(file, upload, offset) {
    const response = await fetch(`${api}/uploads/${upload.id}`, {
      method: "PATCH",
      headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
      body: file.slice(offset, offset + CHUNK_BYTES),
      credentials: "same-origin",
      signal: this.stopped.signal,
    });
    if (response.status === 409 && response.headers.has("Upload-Offset")) return Number(response.headers.get("Upload-Offset"));
    await answerOf(response);
    return Number(response.headers.get("Upload-Offset") ?? Math.min(offset + CHUNK_BYTES, file.size));
  }

  /** Have the file looked at; gives `{ id }` of the song or picture. */
  async look(upload) {
    const answer = await ask("POST", `uploads/${upload.id}/finish`, {});
    if (!answer.state) return answer;
    const show = (words) => (this.message.textContent = words || texts.checking);
    const look = await awaitLook(answer.links.self, show, () => !this.stopped.signal.aborted);
    return { id: look.result_id };
  }

  show(done, total) {
    const percent = total ? Math.floor((100 * done) / total) : 0;
    this.bar.value = percent;
    this.message.textContent = say("uploading", { percent });
  }

  stop() {
    this.stopped.abort();
    if (this.upload) ask("DELETE", `uploads/${this.upload.id}`).catch(() => {});
    this.reset();
  }

  fail(sentence) {
    this.reset();
    this.problem.textContent = sentence;
    this.problem.hidden = false;
    this.problem.scrollIntoView({ block: "nearest" });
  }

  reset() {
    this.busy = false;
    this.box.hidden = true;
    this.pick.hidden = false;
    this.input.value = "";
  }
}

for (const zone of document.querySelectorAll(".drop[data-kind]")) new Uploader(zone);
