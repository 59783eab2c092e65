// The table of what is said: a row can be heard, and what was typed is not left by mistake.
const film = document.querySelector("[data-script-film]");
const form = document.getElementById("script");
const TIME = /^(?:(\d+):)?(?:(\d+):)?(\d+(?:[.,]\d+)?)$/;
let until = 0;
let changed = Boolean(form.querySelector(".wrong-row"));

function seconds(name, number) {
  const found = TIME.exec(document.getElementById(`${name}-${number}`).value.trim());
  if (!found) return null;
  const [, first, second, rest] = found;
  const [hours, minutes] = second === undefined ? [0, first || 0] : [first, second];
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(rest.replace(",", "."));
}

function hear(number) {
  const [from, to] = [seconds("start", number), seconds("end", number)];
  if (from === null) return;
  const begin = Number(film.dataset.from);
  until = to === null ? 0 : begin + to;
  film.currentTime = begin + from;
  film.play();
}

for (const button of form.querySelectorAll("[data-hear]")) button.addEventListener("click", () => hear(button.dataset.hear));
film?.addEventListener("timeupdate", () => {
  if (!until || film.currentTime < until) return;
  until = 0;
  film.pause();
});
form.addEventListener("input", () => { changed = true; });
form.addEventListener("submit", (event) => { if (event.submitter?.dataset.givesFile === undefined) changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
