// Films of the library play a few seconds where the pointer or the focus is, and by their button.
const DELAY_MS = 150;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
let timer = 0;
let wanted = null;
let playing = null;

function stop() {
  clearTimeout(timer);
  wanted = null;
  if (!playing) return;
  playing.querySelector("video")?.remove();
  playing.querySelector("button").setAttribute("aria-pressed", "false");
  playing = null;
}

function play(box) {
  if (playing === box) return;
  stop();
  playing = box;
  const film = document.createElement("video");
  Object.assign(film, { muted: true, loop: true, playsInline: true, src: box.dataset.glimpse });
  film.setAttribute("aria-hidden", "true");
  film.tabIndex = -1;
  film.addEventListener("playing", () => film.classList.add("seen"));
  film.addEventListener("error", () => { if (playing === box) stop(); });
  box.append(film);
  box.querySelector("button").setAttribute("aria-pressed", "true");
  film.play().catch(() => { /* it was stopped before it began, or the browser plays nothing */ });
}

const boxOf = (event) => event.target.closest?.("li.card-item")?.querySelector("[data-glimpse]");

function soon(box) {
  if (!box || box === playing || calm.matches) return;
  clearTimeout(timer);
  wanted = box;
  timer = setTimeout(() => play(box), DELAY_MS);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "mouse") soon(event.target.closest?.("[data-glimpse]"));
});
document.addEventListener("pointerout", (event) => {
  const box = event.target.closest?.("[data-glimpse]");
  const left = box && event.pointerType === "mouse" && !box.contains(event.relatedTarget);
  if (left && (box === playing || box === wanted)) stop(); // another one may play where the focus is
});
document.addEventListener("focusin", (event) => {
  const box = boxOf(event);
  if (box && event.target.matches(":focus-visible") && !event.target.closest("[data-glimpse]")) soon(box);
  else if (box !== playing) stop();
});
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-glimpse] button")?.closest("[data-glimpse]");
  if (!box) return;
  const was = playing === box;
  clearTimeout(timer);
  if (was) stop();
  else play(box);
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
document.addEventListener("cards", stop);
