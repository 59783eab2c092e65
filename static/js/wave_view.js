// The part of a waveform that is seen: closer and farther by buttons, keys, wheel and two fingers, moved by a slider or the wheel; its
// fine shape and its loudness come from the API, and what is cut at full scale is coloured.
import { ask, say, texts } from "./common.js";

const SHORTEST_S = 2;
const STEP = 2;
const WHEEL = 0.0025;
const COLUMNS = 900;
const HEIGHT = 100;
const SVG = "http://www.w3.org/2000/svg";
/** Integrated loudness in LUFS, from which on a song is called so; records lie between -16 and -8. */
const LOUDNESS = [[-30, "loudness_faint"], [-20, "loudness_quiet"], [-7, "loudness_usual"], [Infinity, "loudness_loud"]];

export class WaveView {
  constructor(wave, svg, changed) {
    this.wave = wave;
    this.svg = svg;
    this.changed = changed;
    this.duration = Number(wave.dataset.duration);
    this.across = svg.viewBox.baseVal.width;
    this.from = 0;
    this.to = this.duration;
    this.shape = svg.querySelector("path");
    this.coarse = this.shape.getAttribute("d");
    this.clipped = document.createElementNS(SVG, "path");
    this.clipped.setAttribute("class", "clipped");
    this.shape.after(this.clipped);
    this.tools = document.querySelector("[data-zoom-tools]");
    this.place = this.tools.querySelector("[data-scroll]");
    this.fingers = new Map();
    const press = (name, act) => this.tools.querySelector(`[data-${name}]`).addEventListener("click", act);
    press("closer", () => this.zoom(STEP));
    press("farther", () => this.zoom(1 / STEP));
    press("all", () => this.show(0, this.duration));
    this.place.addEventListener("input", () => this.scrollTo((Number(this.place.value) / 100) * (this.duration - this.length)));
    this.listenForWheel();
    this.listenForFingers();
    this.show(0, this.duration);
    this.load();
  }

  get length() {
    return this.to - this.from;
  }

  get pinches() {
    return this.fingers.size > 1;
  }

  /** The stretch that is seen from now on, held to the song. */
  show(from, to) {
    const length = Math.min(this.duration, Math.max(SHORTEST_S, to - from));
    this.from = Math.min(Math.max(0, from), this.duration - length);
    this.to = this.from + length;
    const scale = this.across / this.duration;
    this.svg.setAttribute("viewBox", `${this.from * scale} 0 ${length * scale} ${HEIGHT}`);
    const whole = length >= this.duration - 1e-6;
    this.place.closest("label").hidden = whole;
    if (!whole) this.place.value = (100 * this.from) / (this.duration - length);
    this.tools.querySelector("[data-farther]").disabled = whole;
    this.tools.querySelector("[data-all]").disabled = whole;
    this.tools.querySelector("[data-closer]").disabled = length <= Math.min(SHORTEST_S, this.duration);
    this.draw();
    this.changed();
  }

  /** `times` as close, around a moment, which stays where it is. */
  zoom(times, around = (this.from + this.to) / 2) {
    const length = Math.min(this.duration, Math.max(SHORTEST_S, this.length / times));
    const at = (around - this.from) / this.length;
    this.show(around - at * length, around + (1 - at) * length);
  }

  /** Go where that moment is seen. */
  reveal(seconds) {
    if (seconds < this.from || seconds > this.to) this.scrollTo(seconds - this.length / 2);
  }

  scrollTo(from) {
    this.show(from, from + this.length);
  }

  /** Whether the key was the view's: plus and minus around the handle that has the focus, zero for all of the song. */
  onKey(event, around) {
    const times = { "+": STEP, "=": STEP, "-": 1 / STEP }[event.key];
    if (event.ctrlKey || event.metaKey || (!times && event.key !== "0")) return false;
    event.preventDefault();
    const length = this.length / (times ?? 1);
    if (!times) this.show(0, this.duration);
    else if (around < this.from || around > this.to) this.show(around - length / 2, around + length / 2);
    else this.zoom(times, around);
    return true;
  }

  secondsAt(x) {
    const box = this.svg.getBoundingClientRect();
    return this.from + this.length * Math.min(1, Math.max(0, (x - box.left) / box.width));
  }

  listenForWheel() {
    this.wave.addEventListener("wheel", (event) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY * WHEEL * (event.deltaMode ? 30 : 1)), this.secondsAt(event.clientX));
      else if (sideways && this.length < this.duration) this.scrollTo(this.from + (sideways / this.svg.clientWidth) * this.length);
      else return; // the page's own wheel
      event.preventDefault();
    }, { passive: false });
  }

  /** Two fingers: what lies under them stays under them. */
  listenForFingers() {
    const spread = () => {
      const [one, other] = [...this.fingers.values()];
      return { apart: Math.max(20, Math.abs(one - other)), middle: (one + other) / 2 };
    };
    this.wave.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") this.fingers.set(event.pointerId, event.clientX);
      if (this.fingers.size === 2) this.pinch = { ...spread(), at: this.secondsAt(spread().middle) };
    }, true);
    this.wave.addEventListener("pointermove", (event) => {
      if (!this.fingers.has(event.pointerId)) return;
      this.fingers.set(event.pointerId, event.clientX);
      if (this.fingers.size !== 2) return;
      const now = spread();
      this.zoom(now.apart / this.pinch.apart, this.pinch.at);
      const moved = this.secondsAt(now.middle) - this.pinch.at;
      this.pinch.apart = now.apart;
      this.scrollTo(this.from - moved);
    }, true);
    for (const kind of ["pointerup", "pointercancel"]) this.wave.addEventListener(kind, (event) => this.fingers.delete(event.pointerId), true);
  }

  /** The fine shape, which needs the song decoded once: until it is there, the coarse one is seen. */
  async load() {
    try {
      this.levels = await ask("GET", `songs/${this.wave.dataset.song}/levels`);
    } catch {
      return; // the coarse shape stays, and nothing is said of loudness
    }
    this.draw();
    this.tellLoudness();
  }

  /** What is seen of the fine shape, in so many columns, and over it what is clipped. */
  draw() {
    if (!this.levels) return;
    const { peaks, full, stretches_per_s: rate, clipped } = this.levels;
    const [first, last] = [Math.floor(this.from * rate), Math.min(peaks.length, Math.ceil(this.to * rate))];
    const step = Math.max(1, Math.ceil((last - first) / COLUMNS));
    const scale = this.across / this.duration / rate;
    const cut = new Set(clipped.filter((each) => each >= first && each < last).map((each) => Math.floor((each - first) / step)));
    let shape = "";
    let over = "";
    for (let start = first, column = 0; start < last; start += step, column += 1) {
      let peak = 0;
      for (let at = start; at < Math.min(start + step, last); at += 1) peak = Math.max(peak, peaks[at]);
      const half = Math.max(1, (HEIGHT / 2 - 2) * (peak / full));
      const bar = `M${(start * scale).toFixed(3)} ${HEIGHT / 2 - half}h${(step * scale).toFixed(3)}v${2 * half}h-${(step * scale).toFixed(3)}z`;
      shape += bar;
      if (cut.has(column)) over += bar;
    }
    this.shape.setAttribute("d", shape || this.coarse);
    this.clipped.setAttribute("d", over);
  }

  tellLoudness() {
    const { loudness_lufs: loudness, clipped, clipped_share: share } = this.levels;
    const said = document.querySelector("[data-loudness]");
    if (loudness === null) {
      said.textContent = texts.loudness_none;
      return;
    }
    const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    const [, name] = LOUDNESS.find(([most]) => loudness < most);
    const percent = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 1 }).format(100 * share);
    said.textContent = [say(name, { lufs: format.format(loudness) }), clipped.length ? say("loudness_cut", { percent }) : ""].join(" ").trim();
  }
}
