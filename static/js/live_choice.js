// What both live pages begin with: a picture is chosen or uploaded, and whether the avatar is there at all.
import { answerOf, api, ask, awaitLook, texts } from "./common.js";

const AGAIN_MS = 5000;

/** Who was chosen, a picture or a film, as sessions are told it. */
export function portraitOf(form) {
  const chosen = form.querySelector("[name=picture]:checked");
  return { [chosen.dataset.kind]: chosen.value };
}

/** Uploads from the picture's field: the new picture is chosen by going on with it. */
export function offerUpload(form) {
  const input = form.querySelector("[data-upload] input");
  const said = form.querySelector("[data-upload-said]");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    said.textContent = texts.checking;
    input.disabled = true;
    try {
      const body = new FormData();
      body.append("file", file);
      const answer = await answerOf(await fetch(`${api}/pictures`, { method: "POST", body, credentials: "same-origin" }));
      const id = answer.state ? (await awaitLook(answer.links.self, (words) => (said.textContent = words || texts.checking))).result_id : answer.id;
      const next = new URL(window.location.href);
      next.searchParams.set("picture", id);
      window.location.assign(next);
    } catch (error) {
      said.textContent = error.status ? error.message : texts.failed_plain;
      input.disabled = false;
      input.value = "";
    }
  });
}

/** Wait until the avatar's service answers; says in `note` why it does not. Gives its personas. */
export async function awaitService(note) {
  const words = note.querySelector("p");
  for (;;) {
    try {
      const { personas } = await ask("GET", "live/personas");
      note.hidden = true;
      return personas;
    } catch (error) {
      note.hidden = false;
      words.textContent = error.status ? error.message : texts.failed_to_ask;
      if (error.answer?.code === "app.live_off") return null;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Play, and where the browser wants a click for sound, go on without until there is one. */
export async function play(video, button) {
  try {
    await video.play();
  } catch (error) {
    if (error.name !== "NotAllowedError") return false;
    video.muted = true;
    button.hidden = false;
    button.addEventListener("click", () => {
      video.muted = false;
      video.play().catch(() => {});
      button.hidden = true;
    }, { once: true });
    await video.play().catch(() => {});
    return false;
  }
  return true;
}
