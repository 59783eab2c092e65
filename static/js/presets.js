// The presets: a press sets their options in the form, without a way to the server; their films move while somebody points at them.
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const presets = [...document.querySelectorAll("[data-preset]")];

function valuesOf(preset) {
  return Object.entries(JSON.parse(preset.dataset.preset));
}

function fieldOf(name) {
  return document.querySelector(`form [name="${name}"]`);
}

function holds(field, value) {
  return field.value === value || (field.value !== "" && Number(field.value) === Number(value));
}

/** Which preset the form stands as, if any. */
function mark() {
  for (const preset of presets) {
    if (valuesOf(preset).every(([name, value]) => holds(fieldOf(name), value))) preset.setAttribute("aria-current", "true");
    else preset.removeAttribute("aria-current");
  }
}

function choose(preset) {
  for (const [name, value] of valuesOf(preset)) {
    const field = fieldOf(name);
    if (holds(field, value)) continue;
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

for (const preset of presets) {
  const film = preset.querySelector("video");
  preset.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(preset);
  });
  for (const kind of ["pointerenter", "focus"]) preset.addEventListener(kind, () => still.matches || film.play().catch(() => {}));
  for (const kind of ["pointerleave", "blur"]) preset.addEventListener(kind, () => film.pause());
}
if (presets.length) document.querySelector(".presets").nextElementSibling.closest("form").addEventListener("change", mark);
