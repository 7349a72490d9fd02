// What somebody is shown who comes for the first time comes with the page, for Gradio to begin with. Stands in the page's head,
// after Gradio's settings and before Gradio.

const OF_NOTHING = 69; // characters as which Gradio keeps up to 15 bytes, enciphered: of nothing, as no rating has so few

// whether a browser has nothing of its own to be shown instead; storage: () => a Storage
function isNew(storage, { guest, model }) {
  try {
    return (storage().getItem(guest) ?? "").length <= OF_NOTHING && storage().getItem(model) === null;
  } catch {
    return true; // it keeps nothing
  }
}

// parts: number of a component -> properties
function show(config, parts) {
  for (const component of config.components) Object.assign(component.props, parts[component.id]);
  config.is_filled = true; // doors.js need not offer ways to tabs that come at once
}

function welcome(storage, config, { keys, parts }) {
  if (isNew(storage, keys)) show(config, parts);
}

if (typeof module === "object") module.exports = { isNew, show, welcome };
