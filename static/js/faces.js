// A click on a framed face chooses it; the choice itself is a radio button, which the keyboard reaches.
const radios = [...document.querySelectorAll("input[type=radio][name=face]")];

function show() {
  for (const group of document.querySelectorAll(".faces g[data-face]")) {
    const radio = radios.find((each) => each.value === group.dataset.face);
    group.classList.toggle("chosen", radios.length ? Boolean(radio?.checked) : group.classList.contains("usable"));
  }
}

for (const radio of radios) radio.addEventListener("change", show);
for (const group of document.querySelectorAll(".faces g.pickable")) {
  group.addEventListener("click", () => {
    const radio = radios.find((each) => each.value === group.dataset.face);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    show();
  });
}
show();
