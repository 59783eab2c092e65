// What both say, as it is heard: bubbles in the log, the sentence of the moment over the picture, what is being understood.
import { say, texts } from "./common.js";

export class Chat {
  constructor(log, captions, partial, name) {
    this.log = log;
    this.captions = captions;
    this.partial = partial;
    this.name = name;
    this.awaited = [];
    this.quiet();
    this.fresh();
  }

  /** The next sentence of the avatar begins a bubble. */
  fresh() {
    this.bubble = null;
    this.sentences = new Map();
  }

  add(kind, who, text) {
    const bubble = document.createElement("p");
    bubble.className = kind;
    const name = document.createElement("span");
    name.className = "who";
    name.textContent = who;
    const words = document.createElement("span");
    words.textContent = text;
    bubble.append(name, words);
    this.log.append(bubble);
    this.log.scrollTop = this.log.scrollHeight;
    return words;
  }

  mine(text) {
    this.add("mine", texts.live_you, text);
    this.fresh();
  }

  /** It was written, and stands in the log at once, though the avatar tells of it as of what it hears. */
  written(text) {
    this.awaited.push(text);
    this.mine(text);
  }

  heard(text, final) {
    this.partial.textContent = final || !text ? "" : say("live_heard", { text });
    if (!final || !text) return;
    const place = this.awaited.indexOf(text);
    if (place < 0) this.mine(text);
    else this.awaited.splice(0, place + 1);
  }

  /** A sentence begins, or goes on: pieces of one number belong together. */
  caption({ text, sentence }) {
    const whole = this.sentences.has(sentence) ? `${this.sentences.get(sentence)} ${text}` : text;
    this.sentences.set(sentence, whole);
    const words = [...this.sentences.values()].join(" ");
    if (this.bubble) this.bubble.textContent = words;
    else this.bubble = this.add("its", this.name, words);
    this.log.scrollTop = this.log.scrollHeight;
    const line = document.createElement("span");
    line.textContent = whole;
    this.captions.replaceChildren(line);
    this.captions.hidden = false;
  }

  quiet() {
    this.captions.hidden = true;
    this.captions.replaceChildren();
  }
}
