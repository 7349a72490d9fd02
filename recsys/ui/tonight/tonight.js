// An evening on the page: looked at anew while it is seen, its link copied.
// Comes as js_on_load of a gr.HTML: `element`, `trigger` and `watch` are Gradio's. What needs no page is in tonight_ways.js.

let asked = 0;
const evening = () => element.querySelector("[data-evening]");

function look() {
  const version = evening()?.dataset.evening;
  const visible = document.visibilityState === "visible";
  const open = element.offsetParent !== null;
  if (!isToAsk({ version, visible, open, asked })) return;
  asked += 1;
  trigger("input", { version });
}

async function copyLink(button) {
  const link = linkTo(location.href, evening().dataset.code);
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = "Copied";
  } catch {
    window.prompt("Copy this link:", link); // where the browser lets no script copy
  }
}

element.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy-evening]");
  const drop = event.target.closest("[data-drop]");
  if (copy) copyLink(copy);
  if (drop) trigger("select", { seat: Number(drop.dataset.drop) });
});
const doesSomething = () => {
  asked = 0;
};
for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, doesSomething, { passive: true });
watch("value", doesSomething);
clearInterval(window.tonightLooks); // of a component that was here before
window.tonightLooks = setInterval(look, PAUSE);
