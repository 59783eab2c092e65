// Chooses many things of the library; what is chosen stays so while one looks at other parts of it in this tab.
import { ask, say, texts } from "./common.js";

const KEPT = "library-chosen";
const KINDS = ["works", "songs", "pictures", "clips"];
const bar = document.getElementById("chosen");
const said = bar?.querySelector("[data-count]");
const listed = () => [...document.querySelectorAll("input[type=checkbox][form=chosen][data-bytes]")];
const faceChoices = () => [...document.querySelectorAll("select[form=chosen][data-face-of]")];
const chosen = read(); // kind -> Map of id -> bytes
const faces = chosen.faces; // id of a picture -> who sings in it, where one of several was chosen
let anchor = null;

function read() {
  let kept = {};
  try {
    kept = JSON.parse(sessionStorage.getItem(KEPT)) || {};
  } catch { /* none, or the browser keeps nothing */ }
  return Object.fromEntries([...KINDS, "faces"].map((kind) => [kind, new Map(kept[kind] || [])]));
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries([...KINDS, "faces"].map((kind) => [kind, [...chosen[kind]]]))));
  } catch { /* it holds for this page alone */ }
}

const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const count = () => KINDS.reduce((sum, kind) => sum + chosen[kind].size, 0);
const ids = () => Object.fromEntries(KINDS.filter((kind) => chosen[kind].size).map((kind) => [kind, [...chosen[kind].keys()]]));

function size() {
  const bytes = KINDS.reduce((sum, kind) => sum + [...chosen[kind].values()].reduce((all, each) => all + each, 0), 0);
  if (bytes < 1e6) return say("kilobytes", { number: number.format(Math.max(1, Math.round(bytes / 1000))) });
  return say("megabytes", { number: number.format(bytes / 1e6) });
}

/** The bar says what is chosen and what can be done with it. */
function show() {
  if (!bar) return;
  const songs = chosen.songs.size;
  const pictures = chosen.pictures.size;
  bar.hidden = count() === 0 && !bar.dataset.told;
  const order = bar.querySelector("[data-order]");
  order.hidden = songs * pictures === 0;
  for (const button of bar.querySelectorAll(".actions button:not([data-order])")) button.disabled = count() === 0;
  if (!count()) return;
  delete bar.dataset.told;
  const words = [say("chosen_many", { count: count(), size: size() })];
  if (songs && pictures) words.push(say("chosen_films", { songs, pictures, films: songs * pictures }));
  else if (songs && count() === songs) words.push(texts.tick_picture);
  else if (pictures && count() === pictures) words.push(texts.tick_song);
  said.textContent = words.join(" · ");
}

function take(box) {
  if (box.checked) chosen[box.name].set(box.value, Number(box.dataset.bytes));
  else chosen[box.name].delete(box.value);
}

/** Cards that have come are ticked where they were chosen before. */
function tick(first = false) {
  for (const box of listed()) {
    if (first && box.defaultChecked) take(box); // the address names it
    box.checked = chosen[box.name].has(box.value);
  }
  for (const choice of faceChoices()) {
    const face = faces.get(choice.dataset.faceOf);
    if (first && choice.querySelector("option[selected]")) faces.set(choice.dataset.faceOf, choice.value); // the address names it
    else if ([...choice.options].some((each) => each.value === face)) choice.value = face;
  }
  show();
}

function changed() {
  keep();
  show();
}

function range(from, to) {
  const boxes = listed();
  const [a, b] = [boxes.indexOf(from), boxes.indexOf(to)].sort((x, y) => x - y);
  if (a < 0) return;
  for (const box of boxes.slice(a, b + 1)) {
    box.checked = to.checked;
    take(box);
  }
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("input[form=chosen][data-bytes]");
  if (!box) return;
  if (event.shiftKey && anchor?.isConnected) range(anchor, box);
  anchor = box;
  take(box);
  changed();
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("input[form=chosen][data-bytes]");
  if (event.key === "Escape" && count() && !event.target.closest?.("input:not([form=chosen]), textarea, select, dialog")) none();
  if (!box) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
    event.preventDefault();
    all(box.closest("section").querySelector("[data-choose-all]"));
  }
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!event.shiftKey || !step) return;
  event.preventDefault();
  const next = listed()[listed().indexOf(box) + step];
  if (!next) return;
  for (const each of [box, next]) {
    each.checked = true;
    take(each);
  }
  anchor = next;
  next.focus();
  changed();
});

function none() {
  for (const kind of KINDS) chosen[kind].clear();
  tick();
  keep();
}

/** All that match, also those that are not on the page yet. */
async function all(button) {
  const part = button.dataset.chooseAll;
  const asked = new URLSearchParams(window.location.search);
  const query = new URLSearchParams({ part });
  for (const name of ["q", "state", "album", "tag"]) if (asked.get(name)) query.set(name, asked.get(name));
  button.disabled = true;
  try {
    const found = await ask("GET", `library/matches?${query}`);
    const kind = part === "films" ? "works" : part;
    for (const each of found.items) chosen[kind].set(each.id, each.size_bytes);
    tick();
    keep();
  } catch (error) {
    said.textContent = error.status ? error.message : texts.failed_plain;
    bar.hidden = false;
  }
  button.disabled = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-choose-all]");
  if (button) all(button);
  if (event.target.closest?.("[data-choose-none]")) {
    none();
    document.querySelector("[data-choose-all]:not([hidden])")?.focus();
  }
});

/** What is chosen, but not on this page, is sent too. */
function sendAll() {
  for (const left of bar.querySelectorAll("[data-elsewhere]")) left.remove();
  const here = new Set(listed().map((box) => box.value));
  const send = (name, value) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    field.dataset.elsewhere = "yes";
    bar.append(field);
  };
  for (const kind of KINDS) for (const id of chosen[kind].keys()) if (!here.has(id)) send(kind, id);
  for (const id of chosen.pictures.keys()) if (!here.has(id) && faces.has(id)) send(`face-${id}`, faces.get(id));
}

async function deleteAll() {
  const told = ids();
  let gone;
  try {
    gone = await ask("POST", "library/delete", told);
  } catch (error) {
    if (error.status === 404) none(); // something of it is gone by now; who chooses anew sees what is there
    tell(error.status ? error.message : texts.failed_plain);
    return;
  }
  const cards = listed().filter((box) => chosen[box.name].has(box.value)).map((box) => box.closest("li"));
  const places = cards.map((card) => [card, card.parentNode, card.nextSibling]);
  none();
  for (const card of cards) card.remove();
  document.dispatchEvent(new Event("kept"));
  const undo = document.createElement("button");
  Object.assign(undo, { type: "button", className: "btn btn-plain btn-little", textContent: texts.undo });
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      await ask("POST", "library/restore", { deleted_at: gone.deleted_at });
    } catch (error) {
      tell(error.status ? error.message : texts.failed_plain);
      return;
    }
    for (const [card, list, next] of places.reverse()) list.insertBefore(card, next);
    tell(texts.brought_back);
    document.dispatchEvent(new Event("kept"));
    cards[0]?.querySelector("input")?.focus();
  });
  tell(say("deleted_many", { count: gone.count }), undo);
  undo.focus();
}

/** Something that is said in the bar though nothing is chosen. */
function tell(words, button) {
  bar.dataset.told = "yes";
  show();
  said.replaceChildren(`${words} `, ...(button ? [button] : []));
  bar.hidden = false;
}

bar?.addEventListener("submit", (event) => {
  if (event.submitter?.dataset.deleteChosen !== undefined) {
    event.preventDefault();
    deleteAll();
    return;
  }
  sendAll();
  if (event.submitter?.dataset.order !== undefined) {
    try {
      sessionStorage.removeItem(KEPT);
    } catch { /* nothing was kept */ }
  }
});

document.addEventListener("cards", () => tick());
document.addEventListener("change", (event) => {
  const { faceOf } = event.target.dataset || {};
  if (faceOf) {
    faces.set(faceOf, event.target.value);
    keep();
  }
  for (const box of listed()) if (box.checked !== chosen[box.name].has(box.value)) take(box);
  show();
});
tick(true);
keep();
