// The mirror: pictures of the camera go to the session one by one, and each is answered with the portrait that does the same.
import { openCamera } from "./camera.js";
import { ask, say, texts } from "./common.js";
import { awaitService, offerUpload, portraitOf } from "./live_choice.js";
import { LiveSession } from "./live_session.js";
import { openMicrophone, send } from "./microphone.js";

const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };
const SENT_WIDTH = 480; // a face is read as well from a small picture, and that is there sooner
const SENT_QUALITY = 0.75;
const MOST_UNDER_WAY = 2; // while one is drawn, the next is read
const MOST_FAILURES = 25;
const PAUSE_MS = 200;
const TELL_MS = 1000;
const find = (name) => document.querySelector(`[data-${name}]`);
const form = find("order");

class Mirror {
  constructor(session, camera, wishes) {
    Object.assign(this, { session, camera, wishes });
    this.self = find("self");
    this.drawn = find("drawn");
    this.sheet = document.createElement("canvas");
    this.abort = new AbortController();
    this.underWay = this.given = this.shown = this.failures = 0;
    this.delays = [];
    this.anew = false;
    session.addEventListener("state", (event) => this.is(event.detail.state));
    for (const kind of ["quality", "note", "trouble"]) session.addEventListener(kind, (event) => this.problem(event.detail.message));
    session.addEventListener("ended", (event) => this.ended(event.detail.message));
    const buttons = { rest: () => (this.anew = true), record: () => this.toggleRecording(), end: () => this.end() };
    for (const [name, act] of Object.entries(buttons)) find(name).addEventListener("click", act, { signal: this.abort.signal });
    camera.getVideoTracks()[0].addEventListener("ended", () => !this.over && this.end(texts.camera_lost));
  }

  async begin() {
    find("before").hidden = true;
    find("mirror").hidden = false;
    find("mirror-title").focus();
    window.scrollTo(0, 0);
    this.self.srcObject = this.camera;
    this.self.classList.toggle("mirrored", this.wishes.mirrored);
    try {
      await this.self.play();
      await this.session.ready((n) => (find("state").textContent = say("live_preparing", { n })));
    } catch (error) {
      if (error.name !== "AbortError") this.end(error.message);
      return;
    }
    this.telling = setInterval(() => this.tellDelay(), TELL_MS);
    for (const name of ["rest", "record"]) find(name).disabled = false;
    this.is(this.now || "unseen");
    this.await();
  }

  /** The next picture of the camera, when it is there. */
  await() {
    if (this.over) return;
    if (this.self.requestVideoFrameCallback) {
      this.self.requestVideoFrameCallback((now, told) => this.look(told.captureTime ?? now));
    } else {
      requestAnimationFrame(() => this.look(performance.now()));
    }
  }

  look(seenAt) {
    this.await();
    if (this.over || this.underWay >= MOST_UNDER_WAY || !this.self.videoWidth) return;
    this.underWay += 1;
    this.give((this.given += 1), seenAt).finally(() => (this.underWay -= 1));
  }

  async give(number, seenAt) {
    const { sheet, self } = this;
    sheet.width = SENT_WIDTH;
    sheet.height = Math.round((SENT_WIDTH * self.videoHeight) / self.videoWidth);
    const painter = sheet.getContext("2d", { alpha: false });
    if (this.wishes.mirrored) painter.setTransform(-1, 0, 0, 1, sheet.width, 0);
    painter.drawImage(self, 0, 0, sheet.width, sheet.height);
    const picture = await new Promise((resolve) => sheet.toBlob(resolve, "image/jpeg", SENT_QUALITY));
    const address = this.session.address("camera") + (this.anew ? "?anew=1" : "");
    this.anew = false;
    try {
      const options = { method: "POST", headers: { "Content-Type": "image/jpeg" }, body: picture, credentials: "same-origin" };
      const answer = await fetch(address, { ...options, signal: this.abort.signal });
      if (answer.ok) await this.show(await answer.blob(), number, seenAt);
      else if (answer.status !== 429) throw new Error((await answer.json()).detail);
      this.failures = 0;
    } catch (error) {
      if (this.over || error.name === "AbortError") return;
      this.failures += 1;
      if (this.failures >= MOST_FAILURES) this.end(error.name === "Error" ? error.message : texts.failed_to_ask);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async show(blob, number, seenAt) {
    const picture = await createImageBitmap(blob);
    if (number < this.shown || this.over) {
      picture.close();
      return;
    }
    this.shown = number;
    this.drawn.width = picture.width;
    this.drawn.height = picture.height;
    this.drawn.getContext("bitmaprenderer").transferFromImageBitmap(picture);
    requestAnimationFrame(() => this.delays.push(performance.now() - seenAt));
  }

  tellDelay() {
    if (!this.delays.length) return;
    const sorted = this.delays.splice(0).sort((a, b) => a - b);
    const middle = Math.round(sorted[sorted.length >> 1]);
    find("delay").textContent = say("mirror_delay", { ms: middle, n: sorted.length });
    find("delay").dataset.ms = sorted.map(Math.round).join(" ");
  }

  is(state) {
    this.now = state;
    if (!this.over && this.telling) find("state").textContent = texts[`live_${state}`] ?? state;
  }

  problem(words) {
    find("live-problem").textContent = words || "";
    find("live-problem").hidden = !words;
  }

  async toggleRecording() {
    const button = find("record");
    const on = button.getAttribute("aria-pressed") !== "true";
    button.disabled = true;
    try {
      this.problem("");
      if (on && this.wishes.voice) await this.openVoice();
      await this.session.record(on);
      if (!on) this.closeVoice();
      this.showRecording(on);
      find("film").hidden = on;
      find("film").href = `${this.session.address("recording")}?download=1`;
    } catch (error) {
      this.closeVoice();
      this.problem(texts[error.message] ?? (error.status ? error.message : texts.failed_to_ask));
    } finally {
      button.disabled = this.session.over;
    }
  }

  showRecording(on) {
    find("record").setAttribute("aria-pressed", String(on));
    find("record").textContent = on ? texts.live_record_stop : texts.mirror_record;
  }

  async openVoice() {
    const sound = await openMicrophone({ echoCancellation: true, noiseSuppression: true });
    this.voice = { sound, end: await send(sound, this.session, { sender: null }) };
  }

  closeVoice() {
    this.voice?.end();
    for (const track of this.voice?.sound.getTracks() ?? []) track.stop();
    this.voice = null;
  }

  /** A film that was recorded goes with the session: it is fetched first. */
  async end(why = "") {
    if (this.ending) return;
    this.ending = true;
    find("end").disabled = true;
    try {
      if (find("record").getAttribute("aria-pressed") === "true") await this.toggleRecording();
      if (!find("film").hidden) {
        const answer = await fetch(this.session.address("recording"), { credentials: "same-origin" });
        if (answer.ok) this.film = URL.createObjectURL(await answer.blob());
      }
    } catch {
      this.problem(texts.failed_to_ask);
    }
    this.session.close();
    this.ended(why);
  }

  /** It is over, by the visitor or by itself: the camera goes off. */
  ended(why) {
    if (this.over) return;
    this.over = true;
    this.abort.abort();
    clearInterval(this.telling);
    this.closeVoice();
    for (const track of this.camera.getTracks()) track.stop();
    this.self.srcObject = null;
    for (const name of ["rest", "record"]) find(name).disabled = true;
    this.showRecording(false);
    find("end").hidden = true;
    if (this.film) find("film").href = this.film;
    else ask("GET", this.session.links.self).then((told) => (find("film").hidden = !told.film), () => (find("film").hidden = true));
    find("state").textContent = why || texts.mirror_ended;
    find("delay").textContent = "";
    find("again").hidden = false;
    find("again").addEventListener("click", () => this.leave(), { once: true });
    find("again").focus();
  }

  leave() {
    if (this.film) URL.revokeObjectURL(this.film);
    this.problem("");
    find("mirror").hidden = find("film").hidden = find("again").hidden = true;
    find("end").hidden = find("end").disabled = false;
    find("before").hidden = false;
    find("start").focus();
  }
}

function tell(words) {
  find("problem").textContent = words;
  find("problem").hidden = !words;
  if (words) find("problem").scrollIntoView({ block: "center" });
}

async function start() {
  tell("");
  if (!form.querySelector("[name=picture]:checked")) {
    tell(texts.live_choose);
    return;
  }
  const button = find("start");
  button.disabled = true;
  let camera = null;
  try {
    camera = await openCamera(CAMERA);
    const session = await LiveSession.open({ portrait: portraitOf(form), mode: "follow" });
    const wishes = { mirrored: form.elements.mirrored.checked, voice: form.elements.voice.checked };
    new Mirror(session, camera, wishes).begin();
  } catch (error) {
    for (const track of camera?.getTracks() ?? []) track.stop();
    const full = error.status === 429 ? ` ${texts.live_full_hint}` : "";
    tell((texts[error.message] ?? (error.status ? error.message : texts.failed_to_ask)) + full);
  } finally {
    button.disabled = false;
  }
}

offerUpload(form);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
find("start").disabled = true;
awaitService(find("service")).then((personas) => (find("start").disabled = !personas));
