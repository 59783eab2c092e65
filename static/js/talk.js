// The talk page: what is set becomes a session; then the avatar, the chat, the microphone, the recording.
import { ask, say, texts } from "./common.js";
import { Chat } from "./chat.js";
import { awaitService, offerUpload, play, portraitOf } from "./live_choice.js";
import { LiveSession } from "./live_session.js";
import { connect } from "./live_stream.js";
import { openMicrophone, send } from "./microphone.js";

const HEARING = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const REJOIN_MS = 1000;
const find = (name) => document.querySelector(`[data-${name}]`);
const form = find("order");
const fields = form.elements;

class Settings {
  constructor() {
    offerUpload(form);
    form.addEventListener("change", () => this.show());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    this.start_button = find("start");
    this.problem = find("problem");
    this.begin();
  }

  async begin() {
    this.start_button.disabled = true;
    this.show();
    const personas = await awaitService(find("service"));
    if (!personas) return;
    this.personas = new Map(personas.map((each) => [each.name, each]));
    const own = fields.persona.options[0];
    for (const each of personas) fields.persona.add(new Option(each.title, each.name), own);
    const language = document.documentElement.lang;
    const first = personas.find((each) => each.language.startsWith(language)) || personas[0];
    if (first) fields.persona.value = first.name;
    this.start_button.disabled = false;
    this.show();
  }

  show() {
    const persona = this.personas?.get(fields.persona.value);
    find("own").hidden = !this.personas || Boolean(persona);
    find("persona-hint").textContent = persona?.about ?? "";
    find("persona-hint").lang = persona?.language ?? "";
    find("server").hidden = fields.mind.value !== "server";
  }

  order() {
    const order = { portrait: portraitOf(form), mode: "talk", mind: { kind: fields.mind.value } };
    for (const name of ["voice", "language"]) if (fields[name].value) order[name] = fields[name].value;
    if (fields.persona.value) order.persona = fields.persona.value;
    else {
      order.persona_own = { name: fields.own_name.value.trim(), character: fields.own_character.value.trim() };
      for (const name of ["voice", "language"]) if (order[name]) order.persona_own[name] = order[name];
    }
    if (order.mind.kind === "server") {
      for (const name of ["url", "model", "key"]) {
        const value = fields[`mind_${name}`].value.trim();
        if (value) order.mind[name] = value;
      }
    }
    return order;
  }

  tell(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
    if (words) this.problem.scrollIntoView({ block: "center" });
  }

  async start() {
    this.tell("");
    if (!form.querySelector("[name=picture]:checked")) {
      this.tell(texts.live_choose);
      return;
    }
    this.start_button.disabled = true;
    const words = this.start_button.textContent;
    this.start_button.textContent = texts.live_opening;
    try {
      const session = await LiveSession.open(this.order());
      fields.mind_key.value = ""; // it has gone along, and is needed here no more
      new Talk(session, this.personas.get(fields.persona.value)?.title || fields.own_name.value).begin();
    } catch (error) {
      const full = error.status === 429 ? ` ${texts.live_full_hint}` : "";
      this.tell((error.status ? error.message : texts.failed_to_ask) + full);
    } finally {
      this.start_button.disabled = false;
      this.start_button.textContent = words;
    }
  }
}

class Talk {
  constructor(session, name) {
    this.session = session;
    this.abort = new AbortController();
    this.chat = new Chat(find("log"), find("captions"), find("partial"), name || texts.live_avatar);
    this.state = find("state");
    this.video = find("video");
    this.video.poster = form.querySelector(".portrait:has(input:checked) img")?.src ?? "";
    this.recording = false;
    this.microphone = null;
    this.said = [];
    for (const [kind, act] of Object.entries(this.events())) session.addEventListener(kind, (event) => act(event.detail));
    for (const [name_, act] of Object.entries(this.buttons())) find(name_).addEventListener("click", act, { signal: this.abort.signal });
    find("say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    }, { signal: this.abort.signal });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !find("stop").disabled) this.attempt(() => session.interrupt());
    }, { signal: this.abort.signal });
  }

  events() {
    return {
      state: (told) => this.is(told.state),
      heard: (told) => this.chat.heard(told.text, told.final),
      caption: (told) => this.chat.caption(told),
      feeling: (told) => this.feels(told.emotion),
      quality: (told) => this.note(told.message),
      note: (told) => this.note(told.message),
      trouble: (told) => this.problem(told.message),
      lost: () => (this.state.textContent = texts.live_gone),
      found: () => this.is(this.now),
      ended: (told) => this.endedByItself(told.message),
    };
  }

  buttons() {
    return {
      microphone: () => this.toggleMicrophone(),
      stop: () => this.attempt(() => this.session.interrupt()),
      record: () => this.attempt(() => this.toggleRecording()),
      transcript: () => this.attempt(() => this.saveTranscript()),
      end: () => this.end(),
      again: () => this.leave(),
    };
  }

  async begin() {
    find("before").hidden = true;
    find("talk").hidden = false;
    find("again").hidden = true;
    find("end").hidden = find("end").disabled = false;
    find("film").hidden = true;
    find("log").replaceChildren();
    find("notes").replaceChildren();
    find("talk-title").focus();
    window.scrollTo(0, 0);
    try {
      await this.session.ready((n) => (this.state.textContent = say("live_preparing", { n })));
      this.state.textContent = texts.live_connecting;
      await this.join();
      this.enable(true);
      this.connected = true;
      this.is(this.now || "idle");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.problem(error.message);
      this.session.close();
      this.ended(texts.live_failed);
    }
  }

  /** See and hear it; where that breaks off, begin anew, the microphone too. */
  async join() {
    const only = new URLSearchParams(window.location.search).get("by") || "";
    this.connection = await connect(this.session, this.video, find("pictures"), () => this.rejoin(), only);
    this.note(texts[{ webrtc: "live_by_webrtc", mp4: "live_by_mp4", mjpeg: "live_by_mjpeg", none: "live_no_stream" }[this.connection.kind]]);
    find("screen").dataset.by = this.connection.kind;
    if (this.connection.kind !== "mjpeg" && !(await play(this.video, find("sound")))) this.note(texts.live_sound_off);
  }

  async rejoin() {
    this.state.textContent = texts.live_gone;
    this.microphone?.end();
    this.connection.close();
    await new Promise((resolve) => setTimeout(resolve, REJOIN_MS));
    if (this.session.over) return;
    try {
      await this.join();
      if (this.microphone) this.microphone.end = await send(this.microphone.sound, this.session, this.connection);
      this.is(this.now);
    } catch (error) {
      if (!this.session.over) this.problem(texts.live_no_stream);
    }
  }

  enable(on) {
    for (const name of ["microphone", "record", "transcript"]) find(name).disabled = !on;
    for (const each of find("say").elements) each.disabled = !on;
    find("timeline").hidden = !on;
    find("timeline").href = this.session.address("timeline");
    if (!on) find("stop").disabled = true;
  }

  is(state) {
    this.now = state;
    if (!this.connected || this.session.over) return;
    find("screen").dataset.doing = state;
    this.state.textContent = texts[`live_${state}`] ?? state;
    find("stop").disabled = !["speaking", "thinking"].includes(state);
    if (state !== "speaking") this.chat.quiet();
    if (state === "failed") this.problem(texts.live_failed);
  }

  feels(emotion) {
    find("screen").dataset.feeling = emotion;
    const words = texts[`live_feels_${emotion}`];
    if (words && this.now === "speaking") this.state.textContent = `${texts.live_speaking} (${words})`;
  }

  note(words) {
    if (!words) return;
    const item = document.createElement("li");
    item.textContent = words;
    find("notes").append(item);
  }

  problem(words) {
    const place = find("talk-problem");
    place.textContent = words || "";
    place.hidden = !words;
  }

  async attempt(act) {
    try {
      this.problem("");
      await act();
    } catch (error) {
      if (!this.session.over) this.problem(error.status ? error.message : texts.failed_to_ask);
    }
  }

  say() {
    const field = find("say").elements.text;
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    this.chat.written(text);
    this.attempt(() => this.session.say(text));
  }

  async toggleMicrophone() {
    const button = find("microphone");
    if (this.microphone) {
      this.closeMicrophone();
      find("microphone-said").textContent = texts.live_mic_silent;
      return;
    }
    button.disabled = true;
    try {
      const sound = await openMicrophone(HEARING);
      const end = await send(sound, this.session, this.connection);
      this.microphone = { sound, end };
      find("microphone-said").textContent = texts.live_mic_hears;
      this.showMicrophone(true);
    } catch (error) {
      find("microphone-said").textContent = texts[error.message] ?? texts.live_mic_refused;
    } finally {
      button.disabled = this.session.over;
    }
  }

  closeMicrophone() {
    this.microphone?.end();
    for (const track of this.microphone?.sound.getTracks() ?? []) track.stop();
    this.microphone = null;
    this.showMicrophone(false);
  }

  showMicrophone(on) {
    const button = find("microphone");
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? texts.live_mic_off : texts.live_mic_on;
  }

  async toggleRecording() {
    const button = find("record");
    button.disabled = true;
    try {
      await this.session.record(!this.recording);
      this.recording = !this.recording;
      button.setAttribute("aria-pressed", String(this.recording));
      button.textContent = this.recording ? texts.live_record_stop : texts.live_record;
      this.note(this.recording ? texts.live_recording : texts.live_recorded);
      find("film").hidden = this.recording;
      find("film").href = `${this.session.address("recording")}?download=1`;
    } finally {
      button.disabled = this.session.over;
    }
  }

  async saveTranscript() {
    const { said } = this.session.over ? { said: this.said } : await this.session.transcript();
    const lines = said.map((row) => `${row.who === "avatar" ? this.chat.name : texts.live_you}: ${row.text}${row.interrupted ? " …" : ""}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    link.download = `${texts.live_transcript_name}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** What was recorded and said goes with the session: it is fetched first. */
  async end() {
    find("end").disabled = true;
    this.state.textContent = texts.live_saving;
    try {
      if (this.recording) await this.toggleRecording();
      this.said = (await this.session.transcript()).said;
      if (!find("film").hidden) {
        const answer = await fetch(this.session.address("recording"), { credentials: "same-origin" });
        if (answer.ok) this.film = URL.createObjectURL(await answer.blob());
      }
    } catch (error) {
      this.note(error.status ? error.message : texts.failed_to_ask);
    }
    this.session.close();
    this.ended("");
  }

  /** What was recorded and said can be had for a while. */
  async endedByItself(why) {
    this.ended(why);
    try {
      this.said = (await this.session.transcript()).said;
      find("transcript").disabled = !this.said.length;
      find("film").hidden = !(await ask("GET", this.session.links.self)).film;
      find("film").href = `${this.session.address("recording")}?download=1`;
    } catch {
      // it is gone altogether
    }
  }

  ended(why) {
    this.closeMicrophone();
    this.connection?.close();
    this.enable(false);
    this.chat.quiet();
    for (const name of ["timeline", "sound", "end"]) find(name).hidden = true;
    find("film").hidden = !this.film;
    if (this.film) find("film").href = this.film;
    find("transcript").disabled = !this.said.length;
    find("again").hidden = false;
    find("microphone-said").textContent = "";
    this.state.textContent = why && why !== texts.live_failed ? say("live_over", { why }) : why || texts.live_ended;
    find("again").focus();
  }

  leave() {
    this.abort.abort();
    if (this.film) URL.revokeObjectURL(this.film);
    find("talk").hidden = true;
    find("before").hidden = false;
    this.showMicrophone(false);
    find("record").setAttribute("aria-pressed", "false");
    find("record").textContent = texts.live_record;
    this.problem("");
    find("start").focus();
  }
}

new Settings();
