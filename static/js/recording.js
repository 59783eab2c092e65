// What all recorders of the page share: the buttons of each state, the count-in, the recording, the file's name, and its way into the
// upload.
import { clock, say, texts } from "./common.js";

export const SECOND_MS = 1000;
const COUNT_FROM = 3;

/** A panel whose parts are named by `data-` attributes and shown by its state. */
export class Panel {
  /** acts: the methods that the buttons call, by the buttons' names. */
  constructor(panel, acts) {
    this.panel = panel;
    this.result = panel.querySelector("[data-result]");
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    for (const [name, act] of Object.entries(acts)) this.part(name).addEventListener("click", () => this[act]());
    window.addEventListener("pagehide", () => this.release());
  }

  /** shown: of each part, whether it is seen in this state; the button that comes next gets the focus. */
  present(state, shown, next) {
    this.state = state;
    for (const [name, on] of Object.entries(shown)) this.part(name).toggleAttribute("hidden", !on); // an SVG has no property of that name
    if (next) this.part(next).focus();
  }

  tell(words) {
    this.part("said").textContent = words;
  }

  trouble(words) {
    this.part("problem").textContent = words;
    this.part("problem").hidden = !words;
  }

  /** Three, two, one; gives whether nothing came between. `tick` is called at each number. */
  async countDown(text, tick = () => {}) {
    for (let left = COUNT_FROM; left > 0; left -= 1) {
      this.part("count").textContent = String(left);
      this.tell(say(text, { n: left }));
      tick(left);
      await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
      if (this.state !== "counting") return false;
    }
    return true;
  }

  /** Ask for camera or microphone by `open`; gives whether it came. `refusal`: what is said of the error, where it did not. */
  async hold(asked, open, refusal) {
    this.forget();
    this.trouble("");
    this.tell(asked);
    try {
      this.stream = await open();
    } catch (error) {
      this.close();
      this.trouble(refusal(error));
      return false;
    }
    const [track] = [...this.stream.getVideoTracks(), ...this.stream.getAudioTracks()];
    track.addEventListener("ended", () => this.lose());
    return true;
  }

  /** Show what was made, to be looked at or listened to before it is used. */
  offer(file, words) {
    this.file = file;
    this.result.src = URL.createObjectURL(file);
    this.show("done", "use");
    this.tell(words);
  }

  /** Back to the beginning; `opener`: the button that gets the focus, where the panel was open. */
  shut(opener) {
    this.show("closed", this.state === "closed" ? "" : opener);
    this.forget();
    this.tell("");
  }

  /** Let go of camera and microphone, so that their lights go out. */
  release() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  forget() {
    this.release();
    if (this.result.src) URL.revokeObjectURL(this.result.src);
    this.result.removeAttribute("src");
    this.file = null;
  }

  /** Have the file uploaded as any that is chosen; it stays here, so that a broken upload can go on. */
  give(kind) {
    const zone = document.querySelector(`.drop[data-kind=${kind}]`);
    zone.dispatchEvent(new CustomEvent("give", { detail: this.file }));
    zone.scrollIntoView({ block: "center" });
  }
}

/** A panel that records what it sees or hears, for so many seconds at most; `done(pieces)` and `close()` are its own. */
export class RecordingPanel extends Panel {
  /** kinds: what may be written, the first that the browser can; more: of `MediaRecorder`'s options. Throws where it can't record. */
  begin(kinds, more, most_s) {
    const kind = kinds.find((each) => MediaRecorder.isTypeSupported(each));
    this.recorder = new MediaRecorder(this.stream, { ...(kind ? { mimeType: kind } : {}), ...more });
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
      if (seconds >= most_s) this.finish();
    };
    watch();
    this.ticking = setInterval(watch, SECOND_MS / 4);
  }

  finish() {
    if (this.recorder?.state === "recording") this.recorder.stop();
  }

  /** What it records with was taken away: what was recorded until then is kept. */
  lost(words) {
    if (this.state === "recording" && this.recorder?.state === "recording") {
      this.finish();
      return;
    }
    this.close();
    this.trouble(words);
  }

  shut(opener) {
    this.finish();
    super.shut(opener);
  }

  release() {
    clearInterval(this.ticking);
    this.part("clock").textContent = "";
    super.release();
  }
}

/** The pieces as a file, named by the words and the time. */
export function fileOf(pieces, words, ending, type) {
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" }).format(new Date());
  return new File(pieces, `${texts[words]} ${when.replaceAll(":", ".")}.${ending}`, { type });
}
