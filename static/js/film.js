// The film's page: a link that leads to something folded opens it.
for (const link of document.querySelectorAll("[data-opens]")) {
  link.addEventListener("click", () => {
    const fold = document.querySelector(`#${link.dataset.opens} details`);
    if (fold) fold.open = true;
  });
}
