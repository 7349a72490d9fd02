// A field that lists what fits what is typed says when nothing does. For the whole page, whoever made the field.

window.filmSearch?.abort(); // of a component that was here before
window.filmSearch = new AbortController();
const DRAWN = 50; // ms until the list below a field is that of what was typed
const fieldOf = (target) =>
  target.matches?.("input[role=combobox]:not([readonly])") ? target.closest(".block") : null;

document.addEventListener(
  "input",
  ({ target }) => {
    const field = fieldOf(target);
    if (!field) return;
    setTimeout(() => {
      const list = document.getElementById(target.getAttribute("aria-controls"));
      field.classList.toggle("none-found", Boolean(target.value.trim()) && !list?.querySelector("[role=option]"));
    }, DRAWN);
  },
  { signal: window.filmSearch.signal },
);
document.addEventListener("focusout", ({ target }) => fieldOf(target)?.classList.remove("none-found"), {
  signal: window.filmSearch.signal,
});
