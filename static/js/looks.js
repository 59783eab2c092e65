// A moment of this film in every look: drawn when the fold is opened, chosen by a press.
import { ask } from "./common.js";

const LOOK_AGAIN_MS = 500;
const UNDER_WAY = ["queued", "running"];

class Looks {
  constructor(box) {
    this.box = box;
    this.field = box.closest("form").querySelector("[name=look]");
    this.fold = box.closest("details");
    this.fold.addEventListener("toggle", () => this.draw(), { once: true });
    this.field.addEventListener("change", () => this.mark());
    for (const button of box.querySelectorAll("[data-look]")) {
      button.addEventListener("click", () => {
        this.field.value = button.dataset.look;
        this.field.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }

  async draw() {
    let job = await ask("POST", this.box.dataset.looks, { kind: "film_looks" });
    while (UNDER_WAY.includes(job.state)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      job = await ask("GET", job.links.self);
    }
    if (job.state !== "done") return; // the list says the same in words
    for (const button of this.box.querySelectorAll("[data-look]")) button.firstElementChild.src = job.links.files[button.dataset.look];
    this.mark();
    this.box.hidden = false;
  }

  mark() {
    for (const button of this.box.querySelectorAll("[data-look]")) {
      button.setAttribute("aria-pressed", String(button.dataset.look === this.field.value));
    }
  }
}

for (const box of document.querySelectorAll("[data-looks]")) new Looks(box);
