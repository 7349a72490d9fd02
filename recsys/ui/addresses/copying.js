// Copies a list of films, or the address of the place. Shares visited.js's scope: `element` and `options` are there.

function copyOf(button) {
  const link = window.addresses.here();
  if (button.dataset.copy === "link") return link;
  return `${button.closest("[data-text]").dataset.text}\n\n${link}\n`;
}

async function copy(button) {
  const text = copyOf(button);
  try {
    await navigator.clipboard.writeText(text);
    window.films?.tell("Copied.", true);
  } catch {
    show(text); // not there without https, or refused
  }
}

// whoever's browser does not copy finds the text selected
function show(text) {
  const dialog = element.querySelector("dialog"); // account.js closes it
  const field = dialog.querySelector("textarea");
  field.value = text;
  dialog.showModal();
  field.focus();
  field.select();
}

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  },
  options,
);
