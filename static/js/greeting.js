// The chosen picture moves: asked for when the page shows it, and anew when another face is chosen; played in a loop.
import { answerOf, ask } from "./common.js";

const LOOK_AGAIN_MS = 250;

class Greeting {
  constructor(box) {
    this.box = box;
    this.form = document.querySelector(box.dataset.form);
    this.video = box.querySelector("video");
    this.said = box.querySelector("[data-said]");
    this.asked = 0;
    this.form.addEventListener("change", (event) => {
      if (["face", "animals"].includes(event.target.name)) this.show();
    });
    this.show();
  }

  async show() {
    this.asked += 1;
    const mine = this.asked;
    try {
      const body = new FormData(this.form);
      body.append("csrf_token", this.box.dataset.token);
      const options = { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" };
      let told = await answerOf(await fetch(this.box.dataset.greeting, options));
      this.box.hidden = !told;
      while (told && mine === this.asked && ["queued", "running"].includes(told.state)) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        told = await ask("GET", told.at);
      }
      if (mine !== this.asked || !told) return;
      if (told.film) this.play(told.film);
      else this.hide();
    } catch {
      if (mine === this.asked) this.hide(); // the step goes on without it; the preview of the film tells what is wrong
    }
  }

  play(film) {
    this.said.hidden = true;
    this.video.src = film;
    this.video.hidden = false;
    this.video.controls = true;
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) this.video.play().catch(() => {});
  }

  hide() {
    this.box.hidden = true;
  }
}

for (const box of document.querySelectorAll("[data-greeting]")) new Greeting(box);
