// The intensity over time: key points on the song's waveform, by mouse or finger in the picture, or by the fields below it. What
// counts is the text field, which is there without scripts too.
import { ask, clock, decimal, say, texts, whenReleased } from "./common.js";

const MOST_POINTS = 1000;
const LOOK_AGAIN_MS = 2000;
const WIDTH = 400;
const short = (number, digits = 2) => String(Number(number.toFixed(digits)));
const within = (number, low, high) => Math.min(high, Math.max(low, number));
const make = (tag, attributes = {}) => Object.assign(document.createElement(tag), attributes);

/** Key points out of a text such as `0:0.3, 12.5:0.9`, in order of time; null where it can't be read. */
function readPoints(text, duration) {
  const commaInNumbers = text.includes(";") || /^\s*\d+(,\d+)?\s*:\s*\d+(,\d+)?\s*$/.test(text);
  const plain = commaInNumbers ? text.replaceAll(",", ".").replaceAll(";", ",") : text;
  const points = [];
  for (const part of plain.split(/[,\n]/)) {
    if (!part.trim()) continue;
    const found = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*:\s*(\d+(?:\.\d*)?|\.\d+)\s*$/.exec(part);
    const point = found && { time_s: Number(found[1]), value: Number(found[2]) };
    if (!point || point.value > 1 || point.time_s > duration + 0.1 || point.time_s <= (points.at(-1)?.time_s ?? -1)) return null;
    points.push(point);
  }
  return points;
}

class CurveEditor {
  constructor(box) {
    this.box = box;
    this.field = document.getElementById(box.dataset.field);
    this.duration = Number(box.dataset.duration);
    this.own = JSON.parse(box.dataset.own);
    this.plot = box.querySelector("[data-plot]");
    this.svg = this.plot.querySelector("svg");
    this.rows = box.querySelector("[data-rows]");
    this.said = box.querySelector("[data-said]");
    this.words = box.querySelector("[data-words]");
    this.number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    this.points = [];
    this.handles = [];
    for (const [name, act] of Object.entries({ add: this.addInGap, find: this.find, take: this.take, clear: this.clear })) {
      box.querySelector(`[data-${name}]`).addEventListener("click", () => act.call(this));
    }
    this.performance = document.getElementById(box.dataset.performance ?? "");
    this.performance?.addEventListener("change", () => whenReleased(() => this.show()));
    this.field.addEventListener("change", () => whenReleased(() => this.readField()));
    this.plot.classList.add("live");
    this.listenForPointers();
    this.readField();
  }

  piece(name) {
    return this.box.querySelector(`[data-${name}]`);
  }

  readField() {
    const points = readPoints(this.field.value, this.duration);
    if (points === null) {
      this.said.textContent = texts.points_wrong; // the server says just what is wrong
      return;
    }
    this.said.textContent = "";
    this.points = points;
    this.show();
  }

  /** Write the field and draw all anew; `focus`: the point whose field of that name shall have the focus. */
  changed(focus = null, name = "range") {
    this.points.sort((one, other) => one.time_s - other.time_s);
    this.write();
    this.show();
    if (focus) this.rows.children[this.points.indexOf(focus)].querySelector(`[type=${name}]`).focus();
  }

  write() {
    const words = this.points.map((point) => `${short(point.time_s)}:${short(point.value)}`.replaceAll(".", decimal));
    this.field.value = words.join(decimal === "." ? ", " : "; ");
  }

  show() {
    this.handles.forEach((handle) => handle.remove());
    this.handles = this.points.map((point) => this.handle(point));
    this.rows.replaceChildren(...this.points.map((point, index) => this.row(point, index)));
    this.words.textContent = this.own ? this.ownInWords() : "";
    this.piece("find").textContent = this.learns ? texts.network_find : texts.own_find;
    this.piece("take").textContent = this.toldByNetwork ? texts.network_take : texts.own_take;
    this.piece("heads").hidden = !this.points.length;
    this.piece("clear").hidden = !this.points.length;
    this.piece("find").hidden = this.learns ? this.toldByNetwork : Boolean(this.own);
    this.piece("take").hidden = !this.own || Boolean(this.points.length);
    this.draw();
  }

  /** Whether a trained network performs by the form as it stands. */
  get learns() {
    return this.performance?.value === "deitalk";
  }

  /** Whether the curve in effect, where there are no key points, is known to be the network's. */
  get toldByNetwork() {
    return this.learns && Boolean(this.own?.learned?.length);
  }

  /** The curve in effect where there are no key points. */
  get values() {
    return this.toldByNetwork ? this.own.learned : this.own.values;
  }

  ownInWords() {
    const values = this.values;
    const high = Math.max(...values);
    const [low, top] = [Math.min(...values), high].map((value) => this.number.format(value));
    return say(this.toldByNetwork ? "network_curve" : "own_curve", { low, high: top, time: clock(values.indexOf(high) * this.own.step_s) });
  }

  draw() {
    const place = (time, value) => `${(WIDTH * Math.min(1, time / this.duration)).toFixed(1)},${(100 - 100 * value).toFixed(1)}`;
    const lineOf = (values) => values.map((value, index) => place(index * this.own.step_s, value)).join(" ");
    const own = this.own ? lineOf(this.own.values) : "";
    const learned = this.toldByNetwork ? lineOf(this.own.learned) : "";
    const points = this.points;
    const line = points.map((point) => place(point.time_s, point.value));
    if (points.length) {
      line.unshift(place(0, points[0].value)); // held before the first and after the last
      line.push(place(this.duration, points.at(-1).value));
    }
    this.svg.querySelector(".effective").setAttribute("points", points.length ? line.join(" ") : learned || own);
    this.svg.querySelector(".automatic").setAttribute("points", points.length || learned ? own : "");
    this.svg.querySelector(".learned").setAttribute("points", points.length ? learned : "");
    this.handles.forEach((handle, index) => this.put(handle, points[index]));
  }

  put(handle, point) {
    const box = this.svg.getBoundingClientRect();
    const outer = this.plot.getBoundingClientRect();
    handle.style.left = `${100 * Math.min(1, point.time_s / this.duration)}%`;
    if (outer.height) handle.style.top = `${(100 * (box.top - outer.top + (1 - point.value) * box.height)) / outer.height}%`;
  }

  handle(point) {
    const handle = make("span", { className: "curve-handle" });
    handle.setAttribute("aria-hidden", "true"); // the same point has its fields below
    handle.point = point;
    this.plot.append(handle);
    return handle;
  }

  row(point, index) {
    const n = index + 1;
    const time = make("input", { type: "number", className: "form-control numbers", min: 0, max: short(this.duration), step: "any", value: short(point.time_s) });
    time.setAttribute("aria-label", say("point_time", { n }));
    const value = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: short(point.value) });
    value.setAttribute("aria-label", say("point_value", { n }));
    const output = make("output");
    const remove = make("button", { type: "button", className: "btn btn-plain btn-little", textContent: "×" });
    remove.setAttribute("aria-label", say("point_remove", { n }));
    const tell = () => {
      output.textContent = this.number.format(point.value);
      value.setAttribute("aria-valuetext", say("point_at", { value: output.textContent, time: clock(point.time_s) }));
    };
    tell();
    value.addEventListener("input", () => { point.value = Number(value.value); tell(); this.write(); this.draw(); });
    time.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // the time is meant, not the order
      this.moveTo(point, Number(time.value));
    });
    value.addEventListener("keydown", (event) => {
      if (event.key === "Delete") this.remove(point);
    });
    time.addEventListener("change", () => this.moveTo(point, Number(time.value)));
    remove.addEventListener("click", () => this.remove(point));
    point.tell = () => { time.value = short(point.time_s); value.value = short(point.value); tell(); };
    const item = make("li");
    item.append(make("span", { className: "number", textContent: `${n}.` }), time, value, output, remove);
    item.addEventListener("focusin", () => this.mark(point));
    item.addEventListener("focusout", () => this.mark(null));
    return item;
  }

  mark(point) {
    for (const handle of this.handles) handle.classList.toggle("now", handle.point === point);
  }

  /** Another time, as typed; where another point has it already, a hundredth of a second later. */
  moveTo(point, seconds) {
    point.time_s = Number(short(within(Number.isFinite(seconds) ? seconds : point.time_s, 0, this.duration)));
    this.part(point);
    this.changed(point, "number");
  }

  part(point) {
    const taken = (time) => this.points.some((other) => other !== point && Math.abs(other.time_s - time) < 0.005);
    const step = point.time_s > this.duration - 1 ? -0.01 : 0.01;
    while (taken(point.time_s)) point.time_s = Number(short(point.time_s + step));
  }

  valueAt(seconds) {
    const points = this.points;
    const after = points.findIndex((point) => point.time_s >= seconds);
    if (points.length && after <= 0) return (after === 0 ? points[0] : points.at(-1)).value;
    if (points.length) {
      const [one, other] = [points[after - 1], points[after]];
      return one.value + ((other.value - one.value) * (seconds - one.time_s)) / (other.time_s - one.time_s);
    }
    return this.own ? this.values[Math.min(this.values.length - 1, Math.round(seconds / this.own.step_s))] : 0.5;
  }

  add(seconds, value) {
    if (this.points.length >= MOST_POINTS) {
      this.said.textContent = say("points_many", { n: MOST_POINTS });
      return null;
    }
    const point = { time_s: Number(short(within(seconds, 0, this.duration))), value: Number(short(within(value, 0, 1))) };
    this.part(point);
    this.points.push(point);
    this.said.textContent = say("point_added", { time: clock(point.time_s), value: this.number.format(point.value) });
    return point;
  }

  /** In the middle of the longest time without a key point, on the curve as it is. */
  addInGap() {
    const times = [0, ...this.points.map((point) => point.time_s), this.duration];
    let best = 0;
    for (let index = 1; index < times.length - 1; index += 1) {
      if (times[index + 1] - times[index] > times[best + 1] - times[best]) best = index;
    }
    const middle = (times[best] + times[best + 1]) / 2;
    const point = this.add(middle, this.valueAt(middle));
    if (point) this.changed(point);
  }

  remove(point) {
    const index = this.points.indexOf(point);
    this.points.splice(index, 1);
    this.changed(this.points[Math.min(index, this.points.length - 1)] ?? null);
    if (!this.points.length) this.piece("add").focus();
    this.said.textContent = say("point_gone", { time: clock(point.time_s) });
  }

  clear() {
    this.points = [];
    this.changed();
    this.piece("add").focus();
    this.said.textContent = texts.points_gone;
  }

  take() {
    this.points = (this.toldByNetwork ? this.own.learned_points : this.own.points).map((point) => ({ ...point }));
    this.changed(this.points[0] ?? null);
    this.said.textContent = say("points_taken", { n: this.points.length });
  }

  /** Have the song listened to, and look again until its curve is there. */
  async find() {
    const query = new URLSearchParams({ start_s: this.box.dataset.start });
    if (this.box.dataset.length) query.set("duration_s", this.box.dataset.length);
    const button = this.piece("find");
    button.disabled = true;
    this.said.textContent = texts.listening;
    try {
      let answer = await ask("GET", `songs/${this.box.dataset.song}/intensity?${query}`);
      while (!answer.values) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        answer = await ask("GET", `songs/${this.box.dataset.song}/intensity?${query}`);
      }
      this.own = answer;
      const focused = document.activeElement === button || document.activeElement === document.body;
      this.show();
      if (focused) this.piece(this.points.length ? "clear" : "take").focus();
      this.said.textContent = this.toldByNetwork ? texts.network_heard : texts.heard;
    } catch (error) {
      this.said.textContent = error.status ? error.message : texts.failed_to_ask;
    }
    button.disabled = false;
  }

  listenForPointers() {
    let drag = null;
    const at = (event) => {
      const box = this.svg.getBoundingClientRect();
      return [within((event.clientX - box.left) / box.width, 0, 1) * this.duration, within((box.bottom - event.clientY) / box.height, 0, 1)];
    };
    this.plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { point: event.target.point ?? null, x: event.clientX, y: event.clientY, moved: false };
      if (drag.point) this.plot.setPointerCapture(event.pointerId);
    });
    this.plot.addEventListener("pointermove", (event) => {
      if (!drag?.point) return;
      if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 4) return;
      drag.moved = true;
      this.drag(drag.point, ...at(event));
    });
    this.plot.addEventListener("pointerup", (event) => {
      const still = drag && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 4;
      if (drag?.point) this.rows.children[this.points.indexOf(drag.point)].querySelector("[type=range]").focus();
      else if (still) {
        const point = this.add(...at(event));
        if (point) this.changed(point);
      }
      drag = null;
    });
    this.plot.addEventListener("pointercancel", () => { drag = null; });
  }

  /** Between its neighbours, as a finger moves it. */
  drag(point, seconds, value) {
    const index = this.points.indexOf(point);
    const low = index ? this.points[index - 1].time_s + 0.01 : 0;
    const high = index + 1 < this.points.length ? this.points[index + 1].time_s - 0.01 : this.duration;
    point.time_s = Number(short(within(seconds, low, high)));
    point.value = Number(short(value));
    point.tell();
    this.write();
    this.draw();
  }
}

for (const box of document.querySelectorAll("[data-curve]")) {
  const editor = new CurveEditor(box);
  // a plot inside a closed part of the page has no size to put the points by
  new ResizeObserver(() => editor.draw()).observe(editor.plot);
}
