// A voice recorded in the page: the microphone is asked for by a button, its level is seen, what was recorded is listened to, then
// uploaded as any song.
import { say, texts } from "./common.js";
import { Level } from "./level.js";
import { openMicrophone } from "./microphone.js";
import { RecordingPanel, fileOf } from "./recording.js";

/** What browsers do to calls would swallow held notes. */
const SINGING = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 1 } };
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const ENDINGS = { "audio/webm": "webm", "audio/mp4": "m4a", "audio/ogg": "ogg" };
const BITS_A_SECOND = 160_000;
/** A loudest sample below this is hardly a voice: -34 dB of full scale. */
const QUIET = 0.02;
const CLIP_SAID_MS = 1500;
const TICK_HZ = 1000;
const TICK_S = 0.06;

class VoiceRecorder extends RecordingPanel {
  constructor(panel) {
    super(panel, { open: "open", record: "count", finish: "finish", again: "open", use: "use", away: "close" });
    this.most_s = Number(panel.dataset.most);
    this.level = new Level(this.part("level"), (clips) => this.clips(clips));
    this.part("device").addEventListener("change", () => this.state === "open" && this.open());
    this.result.addEventListener("loadedmetadata", () => this.findLength());
    this.show("closed");
  }

  /** One of `closed`, `open`, `counting`, `recording`, `done`. */
  show(state, next = "") {
    const hears = ["open", "counting", "recording"].includes(state);
    this.present(state, {
      open: state === "closed",
      choose: state === "open",
      meter: hears,
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
    const device = this.part("device").value;
    const microphone = () => openMicrophone({ ...SINGING, ...(device ? { deviceId: { exact: device } } : {}) });
    const refusal = (error) => texts[error.message.replace(/^live/, "voice")] ?? texts.voice_mic_refused;
    if (!await this.hold(texts.voice_asked, microphone, refusal)) {
      this.part("device").value = "";
      return;
    }
    this.context = new AudioContext();
    this.level.reset();
    this.level.start(this.context, this.stream);
    await this.offerDevices();
    this.show("open", "record");
    this.tell(texts.voice_ready);
  }

  /** The microphones by name, which browsers tell only to whoever was given one; the one that hears now is chosen. */
  async offerDevices() {
    const select = this.part("device");
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "audioinput");
    select.replaceChildren(...devices.map((each, place) => new Option(each.label || say("voice_unnamed", { n: place + 1 }), each.deviceId)));
    select.value = this.stream.getAudioTracks()[0].getSettings().deviceId ?? devices[0]?.deviceId ?? "";
  }

  clips(now) {
    const words = this.part("clipping");
    if (now) this.clippedAt = performance.now();
    const shown = this.clippedAt !== undefined && performance.now() - this.clippedAt < CLIP_SAID_MS;
    this.part("meter").classList.toggle("clips", shown);
    const text = shown ? texts.voice_clips : "";
    if (words.textContent !== text) words.textContent = text;
  }

  /** Three clicks, the last a second before the recording begins: none of them is in it. */
  async count() {
    this.show("counting", "away");
    if (await this.countDown("voice_counts", () => this.part("ticks").checked && this.tick())) this.record();
  }

  tick() {
    const tone = this.context.createOscillator();
    const loudness = this.context.createGain();
    const now = this.context.currentTime;
    tone.frequency.value = TICK_HZ;
    loudness.gain.setValueAtTime(0.25, now);
    loudness.gain.exponentialRampToValueAtTime(0.001, now + TICK_S);
    tone.connect(loudness).connect(this.context.destination);
    tone.start(now);
    tone.stop(now + TICK_S);
  }

  record() {
    this.level.reset(); // what was too loud before does not count
    try {
      this.begin(KINDS, { audioBitsPerSecond: BITS_A_SECOND }, this.most_s);
    } catch {
      this.close();
      this.trouble(texts.voice_cannot_record);
    }
  }

  done(pieces) {
    const type = pieces[0]?.type.split(";")[0] || "audio/webm";
    const { loudest, clipped } = this.level;
    this.release();
    const file = fileOf(pieces, "voice_title", ENDINGS[type] ?? "webm", type);
    const quality = clipped ? texts.voice_clipped : loudest < QUIET ? texts.voice_quiet : "";
    if (file.size) this.offer(file, [texts.voice_done, quality].join(" ").trim());
    else this.lose();
  }

  /** A recording's head says no length: a jump behind its end has the browser find it. */
  findLength() {
    if (this.result.duration !== Infinity) return;
    this.result.addEventListener("durationchange", () => { this.result.currentTime = 0; }, { once: true });
    this.result.currentTime = Number.MAX_SAFE_INTEGER;
  }

  use() {
    this.result.pause();
    this.give("song");
  }

  lose() {
    this.lost(texts.voice_lost);
  }

  close() {
    this.shut("open");
  }

  release() {
    super.release();
    this.level.stop();
    this.clippedAt = undefined;
    this.clips(false);
    this.context?.close().catch(() => {}); // it may be closed already
    this.context = null;
  }
}

for (const panel of document.querySelectorAll("[data-voice-recorder]")) {
  if (window.MediaRecorder && window.AudioContext) new VoiceRecorder(panel);
  else panel.hidden = true;
}
