// A film in the making: its newest frame once a second, and a sign at the end for those who want one.
import { texts } from "./common.js";

const STILL_MS = 1000;
const WANTED = "belcanto-tell-me";

class Stills {
  constructor(box) {
    this.box = box;
    this.image = box.querySelector("img");
    this.timer = setInterval(() => this.look(), STILL_MS);
    window.addEventListener("pagehide", () => clearInterval(this.timer));
  }

  async look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.box.dataset.still, { credentials: "same-origin" });
      if (answer.status !== 200) return; // none yet, or none any more: the last one stays
      const last = this.image.src;
      this.image.src = URL.createObjectURL(await answer.blob());
      if (last.startsWith("blob:")) URL.revokeObjectURL(last);
      this.box.hidden = false;
      this.image.hidden = false;
      this.box.classList.remove("coming");
    } catch {
      // the next one is asked for in a second
    }
  }
}

/** Three soft notes. */
function ring() {
  const sound = new AudioContext();
  [523.25, 659.25, 783.99].forEach((pitch, number) => {
    const tone = sound.createOscillator();
    const level = sound.createGain();
    const at = sound.currentTime + 0.16 * number;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.12, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(level).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  });
}

function sayThatItIsReady(title) {
  ring();
  if (document.hidden && "Notification" in window && Notification.permission === "granted") new Notification(texts.film_ready, { body: title });
}

class Sign {
  constructor(field) {
    this.field = field;
    field.checked = localStorage.getItem(WANTED) === "yes";
    field.addEventListener("change", () => this.chosen());
    document.addEventListener("belcanto:finished", (event) => {
      if (!this.field.checked) return;
      event.preventDefault(); // the page goes on when the notes have been heard
      sayThatItIsReady(document.querySelector("h1").textContent);
      setTimeout(event.detail, 1000);
    });
  }

  chosen() {
    localStorage.setItem(WANTED, this.field.checked ? "yes" : "no");
    if (!this.field.checked) return;
    if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
  }
}

for (const box of document.querySelectorAll("[data-still]")) new Stills(box);
for (const field of document.querySelectorAll("[data-tell-me]")) new Sign(field);
