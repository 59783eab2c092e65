// A picture is cut: the frame is `frame.js`'s, under which the picture is mirrored, turned and straightened as the server will do it.
import { say, texts } from "./common.js";
import { FrameEditor } from "./frame.js";

const TURNS = ["none", "right", "over", "left"];
const radians = (degrees) => (degrees * Math.PI) / 180;

class Cutter {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.size = [Number(box.dataset.width), Number(box.dataset.height)];
    this.image = box.querySelector("img");
    this.canvas = box.querySelector("[data-canvas]");
    this.shade = box.querySelector("[data-shade]");
    this.slope = this.form.querySelector("[data-slope]");
    this.fields = this.form.elements;
    this.said = this.form.querySelector("[data-frame-said]");
    this.untouched = !this.fields.left.value; // then the frame follows: the largest without empty corners
    this.editor = new FrameEditor(box);
    for (const kind of ["pointerup", "keyup"]) box.addEventListener(kind, () => this.touched());
    for (const name of ["left", "top", "right", "bottom"]) this.fields[name].addEventListener("input", () => this.touched());
    for (const name of ["turn", "angle_deg", "flip"]) this.fields[name].addEventListener("input", () => this.show());
    this.slope.addEventListener("input", () => this.straighten(Number(this.slope.value)));
    for (const button of this.form.querySelectorAll("[data-turn]")) button.addEventListener("click", () => this.turn(button.dataset.turn));
    this.form.querySelector("[data-flip]").addEventListener("click", () => this.flip());
    this.form.querySelector("[data-eyes]").addEventListener("click", () => this.byEyes());
    this.form.querySelector("[data-whole]").addEventListener("click", () => this.whole());
    this.form.addEventListener("submit", () => this.leaveWhole());
    this.begin();
  }

  async begin() {
    await this.image.decode().catch(() => {}); // then the picture is not seen, and the numbers still count
    this.image.hidden = true;
    this.canvas.hidden = false;
    this.shade.removeAttribute("hidden");
    this.show();
  }

  get quarters() {
    return TURNS.indexOf(this.fields.turn.value);
  }

  get angle() {
    const typed = Number(this.fields.angle_deg.value.replace(",", "."));
    return Number.isFinite(typed) ? typed : 0;
  }

  /** Draw the picture as the three fields tell, and the frame upon it. */
  show() {
    const [width, height] = this.quarters % 2 ? [this.size[1], this.size[0]] : this.size;
    const scale = this.image.naturalWidth / this.size[0] || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const pen = this.canvas.getContext("2d");
    pen.translate(this.canvas.width / 2, this.canvas.height / 2);
    pen.rotate(radians(this.angle) + this.quarters * (Math.PI / 2));
    pen.scale(this.fields.flip.checked ? -scale : scale, scale);
    pen.drawImage(this.image, -this.size[0] / 2, -this.size[1] / 2, this.size[0], this.size[1]);
    this.shade.setAttribute("viewBox", `0 0 ${width} ${height}`);
    Object.assign(this.editor, { width, height });
    this.slope.value = this.angle;
    if (this.untouched) this.editor.set(this.largest(width, height));
    else this.editor.readFields();
    this.frameMoved();
  }

  /** As `largest` in `media/picture_cutting.py`. */
  largest(width, height) {
    const [sine, cosine] = [Math.abs(Math.sin(radians(this.angle))), Math.abs(Math.cos(radians(this.angle)))];
    const scale = Math.min(width / (width * cosine + height * sine), height / (width * sine + height * cosine));
    const [across, down] = [Math.floor(width * scale), Math.floor(height * scale)];
    const [left, top] = [Math.floor((width - across) / 2), Math.floor((height - down) / 2)];
    return [left, top, left + across, top + down];
  }

  touched() {
    this.untouched = this.editor.edges === null;
    this.frameMoved();
  }

  frameMoved() {
    const { edges, width, height } = this.editor;
    if (!edges) return;
    const [left, top, right, bottom] = edges;
    this.shade.querySelector("path").setAttribute("d", `M0 0H${width}V${height}H0Z M${left} ${top}H${right}V${bottom}H${left}Z`);
    this.said.textContent = say("cut_size", { width: Math.round(right - left), height: Math.round(bottom - top) });
  }

  straighten(degrees) {
    this.fields.angle_deg.value = String(Math.round(degrees * 10) / 10);
    this.show();
  }

  /** What is seen turns by a quarter, the frame with it. */
  turn(way) {
    const { edges, width, height } = this.editor;
    if (!this.untouched && edges) {
      const [left, top, right, bottom] = edges;
      this.write(way === "right" ? [height - bottom, left, height - top, right] : [top, width - right, bottom, width - left]);
    }
    this.fields.turn.value = TURNS[(this.quarters + (way === "right" ? 1 : 3)) % 4];
    this.show();
  }

  /** What is seen is mirrored: of what was turned before, the turns go the other way. */
  flip() {
    const { edges, width } = this.editor;
    if (!this.untouched && edges) this.write([width - edges[2], edges[1], width - edges[0], edges[3]]);
    this.fields.flip.checked = !this.fields.flip.checked;
    this.fields.turn.value = TURNS[(4 - this.quarters) % 4];
    this.straighten(-this.angle || 0);
  }

  write(edges) {
    ["left", "top", "right", "bottom"].forEach((name, at) => { this.fields[name].value = Math.round(edges[at]); });
  }

  byEyes() {
    const degrees = (this.fields.flip.checked ? 1 : -1) * Number(this.box.dataset.tilt);
    const quarters = Math.round(degrees / 90);
    this.fields.turn.value = TURNS[(quarters + 4) % 4];
    this.straighten(degrees - 90 * quarters);
    this.said.textContent = degrees ? say("cut_straight", { degrees: this.fields.angle_deg.value }) : texts.cut_level;
  }

  whole() {
    this.untouched = true;
    this.show();
  }

  /** Where nobody chose a part, the server takes the largest by itself. */
  leaveWhole() {
    if (this.untouched) for (const name of ["left", "top", "right", "bottom"]) this.fields[name].value = "";
  }
}

for (const box of document.querySelectorAll("[data-cut]")) new Cutter(box);
