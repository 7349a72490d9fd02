// Who would watch a film of an evening's list, told to the server. Comes as js_on_load of a gr.HTML: `element`, `trigger` and
// `watch` are Gradio's.

let voted = null; // film and vote, of the button that was pressed last

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-vote]");
  if (!button) return;
  const { film } = button.closest("[data-film]").dataset;
  const { vote } = button.dataset;
  voted = { film, vote };
  trigger("select", { film, vote: button.getAttribute("aria-pressed") === "true" ? "" : vote });
});

// the list is drawn anew, maybe in another order: whoever uses the keyboard goes on where they were
function goOn() {
  const row = [...element.querySelectorAll("[data-film]")].find((each) => each.dataset.film === voted?.film);
  if (row && document.activeElement === document.body)
    row.querySelector(`[data-vote="${voted.vote}"]`)?.focus({ preventScroll: true });
  voted = null;
}
watch("value", () => {
  if (voted) setTimeout(goOn, 50);
});
