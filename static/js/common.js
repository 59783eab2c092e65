// What every page shares: texts, the API's address, forms that are sent once, numbers beside sliders.

export const texts = JSON.parse(document.body.dataset.texts);
export const api = document.body.dataset.api;

/** A text with its `{names}` filled in. */
export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** The decimal point of the page's language, or its comma. */
export const decimal = new Intl.NumberFormat(document.documentElement.lang).format(1.5).charAt(1);

/** Seconds as `m:ss` with tenths where there are any, as the server writes them. */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const whole = Math.floor((tenths % 600) / 10);
  const tenth = tenths % 10;
  return `${minutes}:${String(whole).padStart(2, "0")}${tenth ? decimal + tenth : ""}`;
}

/** Seconds out of `75`, `1:15`, `1:15.5` or `1:15,5`; NaN where it is no time. */
export function readClock(text) {
  const found = /^(?:(\d+):(?=[0-5]?\d(?:\D|$)))?(\d+(?:[.,]\d+)?)$/.exec(text.trim());
  return found ? Number(found[1] || 0) * 60 + Number(found[2].replace(",", ".")) : NaN;
}

const afterPress = [];
let pressed = false;
document.addEventListener("pointerdown", () => { pressed = true; }, true);
for (const kind of ["pointerup", "pointercancel"]) {
  document.addEventListener(kind, () => {
    pressed = false;
    setTimeout(() => afterPress.splice(0).forEach((act) => act())); // after the click, which belongs to this event
  }, true);
}

/** Call `act` as soon as nothing is pressed: what moves away under a pressed button takes the click from it. */
export function whenReleased(act) {
  if (pressed) afterPress.push(act);
  else act();
}

/** Ask the API. Gives the JSON answer; throws an Error with the API's sentence, and `status`, where it refuses. */
export async function ask(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, credentials: "same-origin" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path.startsWith("/") ? path : `${api}/${path}`, options);
  return answerOf(response);
}

const LOOK_POLL_MS = 1500;
const LOOK_FAILURES = 20;

/** Wait until a look at a file is done; gives it, or throws what it met. `show` gets words while others are before it. */
export async function awaitLook(path, show, goesOn = () => true) {
  let failures = 0;
  while (goesOn()) {
    let look;
    try {
      look = await ask("GET", path);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error.status || failures >= LOOK_FAILURES) throw error; // a broken line is tried again for a while
    }
    if (look?.state === "done") return look;
    if (look?.state === "failed") {
      const error = new Error(look.problem.detail);
      error.status = look.problem.status;
      throw error;
    }
    if (look) show(look.position ? say("waiting_look", { n: look.position }) : "");
    await new Promise((resolve) => setTimeout(resolve, LOOK_POLL_MS));
  }
  throw new DOMException("stopped", "AbortError");
}

export async function answerOf(response) {
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    answer = null;
  }
  if (!response.ok) {
    const error = new Error(answer?.detail || `${response.status} ${response.statusText}`);
    error.status = response.status;
    error.answer = answer;
    throw error;
  }
  return answer;
}

function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || form.method !== "post") return;
    if (event.submitter?.dataset.givesFile !== undefined) return; // the page stays, and the form with it
    form.dataset.sent = "yes";
    const buttons = [...document.querySelectorAll("button[type=submit]")].filter((button) => button.form === form);
    // after the form was read: a disabled button's name would not be sent
    setTimeout(() => {
      for (const button of buttons) button.disabled = true;
      if (event.submitter?.dataset.busy !== undefined) event.submitter.textContent = texts.working;
    });
  });
  window.addEventListener("pageshow", (event) => {
    // a page that the browser kept may show what is no longer so: an order under way, a song that is gone
    if (event.persisted) window.location.reload();
  });
}

function numbersBesideSliders() {
  for (const range of document.querySelectorAll("input[type=range]")) {
    const output = document.querySelector(`output[for="${range.id}"]`);
    if (!output) continue;
    const format = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1 });
    const show = () => (output.textContent = format.format(Number(range.value)));
    range.addEventListener("input", show);
    show();
  }
}

/** Times stand in UTC, until the visitor's own clock is known. */
function timesOfTheVisitor() {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[datetime]")) time.textContent = format.format(new Date(time.dateTime));
}

sendOnce();
timesOfTheVisitor();
numbersBesideSliders();
