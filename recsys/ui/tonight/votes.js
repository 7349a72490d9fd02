// Who would watch a film of an evening's list, told to the server. Comes as js_on_load of a gr.HTML: `element` and `trigger`
// are Gradio's.

let focused = null; // the button of a film that has the focus: whose, and which of them
const filmOf = (button) => button.closest("[data-film]")?.dataset.film;
const buttonsOf = (row) => [...row.querySelectorAll("button")];

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-vote]");
  if (!button) return;
  const isTaken = button.getAttribute("aria-pressed") === "true";
  trigger("select", { film: filmOf(button), vote: isTaken ? "" : button.dataset.vote });
});

element.addEventListener("focusin", ({ target }) => {
  const row = target.closest("button") && target.closest("[data-film]");
  focused = row && { button: target, film: row.dataset.film, place: buttonsOf(row).indexOf(target) };
});

// the list is drawn anew, maybe in another order, in the elements that were there: whoever uses the keyboard goes on with
// the film where they were
function goOn() {
  const { button, film, place } = focused ?? {};
  const isHeld = button?.isConnected ? document.activeElement === button : document.activeElement === document.body;
  if (!film || !isHeld || filmOf(button) === film) return;
  const row = [...element.querySelectorAll("[data-film]")].find((each) => each.dataset.film === film);
  if (row) buttonsOf(row)[place]?.focus({ preventScroll: true });
}
window.tonightFocus?.disconnect(); // of a component that was here before
window.tonightFocus = new MutationObserver(goOn);
window.tonightFocus.observe(element, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["data-film"],
});
