// The library's list: searched as one types, longer as one scrolls, and found at the same place again.
import { ask, say, texts } from "./common.js";

const DEBOUNCE_MS = 250;
const MOST_AT_ONCE = 200;
const PLACES = 8;
const form = document.getElementById("shelf-form");
let asked = 0;

/** What stands in the page at that address. */
async function pageAt(address) {
  const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Others that hang on the cards are told that there are new ones. */
const tell = () => document.dispatchEvent(new Event("cards"));

/** Show what the form asks for; the address of the page says so too. */
async function search() {
  const mine = ++asked;
  const values = [...new FormData(form)].filter(([name, value]) => value && !(name === "sort" && value === "newest"));
  const address = `${form.action.replace(/\?.*/, "")}?${new URLSearchParams(values)}`.replace(/\?$/, "");
  const shelf = document.getElementById("shelf");
  shelf.setAttribute("aria-busy", "true");
  try {
    const page = await pageAt(address);
    if (mine !== asked) return; // something else is looked for by now
    const found = page.getElementById("shelf");
    const status = found.querySelector("[data-found]");
    const words = status.textContent;
    status.textContent = "";
    shelf.replaceWith(found);
    meanTheSame(page);
    status.textContent = words; // said, since it is new in a page that is there
    history.replaceState({}, "", address);
    watchEnd();
    tell();
  } catch {
    if (mine === asked) form.submit();
  }
}

/** Who chooses all that match means what is looked for now. */
function meanTheSame(page) {
  const now = document.querySelectorAll("#chosen > input[type=hidden]:not([name=csrf_token])");
  for (const field of now) field.remove();
  const chosen = document.getElementById("chosen");
  const fresh = page.querySelectorAll("#chosen > input[type=hidden]:not([name=csrf_token])");
  if (chosen) chosen.prepend(...fresh);
}

/** Something was deleted or brought back: the numbers beside the parts, and what is kept, are those of now. */
async function countAnew() {
  const mine = ++counted;
  const address = new URL(window.location.href);
  address.searchParams.delete("after");
  address.searchParams.set("limit", "1"); // the cards stay as they are
  let page;
  try {
    page = await pageAt(address);
  } catch {
    return; // the next look at the library tells
  }
  if (mine !== counted) return;
  for (const old of document.querySelectorAll("[data-counted]")) {
    const fresh = page.querySelector(`[data-counted="${old.dataset.counted}"]`);
    old.hidden = !fresh || fresh.hidden;
    if (fresh) old.replaceChildren(...fresh.childNodes);
  }
}

let counted = 0;
document.addEventListener("kept", countAnew);

let timer = 0;
if (form) {
  form.q.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, DEBOUNCE_MS);
  });
  form.addEventListener("change", (event) => {
    if (event.target !== form.q) search();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
}

/** The next cards at the end of the list, at most `limit`; says whether there were any. */
async function longer(limit) {
  const end = document.querySelector("[data-more]");
  const link = end?.querySelector("[data-next]");
  if (!link || end.dataset.busy) return false;
  end.dataset.busy = "yes";
  const places = placesBefore(end);
  try {
    const address = new URL(link.href);
    if (limit) address.searchParams.set("limit", String(limit));
    const page = await pageAt(address);
    if (!end.isConnected) return false;
    const list = document.querySelector("[data-cards]");
    const focused = document.activeElement === link;
    const fresh = [...page.querySelectorAll("[data-cards] > li")].filter((card) => !document.getElementById(card.id));
    list.append(...fresh);
    const next = page.querySelector("[data-more]");
    if (next) end.replaceWith(next);
    else end.remove();
    if (focused) fresh[0]?.querySelector("a, input, summary")?.focus({ preventScroll: true });
    watchEnd();
    tell();
    return fresh.length > 0;
  } catch {
    delete end.dataset.busy; // the button stays for another try
    return false;
  } finally {
    places.remove();
  }
}

/** Empty cards at the end of the list while more are on their way. */
function placesBefore(end) {
  const list = document.querySelector("[data-cards]");
  const places = document.createElement("ul");
  places.className = `${list.className} awaited`;
  places.setAttribute("aria-hidden", "true");
  for (let count = 0; count < PLACES; count += 1) {
    const place = document.createElement("li");
    place.className = "card-item coming";
    place.style.height = `${list.lastElementChild.offsetHeight}px`;
    places.append(place);
  }
  end.before(places);
  return places;
}

const watcher = new IntersectionObserver((seen) => {
  if (seen.some((each) => each.isIntersecting)) longer(0);
}, { rootMargin: "800px" });

function watchEnd() {
  watcher.disconnect();
  const end = document.querySelector("[data-more]");
  if (end?.querySelector("[data-next]")) watcher.observe(end);
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-next]")) {
    event.preventDefault();
    longer(0);
  }
});

const cards = () => [...document.querySelectorAll("[data-cards] > li")];

/** Where one is: the first card that is seen, how far it is from the top, and how many cards there are before the end. */
function keepPlace() {
  if (!returned || !document.querySelector("[data-cards]")) return;
  const all = cards();
  const seen = all.find((card) => card.getBoundingClientRect().bottom > 0);
  const top = seen && window.scrollY > 0 ? seen.getBoundingClientRect().top : 0;
  const place = seen && window.scrollY > 0 ? { id: seen.id, top, count: all.length, index: all.indexOf(seen) } : null;
  history.replaceState({ ...history.state, place }, "");
}

async function returnToPlace() {
  const place = history.state?.place;
  if (!place) return;
  while (!document.getElementById(place.id) && cards().length <= place.index) {
    if (!(await longer(Math.min(MOST_AT_ONCE, Math.max(1, place.count - cards().length))))) break;
  }
  const card = document.getElementById(place.id) || cards()[Math.min(place.index, cards().length - 1)];
  if (!card) return;
  const settle = () => window.scrollBy({ top: card.getBoundingClientRect().top - place.top, behavior: "instant" });
  settle();
  await new Promise((resolve) => requestAnimationFrame(resolve));
  settle(); // letters may have come with their own widths
}

history.scrollRestoration = "manual";
let still = 0;
window.addEventListener("scroll", () => {
  clearTimeout(still);
  still = setTimeout(keepPlace, 120);
}, { passive: true });
window.addEventListener("pagehide", keepPlace);
let returned = false;
returnToPlace().finally(() => {
  returned = true;
  watchEnd();
});

/** A new name is given without leaving the page. Where that fails, the form does it. */
document.addEventListener("submit", async (event) => {
  const renaming = event.target.closest?.("li form[data-rename]");
  if (!renaming || event.defaultPrevented) return;
  event.preventDefault();
  const card = renaming.closest("li");
  const wrong = renaming.querySelector("[data-wrong]");
  wrong.hidden = true;
  let named;
  try {
    named = await ask("PATCH", renaming.dataset.rename, { title: renaming.title.value });
  } catch (error) {
    wrong.textContent = error.status ? error.message : texts.failed_plain;
    wrong.hidden = false;
    renaming.title.focus();
    return;
  }
  nameCard(card, named.title);
  card.querySelector("details").open = false;
  card.querySelector("summary").focus();
}, true); // before the form is taken for one that is sent

/** The card says the title everywhere. */
function nameCard(card, title) {
  const heading = card.querySelector("h3");
  (heading.querySelector("a, label") || heading).textContent = title;
  for (const hidden of card.querySelectorAll(".visually-hidden:not([data-keep])")) hidden.textContent = `: ${title}`;
  card.querySelector("input[form=chosen]").setAttribute("aria-label", say("choose_named", { title }));
  const deletion = card.querySelector("form[data-delete]");
  deletion.dataset.title = title;
  deletion.querySelector("button").textContent = say("delete_named", { title });
  card.querySelector("form[data-rename] input[name=title]").value = title;
}
