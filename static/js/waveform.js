// Chooses the part of a song or film: by dragging on the waveform or the bar, with the keyboard on its two handles, or typed into the fields.
import { clock, readClock, say, texts } from "./common.js";
import { Phrases } from "./phrases.js";
import { WaveView } from "./wave_view.js";

const SHORTEST_S = 0.5;
const SNAPS_WITHIN_PX = 9;
const SVG = "http://www.w3.org/2000/svg";

class PartChooser {
  constructor(wave) {
    this.wave = wave;
    this.form = wave.closest("form");
    this.duration = Number(wave.dataset.duration);
    this.audio = document.querySelector("audio, video.clip");
    this.fields = { start: this.form.elements[wave.dataset.start], end: this.form.elements[wave.dataset.end] };
    this.said = document.querySelector("[data-part]");
    this.svg = wave.querySelector("svg");
    this.across = this.svg.viewBox.baseVal.width;
    this.chosen = this.svg.querySelector(".chosen");
    this.played = this.mark();
    wave.classList.add("live");
    this.view = this.phrases = null;
    this.handles = { start: this.handle("start"), end: this.handle("end") };
    this.start = 0;
    this.end = this.duration;
    this.readFields();
    if (wave.dataset.song) {
      this.phrases = new Phrases(wave, this.svg);
      this.view = new WaveView(wave, this.svg, () => this.draw());
    }
    for (const field of Object.values(this.fields)) field.addEventListener("change", () => this.readFields());
    this.listenForDrags();
    this.listenToSound();
  }

  mark() {
    const line = document.createElementNS(SVG, "rect");
    line.setAttribute("class", "played");
    line.setAttribute("width", this.across / 400);
    line.setAttribute("height", "100%");
    line.setAttribute("x", "-9");
    this.svg.append(line);
    return line;
  }

  handle(which) {
    const handle = document.createElement("div");
    handle.className = "handle";
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", texts[which]);
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", String(Math.round(this.duration * 10) / 10));
    handle.addEventListener("keydown", (event) => this.onKey(event, which));
    handle.dataset.which = which;
    this.wave.append(handle);
    return handle;
  }

  /** The stretch of time that is seen, in seconds. */
  get seen() {
    return this.view ? [this.view.from, this.view.to] : [0, this.duration];
  }

  onKey(event, which) {
    if (this.view?.onKey(event, this[which])) return;
    const step = event.shiftKey ? 1 : 0.1;
    const steps = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -10, PageUp: 10 };
    let to = null;
    if (event.key in steps) to = this[which] + steps[event.key];
    if (event.key === "Home") to = 0;
    if (event.key === "End") to = this.duration;
    if (event.ctrlKey && event.key in steps && this.phrases) to = this.phrases.next(which, this[which], Math.sign(steps[event.key])) ?? to;
    if (to === null) return;
    event.preventDefault();
    this.move(which, to);
    this.view?.reveal(this[which]);
  }

  move(which, seconds) {
    if (which === "start") this.start = Math.min(Math.max(0, seconds), this.end - SHORTEST_S);
    else this.end = Math.max(Math.min(this.duration, seconds), this.start + SHORTEST_S);
    this.writeFields();
    this.draw();
  }

  readFields() {
    const start = readClock(this.fields.start.value || "0");
    const end = readClock(this.fields.end.value || String(this.duration));
    if (Number.isNaN(start) || Number.isNaN(end)) {
      this.draw(); // as it was; the server says what is wrong
      return;
    }
    this.start = Math.min(Math.max(0, start), Math.max(0, this.duration - SHORTEST_S));
    this.end = Math.max(Math.min(this.duration, end), Math.min(this.duration, this.start + SHORTEST_S));
    this.draw();
  }

  writeFields() {
    this.start = Math.round(this.start * 10) / 10; // what the fields show is what is taken
    if (this.end < this.duration) this.end = Math.round(this.end * 10) / 10;
    this.fields.start.value = this.start > 0.04 ? clock(this.start) : "";
    this.fields.end.value = this.end < this.duration - 0.04 ? clock(this.end) : "";
  }

  draw() {
    const scale = this.across / this.duration;
    this.chosen.setAttribute("x", this.start * scale);
    this.chosen.setAttribute("width", Math.max(0, this.end - this.start) * scale);
    const [from, to] = this.seen;
    this.played.setAttribute("width", ((to - from) * scale) / 400);
    for (const which of ["start", "end"]) {
      const handle = this.handles[which];
      handle.style.left = `${Math.min(100, Math.max(0, (100 * (this[which] - from)) / (to - from)))}%`;
      handle.classList.toggle("out", this[which] < from || this[which] > to);
      handle.setAttribute("aria-valuenow", String(Math.round(this[which] * 10) / 10));
      handle.setAttribute("aria-valuetext", clock(this[which]));
    }
    this.said.textContent = say("part", { length: clock(this.end - this.start) });
  }

  secondsAt(event) {
    const box = this.svg.getBoundingClientRect();
    const [from, to] = this.seen;
    return from + (to - from) * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  }

  /** Where a phrase begins or ends beside that place, unless Alt is held. */
  snapped(which, seconds, event) {
    const [from, to] = this.seen;
    return event.altKey || !this.phrases ? seconds : this.phrases.near(which, seconds, (SNAPS_WITHIN_PX * (to - from)) / this.svg.clientWidth);
  }

  listenForDrags() {
    this.wave.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.view?.pinches) return;
      const which = event.target.dataset?.which;
      this.drag = { from: this.secondsAt(event), x: event.clientX, which, moved: false };
      this.wave.setPointerCapture(event.pointerId);
    });
    this.wave.addEventListener("pointermove", (event) => {
      if (this.view?.pinches) this.drag = null;
      if (!this.drag) return;
      if (!this.drag.moved && Math.abs(event.clientX - this.drag.x) < 4) return;
      this.drag.moved = true;
      const now = this.secondsAt(event);
      if (this.drag.which) {
        this.move(this.drag.which, this.snapped(this.drag.which, now, event));
        return;
      }
      const [first, last] = [Math.min(this.drag.from, now), Math.max(this.drag.from, now)];
      this.start = Math.min(this.snapped("start", first, event), this.duration - SHORTEST_S);
      this.end = Math.min(this.duration, Math.max(this.snapped("end", last, event), this.start + SHORTEST_S));
      this.writeFields();
      this.draw();
    });
    const done = (event) => {
      if (this.drag && !this.drag.moved && event.type === "pointerup" && this.audio) {
        if (this.drag.which) this.handles[this.drag.which].focus();
        else this.audio.currentTime = this.drag.from;
      }
      this.drag = null;
    };
    this.wave.addEventListener("pointerup", done);
    this.wave.addEventListener("pointercancel", done);
  }

  listenToSound() {
    const play = document.querySelector("[data-play-part]");
    if (!this.audio || !play) return;
    let only = false;
    const show = () => this.played.setAttribute("x", (this.audio.currentTime * this.across) / this.duration);
    this.audio.addEventListener("timeupdate", () => {
      show();
      if (only && this.audio.currentTime >= this.end) this.audio.pause();
    });
    this.audio.addEventListener("seeked", show);
    this.audio.addEventListener("pause", () => { only = false; play.textContent = texts.play_part; });
    play.addEventListener("click", () => {
      if (only) {
        this.audio.pause();
        return;
      }
      this.audio.currentTime = this.start;
      this.audio.play().then(() => { only = true; play.textContent = texts.stop; }, () => {});
    });
    play.hidden = false;
    // the server reads more kinds of sound than browsers do; the player may have failed before this script came
    const fail = () => {
      document.querySelector("[data-unplayable]").hidden = false;
      play.hidden = true;
    };
    this.audio.addEventListener("error", fail);
    if (this.audio.error) fail();
  }
}

for (const wave of document.querySelectorAll(".wave[data-duration]")) new PartChooser(wave);
