// The frame around a drawn face: dragged by mouse, finger or pen, moved by the arrow keys, or typed into the four fields, which
// are what counts and are there without scripts too.
import { say, texts } from "./common.js";

const NAMES = ["left", "top", "right", "bottom"];
const LEAST_PX = 24;
const FINE = 0.005;
const within = (number, low, high) => Math.min(high, Math.max(low, number));

export class FrameEditor {
  constructor(picture) {
    this.picture = picture;
    this.width = Number(picture.dataset.width);
    this.height = Number(picture.dataset.height);
    this.box = picture.querySelector("[data-box]");
    this.drawn = picture.querySelector("[data-drawn]");
    this.place = document.querySelector("[data-place]");
    this.back = document.querySelector("[data-back]");
    this.said = document.querySelector("[data-frame-said]");
    this.fields = NAMES.map((name) => document.getElementById(`frame-${name}`));
    for (const field of this.fields) field.addEventListener("input", () => this.readFields());
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.place.addEventListener("click", () => this.placeFrame());
    picture.classList.add("live");
    picture.querySelector("img").draggable = false;
    this.listenForPointers();
    this.readFields();
  }

  /** The fields' numbers, or null where they are no frame yet. */
  readFields() {
    const edges = this.fields.map((field) => (field.value.trim() === "" ? NaN : Number(field.value)));
    const [left, top, right, bottom] = edges;
    this.edges = edges.every(Number.isFinite) && right > left && bottom > top ? edges : null;
    this.draw();
  }

  set(edges) {
    this.edges = edges.map(Math.round);
    this.fields.forEach((field, index) => {
      field.value = this.edges[index];
      field.removeAttribute("aria-invalid");
    });
    document.getElementById("frame-problem")?.remove();
    this.draw();
  }

  draw() {
    const shown = this.edges !== null;
    this.drawn.toggleAttribute("hidden", !shown);
    this.box.hidden = !shown;
    this.place.hidden = shown;
    // the way back to the face that was found, where another frame is set
    if (this.back?.dataset.found) this.back.hidden = this.back.dataset.found.split(",").every((edge, at) => Number(edge) === this.edges?.[at]);
    if (!shown) return;
    const [left, top, right, bottom] = this.edges;
    const values = { x: left, y: top, width: right - left, height: bottom - top };
    for (const line of this.drawn.children) {
      for (const [name, value] of Object.entries(values)) line.setAttribute(name, value);
    }
    this.box.style.left = `${(100 * left) / this.width}%`;
    this.box.style.top = `${(100 * top) / this.height}%`;
    this.box.style.width = `${(100 * (right - left)) / this.width}%`;
    this.box.style.height = `${(100 * (bottom - top)) / this.height}%`;
  }

  tell() {
    const [left, top, right, bottom] = this.edges;
    this.said.textContent = say("frame_at", { left, top, right, bottom });
  }

  /** A frame to begin with: a third of the picture, in the upper half, where most faces are. */
  placeFrame() {
    const side = Math.max(LEAST_PX, Math.min(this.width, this.height) / 3);
    const left = (this.width - side) / 2;
    const top = Math.max(0, this.height * 0.3 - side / 2);
    this.set([left, top, left + side, top + side]);
    this.box.focus();
    this.said.textContent = texts.frame_placed;
  }

  move(edges, across, down) {
    const [left, top, right, bottom] = edges;
    const x = within(across, -left, Math.max(-left, this.width - right));
    const y = within(down, -top, Math.max(-top, this.height - bottom));
    this.set([left + x, top + y, right + x, bottom + y]);
  }

  /** Move the corner that `corner` names: n or s, w or e. */
  resize(edges, corner, across, down) {
    let [left, top, right, bottom] = edges;
    if (corner.includes("w")) left = within(left + across, 0, right - LEAST_PX);
    if (corner.includes("e")) right = within(right + across, left + LEAST_PX, this.width);
    if (corner.includes("n")) top = within(top + down, 0, bottom - LEAST_PX);
    if (corner.includes("s")) bottom = within(bottom + down, top + LEAST_PX, this.height);
    this.set([left, top, right, bottom]);
  }

  onKey(event) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // the page would scroll
    const step = Math.max(1, Math.round(FINE * Math.max(this.width, this.height)));
    const [across, down] = arrow.map((part) => part * step);
    if (event.shiftKey) this.resize(this.edges, "se", across, down);
    else this.move(this.edges, across, down);
    this.tell();
  }

  listenForPointers() {
    let drag = null;
    const at = (event) => {
      const box = this.picture.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * this.width, ((event.clientY - box.top) / box.height) * this.height];
    };
    this.picture.addEventListener("pointerdown", (event) => {
      const onBox = this.box.contains(event.target);
      // a finger beside the frame scrolls the page
      if (event.button !== 0 || (!onBox && event.pointerType === "touch")) return;
      const [x, y] = at(event);
      drag = { x, y, edges: this.edges, corner: onBox ? (event.target.dataset.corner ?? "") : null };
      this.picture.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.picture.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const [x, y] = at(event);
      const [across, down] = [x - drag.x, y - drag.y];
      if (drag.corner === null) this.dragNew(drag, x, y);
      else if (drag.corner) this.resize(drag.edges, drag.corner, across, down);
      else this.move(drag.edges, across, down);
    });
    this.picture.addEventListener("pointerup", () => {
      if (drag && this.edges) {
        this.box.focus({ preventScroll: true });
        this.tell();
      }
      drag = null;
    });
    this.picture.addEventListener("pointercancel", () => { drag = null; });
  }

  /** A new frame from where the pointer went down; a click alone leaves the old one. */
  dragNew(drag, x, y) {
    const xs = [drag.x, x].map((each) => within(each, 0, this.width)).sort((one, other) => one - other);
    const ys = [drag.y, y].map((each) => within(each, 0, this.height)).sort((one, other) => one - other);
    if (xs[1] - xs[0] >= LEAST_PX && ys[1] - ys[0] >= LEAST_PX) this.set([xs[0], ys[0], xs[1], ys[1]]);
  }
}

for (const picture of document.querySelectorAll("[data-frame]")) new FrameEditor(picture);
