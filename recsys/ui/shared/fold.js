// A button that opens and folds what stands after its component; styles do the rest. Comes as js_on_load of a gr.HTML.

element.addEventListener("click", (event) => {
  const button = event.target.closest("[aria-expanded]");
  if (button) button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
});
