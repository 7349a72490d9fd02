// Who uses the keyboard goes on where something was done, although what had the focus may be gone by then: it goes to what took
// its turn. Stands after film_actions.js and shares its scope; which that is, is in focus_places.js.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";
const DRAWN = 60; // ms in which what comes instead is drawn
const ANSWERED = 1500; // ms until what waits for an answer counts as gone
const MOST_HOMES = 4;
let held = null; // what has the focus, or had it: { what, id, homes: [{ home, at }], before }
let isKeyed = false; // whether it came by keyboard
let dueFocus = 0;

const remains = (what) => what.isConnected && !what.disabled && what.checkVisibility({ visibilityProperty: true });
const placesIn = (home) => [...home.querySelectorAll(FOCUSABLE)].filter(remains);

// the parts of the page around something, the nearest first, and where in each it stands
function homesOf(what) {
  const homes = [];
  for (let home = what.parentElement; home && homes.length < MOST_HOMES; home = home.parentElement) {
    if (home.id || home.matches("[role=tabpanel]")) homes.push({ home, at: placesIn(home).indexOf(what) });
  }
  return homes;
}

function hold(what) {
  const isToast = what.closest("#told") !== null;
  const before = isToast && held ? held : null;
  held = { what, id: what.id, homes: homesOf(what), isToast, before };
}

function lookAfter(wait) {
  clearTimeout(dueFocus);
  dueFocus = setTimeout(lookForFocus, wait, wait === ANSWERED);
}

// isLate: whether nothing came of what was disabled meanwhile
function lookForFocus(isLate) {
  const isLost = held && isKeyed && document.activeElement === document.body;
  if (!isLost || remains(held.what)) return;
  if (held.what.isConnected && held.what.disabled && !isLate) lookAfter(ANSWERED);
  else heirsOf(held).find(Boolean)?.focus();
}

function heirsOf(gone) {
  const { before, id, homes } = gone;
  if (before) return [remains(before.what) && !before.isToast ? before.what : null, ...heirsOf(before)];
  const named = heirOf(id) && document.querySelector(heirOf(id));
  const there = homes.filter(({ home }) => remains(home)).map(({ home, at }) => inTurn(placesIn(home), at));
  return [named && remains(named) ? named : null, ...there, document.querySelector("[role=tab][aria-selected=true]")];
}

// the first film that is shown, in the tab that is open or else the first
function toFilms() {
  const isShown = (each) => each.checkVisibility();
  const first = () => [...document.querySelectorAll(".cards .title")].find(isShown);
  if (!first()) document.getElementById("rate-tab-button")?.click();
  setTimeout(() => first()?.focus(), DRAWN);
}

document.addEventListener(
  "keydown",
  () => {
    isKeyed = true;
    if (held?.what !== document.activeElement && document.activeElement !== document.body) hold(document.activeElement);
  },
  { ...options, capture: true },
);
document.addEventListener(
  "pointerdown",
  () => {
    isKeyed = false;
  },
  { ...options, capture: true },
);
document.addEventListener(
  "focusin",
  ({ target }) => {
    if (isKeyed) hold(target);
  },
  options,
);
document.addEventListener("focusout", () => lookAfter(DRAWN), options);
document.addEventListener(
  "click",
  (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.closest?.("a.skip")) return;
    event.preventDefault(); // it is no address of a place
    toFilms();
  },
  options,
);
window.focusKept?.disconnect(); // of a component that was here before
window.focusKept = new MutationObserver(() => {
  if (held && isKeyed && document.activeElement === document.body) lookAfter(DRAWN);
});
window.focusKept.observe(document.body, { subtree: true, childList: true });
