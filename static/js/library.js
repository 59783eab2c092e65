// Says how many films the chosen songs and pictures make together.
import { say, texts } from "./common.js";

const form = document.getElementById("order-many");
if (form) {
  const said = form.querySelector("[data-count]");
  const button = form.querySelector("button[type=submit]");
  const count = (name) => document.querySelectorAll(`input[name=${name}][form=order-many]:checked`).length;
  const show = () => {
    const songs = count("songs");
    const pictures = count("pictures");
    form.hidden = songs + pictures === 0;
    button.disabled = songs * pictures === 0;
    if (songs * pictures) said.textContent = say("chosen", { songs, pictures, films: songs * pictures });
    else said.textContent = songs ? texts.tick_picture : texts.tick_song;
  };
  document.addEventListener("change", show);
  show();
}
