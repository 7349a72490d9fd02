// The welcome: its doors, and the tab that somebody chose, which opens once there is one. Stands before account.js and shares its scope.

const DISMISSED = "movie-vae-welcomed";
const MEMBER = "movie-vae-member";
const CHOSEN = "movie-vae-door";
const find = (selector) => element.querySelector(selector);

const forVisits = () => window.localStorage;
const forThisTab = () => window.sessionStorage;
let chosen = leadsElsewhere(location.hash) ? null : recalled(forThisTab, CHOSEN); // outlasts that the page is loaded anew
if (chosen === null) keep(forThisTab, CHOSEN, null);

function welcome(done) {
  if (done) keep(forVisits, DISMISSED, "1");
  const doors = find(".doors");
  if (doors) doors.hidden = done || hasTabs() || isFilled() || Boolean(recalled(forVisits, DISMISSED));
}

const hasTabs = () => document.querySelector("[role=tab]") !== null; // which lead there as well
const isFilled = () => Boolean(window.gradio_config?.is_filled); // the tabs come with the page (newcomer.js)

// until the server says who is here, nobody who was signed in the last time is asked to sign in
// biome-ignore lint/correctness/noUnusedVariables: account.js calls it
function greet() {
  const unknown = find("[data-unknown]");
  if (unknown) unknown.classList.toggle("member", Boolean(recalled(forVisits, MEMBER)));
  else keep(forVisits, MEMBER, find("[data-account=sign-out]") ? "1" : null);
}

function choose(tab) {
  chosen = tab;
  keep(forThisTab, CHOSEN, tab);
  if (tab) history.replaceState(null, "", location.pathname + location.search); // whoever chose goes there, not where the address led
  sayChosen();
  enter();
}

function sayChosen() {
  const place = find(".door-note");
  const tab = leadsTo(chosen);
  if (place) place.textContent = tab ? `${tab} opens as soon as the model is ready.` : "";
  for (const door of element.querySelectorAll("[data-door]")) {
    door.setAttribute("aria-pressed", String(tab !== null && door.dataset.door === chosen));
  }
}

const ending = () => find(".bar")?.hasAttribute("data-ended"); // the page is about to be loaded anew

// tabs are there once there is a model
function enter() {
  if (hasTabs()) welcome(false);
  if (ending()) return;
  const tab = leadsTo(chosen) ? document.getElementById(`${chosen}-button`) : null;
  if (!tab) return;
  if (tab.getAttribute("aria-selected") !== "true")
    tab.click(); // comes back here when it is
  else {
    choose(null);
    welcome(true);
  }
}

window.doorTabs?.disconnect(); // of a component that was here before
window.doorTabs = new MutationObserver(enter);
window.doorTabs.observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
