// A film of the visitor, recorded in the page: the camera is asked for by a button, what was recorded is looked at, then uploaded.
import { openCamera } from "./camera.js";
import { clock, texts } from "./common.js";
import { Panel, SECOND_MS, fileOf } from "./recording.js";

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
// the first that the browser can write: VP8 is written in time on weak machines too, MP4 is Safari's
const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const BITS_A_SECOND = 4_000_000;
const MOST_S = 60;

class Recorder extends Panel {
  constructor(panel) {
    super(panel, { camera: "open", record: "count", finish: "finish", again: "open", use: "use", away: "close" });
    this.preview = this.part("preview");
    this.result = this.part("result");
    this.show("closed");
  }

  /** One of `closed`, `open`, `counting`, `recording`, `done`; the button that comes next gets the focus. */
  show(state, next = "") {
    this.present(state, {
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
    }, next);
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
    if (await this.countDown("camera_counts")) this.record();
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
    this.release();
    this.file = fileOf(pieces, "camera_title", ending, kind);
    if (!this.file.size) {
      this.lose();
      return;
    }
    this.result.src = URL.createObjectURL(this.file);
    this.show("done", "use");
    this.tell(texts.camera_done);
  }

  use() {
    this.result.pause();
    this.give("clip");
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
