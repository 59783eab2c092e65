// The film again with a change: ordered here, watched here, then seen beside this one.
import { ask } from "./common.js";

const LOOK_AGAIN_MS = 1000;
const UNDER_WAY = ["queued", "running"];

class Again {
  constructor(form) {
    this.form = form;
    this.said = form.querySelector("[data-again-said]");
    this.bar = form.querySelector("[data-again-bar]");
    this.button = form.querySelector("button[type=submit]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.make();
    });
  }

  async make() {
    this.button.disabled = true;
    this.bar.hidden = false;
    this.bar.value = 0;
    try {
      const take = await this.order();
      let job = await ask("GET", take.links.job);
      while (UNDER_WAY.includes(job.state)) {
        this.said.textContent = job.state === "queued" ? this.form.dataset.waits : this.form.dataset.made;
        this.bar.value = job.share || 0;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        job = await ask("GET", take.links.job);
      }
      if (job.state !== "done") throw new Error(job.error);
      this.said.textContent = this.form.dataset[take.created ? "ready" : "there"];
      const own = take.links.file === document.querySelector("[data-takes]").dataset.file;
      const detail = { file: take.links.file, words: `${take.title}: ${take.made}`, lead: take.lead_s, page: take.links.page };
      if (!own) document.dispatchEvent(new CustomEvent("belcanto:take", { detail }));
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.bar.hidden = true;
    this.button.disabled = false;
  }

  async order() {
    const asked = { method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" }, credentials: "same-origin" };
    const answer = await fetch(this.form.action, asked);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail);
    return told;
  }
}

for (const form of document.querySelectorAll("[data-again]")) new Again(form);
