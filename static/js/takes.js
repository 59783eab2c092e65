// Two takes side by side: they play in step, with one control and the sound of one of them.
import { clock } from "./common.js";

const MOST_APART_S = 0.08;

class Takes {
  constructor(box) {
    this.box = box;
    this.choice = box.querySelector("[data-take]");
    this.stage = box.querySelector("[data-takes-stage]");
    this.one = box.querySelector("[data-this]");
    this.other = box.querySelector("[data-other]");
    this.button = box.querySelector("[data-play]");
    this.playWords = this.button.textContent;
    this.place = box.querySelector("[data-place]");
    this.time = box.querySelector("[data-time]");
    this.lead = 0;
    this.choice.addEventListener("change", () => this.choose());
    this.button.addEventListener("click", () => this.toggle());
    this.place.addEventListener("input", () => this.go(Number(this.place.value)));
    for (const film of [this.one, this.other]) film.addEventListener("ended", () => this.pause());
    this.one.addEventListener("loadedmetadata", () => { this.place.max = this.one.duration; });
    this.one.addEventListener("timeupdate", () => this.follow());
    for (const radio of box.querySelectorAll("[name=takes-sound]")) radio.addEventListener("change", () => this.listen(radio.value));
    document.addEventListener("belcanto:take", (event) => this.add(event.detail));
  }

  choose() {
    this.pause();
    const chosen = this.choice.selectedOptions[0];
    this.stage.hidden = !chosen.value;
    if (!chosen.value) return;
    this.lead = Number(chosen.dataset.lead);
    this.box.querySelector("[data-other-page]").href = chosen.dataset.page;
    if (!this.one.src) this.one.src = this.box.dataset.file;
    this.other.src = chosen.value;
    this.other.addEventListener("loadedmetadata", () => this.go(Math.max(0, this.lead)), { once: true });
  }

  /** A take that has just been made is offered first, and shown. */
  add({ file, words, lead, page }) {
    const option = new Option(words, file);
    Object.assign(option.dataset, { lead, page });
    for (const there of [...this.choice.options].filter((each) => each.value === file)) there.remove();
    this.choice.add(option, 1);
    this.box.hidden = false;
    this.choice.value = file;
    this.choose();
    this.box.scrollIntoView({ block: "start" });
  }

  /** Where the other film is while this one is at `seconds`. */
  beside(seconds) {
    return Math.min(Math.max(0, seconds - this.lead), this.other.duration || 0);
  }

  go(seconds) {
    this.one.currentTime = seconds;
    this.other.currentTime = this.beside(seconds);
    this.show(seconds);
  }

  show(seconds) {
    this.place.value = seconds;
    this.time.textContent = clock(seconds);
    this.place.setAttribute("aria-valuetext", clock(seconds));
  }

  async toggle() {
    if (!this.one.paused) {
      this.pause();
      return;
    }
    if (this.one.ended) this.go(Math.max(0, this.lead));
    this.button.textContent = this.button.dataset.pause;
    this.other.currentTime = this.beside(this.one.currentTime);
    await Promise.all([this.one.play(), this.other.play()]).catch(() => this.pause());
  }

  pause() {
    this.one.pause();
    this.other.pause();
    this.button.textContent = this.playWords;
  }

  follow() {
    const wanted = this.beside(this.one.currentTime);
    if (Math.abs(this.other.currentTime - wanted) > MOST_APART_S && !this.other.seeking) this.other.currentTime = wanted;
    this.show(this.one.currentTime);
  }

  listen(whose) {
    this.one.muted = whose !== "this";
    this.other.muted = whose !== "other";
  }
}

for (const box of document.querySelectorAll("[data-takes]")) new Takes(box);
