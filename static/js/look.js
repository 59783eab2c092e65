// A file that was sent without scripts' help and is being looked at: the page goes on once that is done.
import { awaitLook } from "./common.js";

for (const panel of document.querySelectorAll("[data-look]")) {
  const said = panel.querySelector("[data-look-state]");
  const reload = () => window.location.reload(); // the server says what comes next
  awaitLook(`inspections/${panel.dataset.look}`, (words) => { if (words) said.textContent = words; }).then(reload, reload);
}
