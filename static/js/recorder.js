// A film of the visitor, recorded in the page: the camera is asked for by a button, what was recorded is looked at, then uploaded.
import { openCamera } from "./camera.js";
import { texts } from "./common.js";
import { RecordingPanel, fileOf } from "./recording.js";

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
// the first that the browser can write: VP8 is written in time on weak machines too, MP4 is Safari's
const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const BITS_A_SECOND = 4_000_000;
const MOST_S = 60;

class Recorder extends RecordingPanel {
  constructor(panel) {
    super(panel, { camera: "open", record: "count", finish: "finish", again: "open", use: "use", away: "close" });
    this.preview = this.part("preview");
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
    const refusal = (error) => texts[error.message] ?? texts.camera_refused;
    if (!await this.hold(texts.camera_asked, () => this.cameraAndSound(), refusal)) return;
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
    try {
      this.begin(KINDS, { videoBitsPerSecond: BITS_A_SECOND }, MOST_S);
    } catch {
      this.close();
      this.trouble(texts.camera_cannot_record);
    }
  }

  done(pieces) {
    const kind = pieces[0]?.type.split(";")[0] || "video/webm";
    const ending = kind === "video/mp4" ? "mp4" : "webm";
    this.release();
    const file = fileOf(pieces, "camera_title", ending, kind);
    if (file.size) this.offer(file, texts.camera_done);
    else this.lose();
  }

  use() {
    this.result.pause();
    this.give("clip");
  }

  lose() {
    this.lost(texts.camera_lost);
  }

  close() {
    this.shut("camera");
  }

  release() {
    super.release();
    this.preview.srcObject = null;
  }
}

for (const panel of document.querySelectorAll("[data-recorder]")) {
  if (window.MediaRecorder) new Recorder(panel);
  else panel.hidden = true;
}
