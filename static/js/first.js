// The first screen's film moves by itself unless the visitor wants less motion; of the examples' songs one at a time is heard.
const wantsLess = window.matchMedia("(prefers-reduced-motion: reduce)");

for (const film of document.querySelectorAll("video[data-moving]")) {
  const follow = () => {
    if (wantsLess.matches) film.pause();
    else film.play().catch(() => {}); // a browser that plays nothing by itself has the controls
  };
  wantsLess.addEventListener("change", follow);
  follow();
}

const songs = [...document.querySelectorAll("[data-examples] audio")];
for (const song of songs) song.addEventListener("play", () => songs.forEach((other) => other !== song && other.pause()));
