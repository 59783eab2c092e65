// Options of one engine alone show where that engine is chosen; elsewhere they are not sent.
const engine = document.querySelector("select[name=engine]");

function show() {
  for (const group of document.querySelectorAll("[data-engine]")) {
    group.hidden = group.disabled = group.dataset.engine !== engine.value;
  }
}

if (engine) {
  engine.addEventListener("change", show);
  show();
}
