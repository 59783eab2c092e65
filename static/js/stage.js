// The stage: a microphone or a sound file makes the picture sing along, with nothing else on the screen.
import { say, texts } from "./common.js";
import { keyOut } from "./chroma.js";
import { awaitService, offerUpload, portraitOf } from "./live_choice.js";
import { LiveSession } from "./live_session.js";
import { connect } from "./live_stream.js";
import { openMicrophone, send } from "./microphone.js";

const SINGING = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const QUIET_MS = 3000;
const REJOIN_MS = 1000;
const find = (name) => document.querySelector(`[data-${name}]`);
const form = find("order");
const fields = form.elements;

function tell(words) {
  find("problem").textContent = words;
  find("problem").hidden = !words;
}

/** The stream of what is sung, and what ends it. */
async function openInput() {
  if (fields.input.value === "file") return openFile(fields.file.files[0]);
  const sound = await openMicrophone({ ...SINGING, ...(fields.device.value ? { deviceId: { exact: fields.device.value } } : {}) });
  return { sound, begin() {}, end: () => sound.getTracks().forEach((track) => track.stop()) };
}

/** A sound file as a stream, in its own time; it begins once the avatar is there. */
async function openFile(file) {
  const player = new Audio(URL.createObjectURL(file));
  await new Promise((resolve, reject) => {
    player.addEventListener("canplay", resolve, { once: true });
    player.addEventListener("error", () => reject(new Error("live_file_unplayable")), { once: true });
  });
  const context = new AudioContext();
  const taken = context.createMediaStreamDestination();
  context.createMediaElementSource(player).connect(taken);
  const begin = (over) => {
    player.addEventListener("ended", over, { once: true });
    context.resume().then(() => player.play()).catch(() => {});
  };
  const end = () => {
    player.pause();
    URL.revokeObjectURL(player.src);
    context.close().catch(() => {});
  };
  return { sound: taken.stream, begin, end };
}

async function showDevices() {
  const said = find("devices-said");
  said.textContent = "";
  try {
    const sound = await openMicrophone(true); // browsers name the inputs only to whoever was given one
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "audioinput");
    for (const track of sound.getTracks()) track.stop();
    const first = fields.device.options[0];
    fields.device.replaceChildren(first);
    devices.forEach((each, place) => fields.device.add(new Option(each.label || say("live_unnamed_microphone", { n: place + 1 }), each.deviceId)));
    fields.device.focus();
  } catch (error) {
    said.textContent = texts[error.message] ?? texts.live_mic_refused;
  }
}

class Stage {
  constructor(session, input, ground) {
    this.session = session;
    this.input = input;
    this.ground = ground;
    this.box = find("stage");
    this.video = find("video");
    this.abort = new AbortController();
    const { signal } = this.abort;
    session.addEventListener("state", (event) => this.is(event.detail.state));
    for (const kind of ["quality", "note", "trouble"]) session.addEventListener(kind, (event) => this.say(event.detail.message));
    session.addEventListener("ended", (event) => this.leave(say("live_over", { why: event.detail.message || "" })));
    document.addEventListener("keydown", (event) => this.press(event), { signal });
    for (const kind of ["pointermove", "keydown"]) document.addEventListener(kind, () => this.wake(), { signal });
    const buttons = { full: () => this.full(), hear: () => this.hear(), leave: () => this.leave("") };
    for (const [name, act] of Object.entries(buttons)) find(name).addEventListener("click", act, { signal });
  }

  async begin() {
    document.documentElement.classList.add("on-stage", `stage-${this.ground}`);
    this.box.classList.toggle("stage-green", this.ground === "green");
    this.box.hidden = false;
    this.box.focus();
    this.video.muted = true; // else the loudspeaker sings into the microphone
    if (fields.input.value === "file") this.hear();
    try {
      await this.session.ready((n) => this.say(say("live_preparing", { n })));
      await this.join();
      if (this.ground === "clear" && !this.video.hidden) this.showKeyed();
      this.input.begin(() => this.say(texts.live_file_over));
      this.connected = true;
      this.is(this.now || "idle");
      this.wake();
    } catch (error) {
      if (error.name !== "AbortError") this.leave(error.message);
    }
  }

  /** See it and send what is sung; where that breaks off, begin anew. */
  async join() {
    const only = new URLSearchParams(window.location.search).get("by") || "";
    this.connection = await connect(this.session, this.video, find("pictures"), () => this.rejoin(), only);
    if (this.connection.kind === "none") this.say(texts.live_no_stream);
    await this.video.play().catch(() => {});
    this.stopSending = await send(this.input.sound, this.session, this.connection);
  }

  async rejoin() {
    this.say(texts.live_gone);
    this.stopSending?.();
    this.connection.close();
    await new Promise((resolve) => setTimeout(resolve, REJOIN_MS));
    if (!this.session.over) await this.join().catch((error) => this.leave(error.message));
    this.is(this.now);
  }

  showKeyed() {
    const canvas = find("canvas");
    canvas.hidden = false;
    find("mark").hidden = false; // the picture's own went with the green
    this.video.style.visibility = "hidden";
    this.stopKeying = keyOut(this.video, canvas);
  }

  is(state) {
    this.now = state;
    if (this.connected) this.say(state === "idle" ? texts.live_stage_idle : texts[`live_${state}`] ?? state);
  }

  say(words) {
    if (words) find("state").textContent = words;
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "f") this.full();
    else if (key === "m") this.hear();
    else if (key === "escape" && !document.fullscreenElement) this.leave(""); // out of full screen first, which the browser does
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.box.requestFullscreen().catch(() => {});
  }

  hear() {
    this.video.muted = !this.video.muted;
    find("hear").setAttribute("aria-pressed", String(!this.video.muted));
  }

  wake() {
    this.box.classList.remove("quiet-bar");
    clearTimeout(this.timer);
    if (this.connected) this.timer = setTimeout(() => this.box.classList.add("quiet-bar"), QUIET_MS);
  }

  leave(why) {
    clearTimeout(this.timer);
    this.abort.abort();
    this.stopKeying?.();
    this.stopSending?.();
    this.input.end();
    this.connection?.close();
    this.session.close();
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    document.documentElement.classList.remove("on-stage", `stage-${this.ground}`);
    this.video.removeAttribute("style");
    find("canvas").hidden = find("mark").hidden = true;
    this.box.classList.remove("quiet-bar");
    this.box.hidden = true;
    tell(why);
    find("start").focus();
  }
}

async function start() {
  tell("");
  if (!form.querySelector("[name=picture]:checked") || (fields.input.value === "file" && !fields.file.files.length)) {
    tell(fields.input.value === "file" && !fields.file.files.length ? texts.live_choose_sound : texts.live_choose);
    return;
  }
  const button = find("start");
  button.disabled = true;
  let input = null;
  try {
    input = await openInput();
    const ground = fields.ground.value;
    const order = { portrait: portraitOf(form), mode: "sing", ground: ground === "picture" ? "picture" : "green" };
    new Stage(await LiveSession.open(order), input, ground).begin();
  } catch (error) {
    input?.end();
    const full = error.status === 429 ? ` ${texts.live_full_hint}` : "";
    tell((texts[error.message] ?? (error.status ? error.message : texts.failed_to_ask)) + full);
  } finally {
    button.disabled = false;
  }
}

function show() {
  for (const each of form.querySelectorAll("[data-if]")) each.hidden = each.dataset.if !== fields.input.value;
}

async function begin() {
  offerUpload(form);
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  find("devices").addEventListener("click", showDevices);
  show();
  find("start").disabled = true;
  if (await awaitService(find("service"))) find("start").disabled = false;
}

begin();
