// What all recorders of the page share: the buttons of each state, the count-in, the file's name, and its way into the upload.
import { say, texts } from "./common.js";

export const SECOND_MS = 1000;
const COUNT_FROM = 3;

/** A panel whose parts are named by `data-` attributes and shown by its state. */
export class Panel {
  /** acts: the methods that the buttons call, by the buttons' names. */
  constructor(panel, acts) {
    this.panel = panel;
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    for (const [name, act] of Object.entries(acts)) this.part(name).addEventListener("click", () => this[act]());
    window.addEventListener("pagehide", () => this.release());
  }

  /** shown: of each part, whether it is seen in this state; the button that comes next gets the focus. */
  present(state, shown, next) {
    this.state = state;
    for (const [name, on] of Object.entries(shown)) this.part(name).toggleAttribute("hidden", !on); // an SVG has no property of that name
    if (next) this.part(next).focus();
  }

  tell(words) {
    this.part("said").textContent = words;
  }

  trouble(words) {
    this.part("problem").textContent = words;
    this.part("problem").hidden = !words;
  }

  /** Three, two, one; gives whether nothing came between. `tick` is called at each number. */
  async countDown(text, tick = () => {}) {
    for (let left = COUNT_FROM; left > 0; left -= 1) {
      this.part("count").textContent = String(left);
      this.tell(say(text, { n: left }));
      tick(left);
      await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
      if (this.state !== "counting") return false;
    }
    return true;
  }

  /** Have the file uploaded as any that is chosen; it stays here, so that a broken upload can go on. */
  give(kind) {
    const zone = document.querySelector(`.drop[data-kind=${kind}]`);
    zone.dispatchEvent(new CustomEvent("give", { detail: this.file }));
    zone.scrollIntoView({ block: "center" });
  }
}

/** The pieces as a file, named by the words and the time. */
export function fileOf(pieces, words, ending, type) {
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" }).format(new Date());
  return new File(pieces, `${texts[words]} ${when.replaceAll(":", ".")}.${ending}`, { type });
}
