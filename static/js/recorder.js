// A film of the visitor, recorded in the page: the camera is asked for by a button, what was recorded is looked at, then uploaded.
import { openCamera } from "./camera.js";
import { clock, say, texts } from "./common.js";

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
// the first that the browser can write: VP8 is written in time on weak machines too, MP4 is Safari's
const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const BITS_A_SECOND = 4_000_000;
const COUNT_FROM = 3;
const MOST_S = 60;
const SECOND_MS = 1000;

class Recorder {
  constructor(panel) {
    this.panel = panel;
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    this.preview = this.part("preview");
    this.result = this.part("result");
    for (const [name, act] of Object.entries({ camera: "open", record: "count", finish: "finish", again: "open", use: "use", away: "close" })) {
      this.part(name).addEventListener("click", () => this[act]());
    }
    window.addEventListener("pagehide", () => this.release());
    this.show("closed");
  }

  /** One of `closed`, `open`, `counting`, `recording`, `done`; the button that comes next gets the focus. */
  show(state, next = "") {
    this.state = state;
    const shown = {
      camera: state === "closed",
      sound: state === "closed" || state === "done",
      preview: ["open", "counting", "recording"].includes(state),
      count: state === "counting",
      record: state === "open",
      finish: state === "recording",
      result: state === "done",
      use: state === "done",
      again: state === "done",
      away: state !== "closed",
    };
    for (const [name, on] of Object.entries(shown)) this.part(name).hidden = !on;
    if (next) this.part(next).focus();
  }

  tell(words) {
    this.part("said").textContent = words;
  }

  trouble(words) {
    this.part("problem").textContent = words;
    this.part("problem").hidden = !words;
  }

  async open() {
    this.forget();
    this.trouble("");
    this.tell(texts.camera_asked);
    try {
      this.stream = await this.cameraAndSound();
    } catch (error) {
      this.close();
      this.trouble(texts[error.message] ?? texts.camera_refused);
      return;
    }
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.lose());
    this.preview.srcObject = this.stream;
    await this.preview.play().catch(() => {}); // it plays by itself, unless the page was left meanwhile
    this.show("open", "record");
  }

  /** Where there is no microphone, the camera alone. */
  async cameraAndSound() {
    const wanted = this.part("with-sound").checked;
    try {
      const stream = await openCamera(CAMERA, wanted);
      this.tell(texts.camera_ready);
      return stream;
    } catch (error) {
      if (!wanted || error.message !== "camera_missing") throw error;
      const stream = await openCamera(CAMERA);
      this.tell(texts.camera_without_sound);
      return stream;
    }
  }

  async count() {
    this.show("counting", "away");
    for (let left = COUNT_FROM; left > 0; left -= 1) {
      this.part("count").textContent = String(left);
      this.tell(say("camera_counts", { n: left }));
      await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
      if (this.state !== "counting") return;
    }
    this.record();
  }

  record() {
    const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
    try {
      this.recorder = new MediaRecorder(this.stream, { ...(kind ? { mimeType: kind } : {}), videoBitsPerSecond: BITS_A_SECOND });
    } catch {
      this.close();
      this.trouble(texts.camera_cannot_record);
      return;
    }
    const pieces = [];
    this.recorder.addEventListener("dataavailable", (event) => event.data.size && pieces.push(event.data));
    this.recorder.addEventListener("stop", () => this.state === "recording" && this.done(pieces));
    this.recorder.start(SECOND_MS);
    this.show("recording", "finish");
    this.tell(texts.camera_records);
    const begun = performance.now();
    const watch = () => {
      const seconds = (performance.now() - begun) / SECOND_MS;
      this.part("clock").textContent = clock(Math.floor(seconds));
      if (seconds >= MOST_S) this.finish();
    };
    watch();
    this.ticking = setInterval(watch, SECOND_MS / 4);
  }

  finish() {
    if (this.recorder?.state === "recording") this.recorder.stop();
  }

  done(pieces) {
    const kind = pieces[0]?.type.split(";")[0] || "video/webm";
    const ending = kind === "video/mp4" ? "mp4" : "webm";
    const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" }).format(new Date());
    this.release();
    this.file = new File(pieces, `${texts.camera_title} ${when.replaceAll(":", ".")}.${ending}`, { type: kind });
    if (!this.file.size) {
      this.lose();
      return;
    }
    this.result.src = URL.createObjectURL(this.file);
    this.show("done", "use");
    this.tell(texts.camera_done);
  }

  /** Have it uploaded as any file that is chosen. */
  use() {
    const zone = document.querySelector(".drop[data-kind=clip]");
    zone.dispatchEvent(new CustomEvent("give", { detail: this.file }));
    zone.scrollIntoView({ block: "center" });
    this.close();
  }

  /** The camera was taken away: what was recorded until then is kept. */
  lose() {
    if (this.state === "recording" && this.recorder?.state === "recording") {
      this.finish();
      return;
    }
    this.close();
    this.trouble(texts.camera_lost);
  }

  close() {
    this.show("closed", this.state === "closed" ? "" : "camera");
    this.finish();
    this.forget();
    this.tell("");
  }

  /** Let go of the camera, so that its light goes out. */
  release() {
    clearInterval(this.ticking);
    this.part("clock").textContent = "";
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.preview.srcObject = null;
  }

  forget() {
    this.release();
    if (this.result.src) URL.revokeObjectURL(this.result.src);
    this.result.removeAttribute("src");
    this.file = null;
  }
}

for (const panel of document.querySelectorAll("[data-recorder]")) {
  if (window.MediaRecorder) new Recorder(panel);
  else panel.hidden = true;
}
