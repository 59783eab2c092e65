// The people in a film: looked for until they are there, then shown in place of the words that say so; and the box for everybody.
import { ask, texts } from "./common.js";

const LOOK_AGAIN_MS = 1500;

/** Ask until they are found, or can't be; the page as the server has it then brings their part of the form. */
async function waitFor(part) {
  const bar = part.querySelector("progress");
  const trouble = part.querySelector("[data-trouble]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    try {
      const answer = await ask("GET", part.dataset.people);
      trouble.textContent = "";
      if (answer.faces) break;
      if (answer.share !== null) bar.value = answer.share;
    } catch (error) {
      if (error.status) break; // the page says why
      trouble.textContent = texts.failed_to_ask;
    }
  }
  await showAnew(part);
}

async function showAnew(part) {
  const page = await fetch(part.dataset.page, { credentials: "same-origin" });
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("people");
  if (!page.ok || !fresh) return;
  const typed = part.querySelector("input[type=text]")?.value.trim().toLowerCase();
  const hadFocus = part.contains(document.activeElement);
  part.replaceWith(fresh);
  const boxes = [...fresh.querySelectorAll("input[type=checkbox]")];
  const wanted = typed ? typed.split(",").map((each) => each.trim()) : [];
  if (wanted.length) boxes.forEach((box) => { box.checked = !box.disabled && wanted.includes(box.value); });
  const field = fresh.querySelector("input[type=text]");
  if (typed && field) field.value = typed;
  keepTogether(fresh);
  if (hadFocus) (boxes.find((box) => !box.disabled) ?? fresh.querySelector("input:checked") ?? field)?.focus();
}

/** Everybody means all boxes, and all boxes but one are not everybody. */
function keepTogether(part) {
  const everybody = part.querySelector("input[value=all]");
  const others = [...part.querySelectorAll("input[type=checkbox]:not([value=all]):not(:disabled)")];
  if (!everybody) return;
  if (everybody.checked) others.forEach((box) => { box.checked = true; });
  everybody.addEventListener("change", () => others.forEach((box) => { box.checked = everybody.checked; }));
  for (const box of others) {
    box.addEventListener("change", () => { everybody.checked = others.every((each) => each.checked); });
  }
}

for (const part of document.querySelectorAll("[data-people]")) {
  keepTogether(part);
  if (part.querySelector("progress")) waitFor(part);
}
