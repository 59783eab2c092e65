// Runs beside the page: sound of any rate becomes signed 16-bit samples at 16 kHz, one channel, in pieces.

const RATE_HZ = 16000;

class Pcm extends AudioWorkletProcessor {
  constructor(options) {
    super();
    this.step = sampleRate / RATE_HZ;
    this.size = Math.round((RATE_HZ * options.processorOptions.piece_ms) / 1000);
    this.piece = new DataView(new ArrayBuffer(2 * this.size));
    this.filled = 0;
    this.sum = 0; // of the samples since the last one that was given
    this.count = 0;
    this.place = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    if (!channels.length) return true;
    for (let index = 0; index < channels[0].length; index += 1) {
      let value = 0;
      for (const channel of channels) value += channel[index];
      this.sum += value / channels.length;
      this.count += 1;
      this.place += 1;
      while (this.place >= this.step) this.give();
    }
    return true;
  }

  /** One sample: the mean of those that lie in its time, which keeps what is too high for the new rate out of it. */
  give() {
    const value = Math.max(-1, Math.min(1, this.count ? this.sum / this.count : 0));
    this.piece.setInt16(2 * this.filled, Math.round(value * 32767), true);
    this.filled += 1;
    this.place -= this.step;
    this.sum = 0;
    this.count = 0;
    if (this.filled === this.size) {
      this.port.postMessage(this.piece.buffer.slice(0));
      this.filled = 0;
    }
  }
}

registerProcessor("pcm", Pcm);
