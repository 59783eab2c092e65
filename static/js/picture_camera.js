// A picture taken in the page: the camera is asked for by a button, an oval shows where the head goes, and what was taken is looked
// at, then uploaded as any picture. Only the view is mirrored; the picture is as others see the person.
import { openCamera } from "./camera.js";
import { texts } from "./common.js";
import { Panel, fileOf } from "./recording.js";

const SIZE = { width: { ideal: 1920 }, height: { ideal: 1440 } };
const TYPE = "image/jpeg";
const QUALITY = 0.95;
const OTHER = { user: "environment", environment: "user" };

class PictureCamera extends Panel {
  constructor(panel) {
    super(panel, { open: "open", take: "count", turn: "turn", again: "open", use: "use", away: "close" });
    this.view = this.part("view");
    this.facing = "user";
    this.cameras = 1;
    this.show("closed");
  }

  /** One of `closed`, `open`, `counting`, `done`. */
  show(state, next = "") {
    const sees = state === "open" || state === "counting";
    this.present(state, {
      open: state === "closed",
      screen: state !== "closed",
      view: sees,
      guide: sees,
      count: state === "counting",
      take: state === "open",
      turn: state === "open" && this.cameras > 1,
      result: state === "done",
      use: state === "done",
      again: state === "done",
      away: state !== "closed",
    }, next);
  }

  async open() {
    const camera = () => openCamera({ ...SIZE, facingMode: { ideal: this.facing } });
    if (!await this.hold(texts.camera_asked, camera, (error) => texts[error.message] ?? texts.camera_refused)) return;
    const [track] = this.stream.getVideoTracks();
    // a camera that does not say where it looks is taken for one that looks at the person
    this.view.classList.toggle("mirrored", (track.getSettings().facingMode ?? this.facing) !== "environment");
    this.cameras = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "videoinput").length;
    this.view.srcObject = this.stream;
    await this.view.play().catch(() => {}); // it plays by itself, unless the page was left meanwhile
    this.show("open", "take");
    this.tell(texts.picture_ready);
  }

  turn() {
    this.facing = OTHER[this.facing];
    this.open();
  }

  async count() {
    this.show("counting", "away");
    if (await this.countDown("picture_counts")) await this.take();
  }

  async take() {
    const canvas = document.createElement("canvas");
    canvas.width = this.view.videoWidth;
    canvas.height = this.view.videoHeight;
    canvas.getContext("2d").drawImage(this.view, 0, 0);
    const content = await new Promise((resolve) => canvas.toBlob(resolve, TYPE, QUALITY));
    if (!content) {
      this.lose();
      return;
    }
    this.release();
    this.offer(fileOf([content], "picture_title", "jpg", TYPE), texts.picture_taken);
  }

  use() {
    this.give("picture");
  }

  lose() {
    this.close();
    this.trouble(texts.camera_lost);
  }

  close() {
    this.shut("open");
  }

  release() {
    super.release();
    this.view.srcObject = null;
  }
}

for (const panel of document.querySelectorAll("[data-picture-camera]")) new PictureCamera(panel);
