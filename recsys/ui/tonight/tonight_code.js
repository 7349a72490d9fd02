// The code of an evening in the address is put where it would be typed.
// Comes as js_on_load of a gr.HTML. What needs no page is in tonight_ways.js.

const TRIES = 30; // the field may come later than this script

function takeCode(left = TRIES) {
  const field = document.querySelector("#tonight-code input, #tonight-code textarea");
  const code = codeIn(location.hash);
  if (!field && code && left > 0) setTimeout(takeCode, 100, left - 1);
  if (!field || !code || field.value) return;
  field.value = code;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

window.removeEventListener("hashchange", window.tonightCode); // of a component that was here before
window.tonightCode = () => takeCode();
window.addEventListener("hashchange", window.tonightCode);
takeCode();
