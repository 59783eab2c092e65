// A film that is being made: live progress by Server-Sent Events, by asking now and then where those don't come through.
import { ask, say, texts } from "./common.js";

const POLL_MS = 3000;
const FINISHED = ["done", "failed", "cancelled"];

class Watch {
  constructor(panel) {
    this.panel = panel;
    this.job = panel.dataset.job;
    this.bar = panel.querySelector("progress");
    this.stage = panel.querySelector("[data-stage-now]");
    this.left = panel.querySelector("[data-time-left]");
    this.trouble = panel.querySelector("[data-trouble]");
    this.items = new Map([...panel.querySelectorAll("[data-stage]")].map((item) => [item.dataset.stage, item]));
    this.listen();
  }

  listen() {
    if (!window.EventSource) {
      this.poll();
      return;
    }
    const source = new EventSource(this.panel.dataset.events);
    const hear = (event) => {
      this.trouble.hidden = true;
      if (event.data) this.show(JSON.parse(event.data));
    };
    for (const kind of ["job", "state", "progress", "note", "message"]) source.addEventListener(kind, hear);
    source.addEventListener("end", () => { source.close(); this.finish(); });
    source.addEventListener("error", () => {
      // the browser tries again by itself, with Last-Event-ID; where it gave up, the job is asked for instead
      if (!this.over) this.trouble.hidden = source.readyState === EventSource.OPEN;
      if (source.readyState === EventSource.CLOSED && !this.over) this.poll();
    });
    window.addEventListener("pagehide", () => { this.over = true; source.close(); });
  }

  async poll() {
    while (!this.over) {
      try {
        const job = await ask("GET", `jobs/${this.job}`);
        this.trouble.hidden = true;
        this.show(job);
      } catch (error) {
        this.trouble.hidden = false;
        if (error.status === 404) window.location.reload();
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  show(job) {
    if (!job || !job.state) return;
    if (FINISHED.includes(job.state)) {
      this.finish();
      return;
    }
    const running = job.state === "running" && job.stage;
    const part = running && job.total ? Math.min(1, job.done / job.total) : 0;
    let seen = false;
    for (const [name, item] of this.items) { // in the order of the page
      const now = running && name === job.stage;
      seen = seen || now;
      item.className = now ? "now" : running && !seen ? "done" : "";
      if (now) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      item.querySelector(".part").textContent = now && job.total ? `${Math.floor(100 * part)} %` : "";
    }
    if (job.state !== "running") this.bar.value = 0; // it waits again, since its worker was stopped
    else if (job.share !== null) this.bar.value = Math.max(this.bar.value, job.share);
    const name = running ? this.items.get(job.stage)?.querySelector(".name").textContent : job.waits_because || texts.queue;
    if (name && this.stage.textContent !== name) this.stage.textContent = name; // said aloud only when it changes
    const left = job.eta_s === null || !running ? "" : this.timeLeft(job.eta_s);
    this.left.textContent = left && job.overdue ? say("overdue", { left }) : left;
  }

  timeLeft(seconds) {
    if (seconds < 50) return say("seconds_left", { n: seconds < 10 ? Math.max(2, Math.round(seconds)) : 5 * Math.round(seconds / 5) });
    if (seconds < 5400) {
      const minutes = Math.max(1, Math.round(seconds / 60));
      return minutes === 1 ? texts.minute_left : say("minutes_left", { n: minutes });
    }
    const hours = Math.round(seconds / 3600);
    return hours === 1 ? texts.hour_left : say("hours_left", { n: hours });
  }

  finish() {
    if (this.over) return;
    this.over = true;
    const goOn = () => window.location.reload();
    if (document.dispatchEvent(new CustomEvent("belcanto:finished", { cancelable: true, detail: goOn }))) goOn();
  }
}

for (const panel of document.querySelectorAll("[data-job]")) new Watch(panel);

// the quality report is made after the film; the page shows it as soon as it is there
for (const waiting of document.querySelectorAll("[data-wait-for-report]")) {
  let left = 60;
  const look = async () => {
    left -= 1;
    try {
      const film = await ask("GET", `films/${waiting.dataset.waitForReport}`);
      if (film.metrics) {
        const page = await fetch(window.location.href, { credentials: "same-origin" });
        const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
        for (const part of ["quality", "figures"]) {
          const found = fresh.getElementById(part);
          if (found) document.getElementById(part).replaceWith(found);
        }
        return;
      }
    } catch (error) {
      if (error.status) return;
    }
    if (left > 0) setTimeout(look, 10000);
  };
  setTimeout(look, 5000);
}
