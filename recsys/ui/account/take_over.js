// The offer to take ratings over from another data set: sends the answer, and asks anew once something was undone.
// Comes as js_on_load of a gr.HTML: `element`, `props`, `trigger` and `watch` are Gradio's.

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-takes]");
  if (!button) return;
  element.querySelectorAll("[data-takes]").forEach((each) => {
    each.disabled = true;
  });
  trigger("submit", { other: button.closest("[data-other]").dataset.other, takes: button.dataset.takes === "true" });
});
window.takeOver?.abort(); // of a component that was here before
window.takeOver = new AbortController();
document.addEventListener(
  "films-undone",
  () => {
    if (element.isConnected && element.querySelector(".offer")) trigger("input");
  },
  { signal: window.takeOver.signal },
);
// what came over changes all that shows ratings: film_actions.js hears it
watch("value", () => {
  const now = new DOMParser().parseFromString(props.value || "", "text/html");
  if (now.querySelector("[data-taken]")) document.dispatchEvent(new CustomEvent("films-taken"));
});
