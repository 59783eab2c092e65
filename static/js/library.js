// Deletes one thing of the library in its place.
import { ask, say, texts } from "./common.js";

/** Deleting leaves the page as it is: in the card's place stands the way back. Where that fails, the form does it. */
async function deleteInPlace(form) {
  const card = form.closest("li");
  const { delete: path, title } = form.dataset;
  const boxes = () => card.querySelectorAll("input[type=checkbox]");
  const notice = document.createElement("li");
  notice.className = "card-item";
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-plain btn-little";
  undo.textContent = texts.undo;
  undo.setAttribute("aria-label", `${texts.undo}: ${title}`);
  notice.append(words, undo);
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      await ask("POST", `${path}/restore`);
    } catch (error) {
      words.textContent = error.status ? error.message : texts.failed_plain;
      undo.disabled = false;
      return;
    }
    notice.replaceWith(card);
    card.querySelector("summary").focus();
    document.dispatchEvent(new Event("change"));
    document.dispatchEvent(new Event("kept"));
  });
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await ask("DELETE", path);
  } catch {
    form.submit();
    return;
  }
  button.disabled = false;
  for (const box of boxes()) box.checked = false;
  document.dispatchEvent(new Event("change")); // while the card is there, so that it is no longer chosen
  words.textContent = say("deleted", { title });
  card.replaceWith(notice);
  undo.focus();
  document.dispatchEvent(new Event("kept"));
}

document.addEventListener("submit", (event) => {
  const deletion = event.target.closest?.("li form[data-delete]");
  if (!deletion) return;
  event.preventDefault();
  deleteInPlace(deletion);
}, true); // before the form is taken for one that is sent
