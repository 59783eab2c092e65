// The text to say: kept while the picture is chosen on another page, feelings written into it, and voices to hear.
import { api, say } from "./common.js";

const KEPT = "belcanto-text";
const text = document.querySelector("[data-keep-text]");
const voice = document.querySelector("select[name=voice]");
const said = document.querySelector("[data-voice-said]");
let playing = null;

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify({ text: text.value, voice: voice.value }));
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (!kept || text.value) return;
  text.value = kept.text;
  if ([...voice.options].some((each) => each.value === kept.voice)) voice.value = kept.voice;
}

function insert(words) {
  text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  keep();
}

async function listen(button) {
  playing?.pause();
  button.disabled = true;
  said.textContent = say("voice_waits");
  try {
    const address = `${api}/voices/${encodeURIComponent(voice.value)}/sample`;
    const answer = await fetch(address, { credentials: "same-origin" }); // spoken now, if it never was
    if (!answer.ok) throw new Error((await answer.json()).detail);
    playing = new Audio(address);
    await playing.play();
    said.textContent = "";
  } catch (error) {
    said.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

bringBack();
for (const each of [text, voice]) each.addEventListener("input", keep);
for (const button of document.querySelectorAll("[data-insert]")) button.addEventListener("click", () => insert(button.dataset.insert));
document.querySelector("[data-listen]").addEventListener("click", (event) => listen(event.currentTarget));
