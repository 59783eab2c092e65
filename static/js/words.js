// The words of a song: a line can be heard and set to begin where the song stands; the line that sounds is marked, and nothing typed is lost.
const sound = document.querySelector("[data-words-sound]");
const form = document.getElementById("words");
const now = document.querySelector("[data-words-now]");
const rows = [...form.querySelectorAll("[data-word-row]")];
const TIME = /^(?:(\d+):)?(\d+(?:[.,]\d+)?)$/;
let until = 0;
let changed = Boolean(form.querySelector(".wrong"));

const field = (name, number) => document.getElementById(`${name}-${number}`);

function seconds(name, number) {
  const found = TIME.exec(field(name, number).value.trim());
  return found ? 60 * Number(found[1] || 0) + Number(found[2].replace(",", ".")) : null;
}

function typed(time) {
  const minutes = Math.floor(time / 60);
  return `${minutes}:${(time - 60 * minutes).toFixed(2).padStart(5, "0")}`;
}

function hear(number) {
  const from = seconds("start", number);
  if (from === null) return;
  until = seconds("end", number) ?? 0;
  sound.currentTime = from;
  sound.play();
}

function beginHere(number) {
  const [from, to] = [seconds("start", number), seconds("end", number)];
  field("start", number).value = typed(sound.currentTime);
  if (from !== null && to !== null) field("end", number).value = typed(sound.currentTime + to - from);
  changed = true;
}

function mark() {
  const sounding = rows.find((row) => {
    const [from, to] = [seconds("start", row.dataset.wordRow), seconds("end", row.dataset.wordRow)];
    return from !== null && to !== null && sound.currentTime >= from && sound.currentTime < to;
  });
  for (const row of rows) row.classList.toggle("sounding", row === sounding);
  now.hidden = false;
  now.textContent = sounding ? field("text", sounding.dataset.wordRow).value : "";
}

for (const button of form.querySelectorAll("[data-hear]")) button.addEventListener("click", () => hear(button.dataset.hear));
for (const button of form.querySelectorAll("[data-here]")) button.addEventListener("click", () => beginHere(button.dataset.here));
sound?.addEventListener("timeupdate", () => {
  mark();
  if (!until || sound.currentTime < until) return;
  until = 0;
  sound.pause();
});
form.addEventListener("input", () => { changed = true; });
form.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
