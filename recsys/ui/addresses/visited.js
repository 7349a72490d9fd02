// The place that somebody sees stands in the page's address: Back, reload and a shared link lead to it. Comes as js_on_load of a
// gr.HTML: `element`, `props`, `trigger` and `watch` are Gradio's. What an address says is in addresses.js; the server fills in
// settings (restoring.py), tabs are clicked here. Gradio's events tell by window.addresses.note what was set.

const PAUSE = 150; // ms after which settings are written: browsers allow few changes at a time
const SOON = 20; // ms after which another tab is
const PATIENCE = 15000; // ms until an answer counts as lost
const MOUNTED = 5000; // ms in which a tab opens
const LEFT = 2000; // ms in which a browser goes back to where a panel was opened
const OWN = new Set(["tonight", "films/lists"]); // places that take their settings from the address themselves

const shown = new Shown();
let written = parse(location.hash); // the place that the address has
let isOpen = false; // whether there are tabs
let going = 0; // number of the way that is being gone; 0: none
let ways = 0;
let due = 0;
let leaving = -Infinity; // when that was asked for
let isDoubtful = false; // whether not all of the address was understood
let answered = () => {};

const buttonOf = (name) => document.getElementById(`${idOf(name)}-button`);
const isSelected = (name) => buttonOf(name)?.getAttribute("aria-selected") === "true";

// the place that is open; null while it cannot be told
function here() {
  const tab = [...PLACES.keys()].find(isSelected);
  if (!tab) return null;
  const parts = partsOf(tab).filter(Boolean);
  const part = parts.find(isSelected) ?? null;
  return parts.length && !part ? null : shown.place(tab, part);
}

const addressOf = (place) => location.pathname + location.search + write(place);

// whether a place takes the turn of one that nobody comes back to, as it was not understood
const isMended = (before, place) => isDoubtful && keyOf(before) === keyOf(place) && before.film === place.film;

// ---- what somebody does is written

function soon() {
  clearTimeout(due);
  due = setTimeout(settle, PAUSE);
}

function settle() {
  due = 0;
  const place = isOpen && !going && !isLeaving() ? here() : null;
  if (!place || write(place) === write(written)) return;
  const before = written;
  written = place;
  try {
    const steps = history.state?.films ?? 0;
    if (isClosed(before, place) && steps) leave(steps);
    else if (isStep(before, place) && !isMended(before, place))
      history.pushState({ films: stepsIn(before, place, steps) }, "", addressOf(place));
    else history.replaceState(history.state, "", addressOf(place));
  } catch {
    /* a browser that counts too many changes; the next one is written */
  }
  isDoubtful = false;
}

// the page is there already; what is done with it until the address is there too is written then
const isLeaving = () => performance.now() - leaving < LEFT;

function leave(steps) {
  leaving = performance.now();
  history.go(-steps);
}

function cameBack() {
  const isThere = isLeaving() && write(parse(location.hash)) === write(written);
  leaving = -Infinity;
  if (isThere) soon();
  else if (isOpen) go(parse(location.hash));
}

// ---- an address is gone to

// until somebody goes elsewhere, or something has happened
async function happens(way, what, patience) {
  for (const start = Date.now(); Date.now() - start < patience; ) {
    if (way !== going || what()) return way === going;
    await new Promise((next) => setTimeout(next, 30));
  }
  return way === going;
}

async function select(way, name) {
  await happens(way, () => buttonOf(name), MOUNTED);
  if (way === going && !isSelected(name)) buttonOf(name)?.click();
  return happens(way, () => isSelected(name), MOUNTED);
}

// what was not understood, in words; null: the server did not say
function filled(way, place) {
  return new Promise((answer) => {
    const lost = setTimeout(() => answer(null), PATIENCE);
    answered = (number, said) => {
      if (number !== way) return;
      clearTimeout(lost);
      answer(said);
    };
    trigger("submit", { seq: way, place: keyOf(place), settings: place.settings });
  });
}

async function go(place) {
  ways += 1;
  going = ways;
  const way = going;
  written = place;
  let said = "";
  await select(way, place.tab); // first, as some components take no news before they are there
  if (way !== going) return;
  if (OWN.has(keyOf(place))) shown.note(keyOf(place), place.settings);
  else if (!shown.has(place)) {
    said = await filled(way, place);
    if (way !== going) return;
    if (said !== null) shown.note(keyOf(place), place.settings);
  }
  if (place.part) await select(way, place.part);
  if (way !== going) return;
  if (place.film !== shown.film) openPanel(place.film);
  if (keyOf(place) === "explore/map") {
    window.filmMapWanted = place.settings.film; // once the map is there
    window.filmMap?.look();
  }
  if (keyOf(place) === "films/lists") {
    window.listWanted = place.settings.list ?? ""; // once lists are there
    window.lists?.look();
  }
  if (said) window.films?.tell(said);
  isDoubtful = Boolean(said);
  going = 0;
}

function openPanel(film) {
  shown.film = window.filmPanel ? film : "";
  if (film) window.filmPanel?.open(film);
  else window.filmPanel?.close();
}

// ---- what happens on the page

window.visited?.end(); // of a component that was here before
const ended = new AbortController();
const options = { signal: ended.signal };
const tabs = new MutationObserver(look);
window.visited = {
  end() {
    ended.abort();
    tabs.disconnect();
  },
};

// tabs are there once there is a model
function look() {
  if (isOpen) due ||= setTimeout(settle, SOON);
  else if (buttonOf("rate")) {
    isOpen = true;
    if (isPlace(location.hash)) go(parse(location.hash));
    else written = parse("");
  }
}

window.addresses = {
  note(key, names, values, first) {
    shown.note(key, settingsOf(names, values, first));
    soon();
  },
  failed: () => answered(going, null),
  lead: (tab, part, settings) => {
    location.hash = write({ tab, part, settings, film: "" });
  },
  settings: (tab, part) => shown.place(tab, part).settings, // as far as somebody set them
  here: () => location.origin + addressOf(written),
};

window.addEventListener("popstate", cameBack, options);
document.addEventListener("film-opened", ({ detail }) => panel(detail?.film ?? ""), options);
document.addEventListener("film-closed", () => panel(""), options);
function panel(film) {
  shown.film = film;
  soon();
}
// who goes elsewhere meanwhile is not led back
document.addEventListener(
  "click",
  (event) => {
    if (event.isTrusted && event.target.closest?.("[role=tab]")) going = 0;
  },
  { ...options, capture: true },
);
watch("value", () => {
  const answer = new DOMParser().parseFromString(props.value || "", "text/html").querySelector("[data-seq]");
  if (answer) answered(Number(answer.dataset.seq), answer.textContent);
});
tabs.observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
look();
