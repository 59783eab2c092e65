// The films that wait get another order: by dragging, or by the buttons of each.
import { ask, say } from "./common.js";

const list = document.querySelector("[data-queue]");
const said = document.querySelector("[data-queue-said]");
const rows = () => [...list.querySelectorAll("[data-job]")];
let dragged = null;

/** Put the row before another one, or at the end; where the server refuses, the page is read again. */
async function move(row, before) {
  try {
    const queue = await ask("POST", `jobs/${row.dataset.job}/move`, { before: before ? before.dataset.job : null });
    for (const job of queue.items) {
      const known = list.querySelector(`[data-job="${job.id}"]`);
      if (known) list.append(known);
    }
    for (const gone of rows()) if (!queue.items.some((job) => job.id === gone.dataset.job)) gone.remove();
  } catch {
    window.location.reload();
    return;
  }
  const now = rows();
  for (const [index, each] of now.entries()) {
    each.querySelector('[data-step="-1"]').disabled = index === 0;
    each.querySelector('[data-step="1"]').disabled = index === now.length - 1;
  }
  said.textContent = say("queue_moved", { title: row.dataset.title, n: now.indexOf(row) + 1, count: now.length });
}

if (list) {
  list.addEventListener("submit", async (event) => {
    event.preventDefault();
    const row = event.target.closest("[data-job]");
    const step = Number(event.submitter.dataset.step);
    const all = rows();
    const place = all.indexOf(row);
    await move(row, step < 0 ? all[place - 1] : all[place + 2]);
    const button = row.querySelector(`[data-step="${step}"]`);
    (button.disabled ? row.querySelector(`[data-step="${-step}"]`) : button).focus();
  }, true);
  for (const row of rows()) row.draggable = true;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-job]");
    dragged?.classList.add("dragged");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  const clear = () => { for (const row of rows()) row.classList.remove("over"); };
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    clear();
    target(event)?.classList.add("over");
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const before = target(event);
    if (before !== dragged) move(dragged, before);
  });
  list.addEventListener("dragend", () => {
    clear();
    dragged?.classList.remove("dragged");
    dragged = null;
  });
}

/** The row that what is dropped comes before; none behind the last one. */
function target(event) {
  return rows().find((row) => {
    const box = row.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  }) ?? null;
}
