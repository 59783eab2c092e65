// Where the singer of a song begins and rests: found by the server when that is asked for, drawn under the waveform, and taken by what is
// dragged near it.
import { ask, say, texts } from "./common.js";

const AGAIN_MS = 1500;
const BAND = 5;
const HEIGHT = 100;
const SVG = "http://www.w3.org/2000/svg";
/** What is sung begins a little before it is heard: so much of a breath is taken along. */
const LEAD_S = 0.1;

export class Phrases {
  constructor(wave, svg) {
    this.wave = wave;
    this.svg = svg;
    this.across = svg.viewBox.baseVal.width;
    this.duration = Number(wave.dataset.duration);
    this.found = null;
    this.box = document.querySelector("[data-snap]");
    this.said = document.querySelector("[data-snap-said]");
    this.band = document.createElementNS(SVG, "path");
    this.band.setAttribute("class", "phrases");
    svg.append(this.band);
    this.box.addEventListener("change", () => this.turn());
  }

  get on() {
    return this.box.checked && this.found !== null;
  }

  async turn() {
    this.band.toggleAttribute("hidden", !this.box.checked);
    if (!this.box.checked || this.found || this.asking) return;
    this.asking = true;
    this.said.textContent = texts.phrases_sought;
    try {
      for (;;) {
        const told = await ask("GET", `songs/${this.wave.dataset.song}/phrases`);
        if (told.phrases) {
          this.take(told.phrases);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    } catch (error) {
      this.said.textContent = error.status ? error.message : texts.failed_to_ask;
      this.box.checked = false;
    }
    this.asking = false;
  }

  take(phrases) {
    this.found = phrases;
    this.edges = { start: phrases.map(([start]) => Math.max(0, start - LEAD_S)), end: phrases.map(([, end]) => Math.min(this.duration, end + LEAD_S)) };
    const scale = this.across / this.duration;
    const bar = ([start, end]) => `M${start * scale} ${HEIGHT - BAND}H${end * scale}V${HEIGHT}H${start * scale}z`;
    this.band.setAttribute("d", phrases.map(bar).join(""));
    this.said.textContent = phrases.length ? say("phrases_found", { n: phrases.length }) : texts.phrases_none;
  }

  /** The beginning or end of a phrase, whichever is meant, no farther than `within` seconds; else the moment itself. */
  near(which, seconds, within) {
    if (!this.on) return seconds;
    const nearest = this.edges[which].reduce((best, each) => (Math.abs(each - seconds) < Math.abs(best - seconds) ? each : best), Infinity);
    return Math.abs(nearest - seconds) <= within ? nearest : seconds;
  }

  /** The next one in a direction; undefined where there is none. */
  next(which, seconds, way) {
    if (!this.on) return undefined;
    const beyond = this.edges[which].filter((each) => way * (each - seconds) > 0.06);
    return way > 0 ? beyond[0] : beyond.at(-1);
  }
}
