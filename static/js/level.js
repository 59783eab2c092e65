// How loud a microphone is, as it is heard: a bar in decibels below full scale, and whether the sound clips.

const LOOK_MS = 40;
/** One look takes in all samples since the last one: 4096 are 85 ms at 48 kHz. */
const SAMPLES = 4096;
const FLOOR_DB = -54;
const CLIPS = 0.985;
const HELD_MS = 1500;
/** By so much of the bar's length it falls at each look: the eye follows it. */
const FALL = 0.03;

export class Level {
  /** bar: an element with role `meter`, whose first child is its filling, whose second the mark of the loudest moment. */
  constructor(bar, onClip) {
    this.bar = bar;
    this.onClip = onClip;
    this.samples = new Float32Array(SAMPLES);
    this.reset();
  }

  /** Forget how loud it was. */
  reset() {
    this.loudest = 0;
    this.clipped = 0;
    this.mark = { value: 0, at: 0 };
    this.shown = 0;
  }

  start(context, stream) {
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = SAMPLES;
    this.source = context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
    this.ticking = setInterval(() => this.look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.ticking);
    this.source?.disconnect();
    this.source = null;
    this.reset();
    this.draw(0);
  }

  look() {
    this.analyser.getFloatTimeDomainData(this.samples);
    let peak = 0;
    for (const sample of this.samples) peak = Math.max(peak, Math.abs(sample));
    this.loudest = Math.max(this.loudest, peak);
    const clips = peak >= CLIPS;
    if (clips) this.clipped += 1;
    this.onClip(clips);
    this.draw(peak);
  }

  draw(peak) {
    const now = performance.now();
    if (peak >= this.mark.value || now - this.mark.at > HELD_MS) this.mark = { value: peak, at: now };
    this.shown = Math.max(share(peak), this.shown - FALL);
    this.bar.style.setProperty("--level", this.shown);
    this.bar.style.setProperty("--loudest", share(this.mark.value));
    this.bar.setAttribute("aria-valuenow", String(Math.round(100 * share(peak))));
  }
}

/** Where the bar stands, from 0 to 1, for a peak of the samples from 0 to 1. */
function share(peak) {
  return peak ? Math.max(0, 1 - (20 * Math.log10(Math.min(1, peak))) / FLOOR_DB) : 0;
}
