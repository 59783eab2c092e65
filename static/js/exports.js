// What can be made of the film: asked for, waited for and offered without leaving the page.
import { ask } from "./common.js";

const LOOK_AGAIN_MS = 500;
const UNDER_WAY = ["queued", "running"];
const words = JSON.parse(document.querySelector("[data-export-words]").dataset.exportWords);

class Taking {
  constructor(form) {
    this.form = form;
    this.said = form.querySelector("[data-export-said]");
    this.bar = form.querySelector("[data-export-bar]");
    this.files = form.querySelector("[data-export-files]");
    this.button = form.querySelector("button[type=submit]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.make();
    });
  }

  options() {
    const given = {};
    for (const [name, value] of new FormData(this.form)) {
      if (["csrf_token", "kind"].includes(name) || value === "") continue;
      const field = this.form.elements[name];
      given[name] = field.type === "number" || field.inputMode === "decimal" ? Number(value) : value;
    }
    return given;
  }

  async make() {
    this.button.disabled = true;
    this.said.textContent = words.export_waits;
    this.bar.hidden = false;
    this.bar.removeAttribute("value");
    try {
      let job = await ask("POST", this.form.dataset.export, { kind: this.form.dataset.kind, options: this.options() });
      while (UNDER_WAY.includes(job.state)) {
        if (job.total) this.bar.value = job.done / job.total;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        job = await ask("GET", job.links.self);
      }
      if (job.state !== "done") throw new Error(job.error);
      this.said.textContent = [words.export_made, ...job.notes].join(" ");
      this.offer(job);
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.bar.hidden = true;
    this.button.disabled = false;
  }

  offer(job) {
    for (const [role, address] of Object.entries(job.links.files)) {
      const link = document.createElement("a");
      link.className = "btn btn-primary";
      link.href = `${address}?download=1`;
      link.download = "";
      const outOf = words[`export_out_of_${job.options.stems}`];
      link.textContent = [words[`export_${role}`] || role, ...(outOf ? [outOf] : [])].join(", ");
      const there = [...this.files.children].find((each) => each.getAttribute("href") === link.getAttribute("href"));
      if (there) there.remove();
      this.files.prepend(link);
    }
    this.files.firstElementChild?.focus();
  }
}

for (const form of document.querySelectorAll("[data-export]")) new Taking(form);
