// The panel of one film: a dialog that every title in a list opens ([data-open]), and that other scripts open by
// window.filmPanel. Comes as js_on_load of a gr.HTML: `element`, `props`, `trigger` and `watch` are Gradio's.
// Which film is open, and which answer counts, is in trail.js; where a film can be seen, in justwatch.js. What it shows is drawn by the server.

const PATIENCE = 20000; // ms until the server counts as not answering
const SILENT = "The server does not answer: close this, and try again.";
const COMES = 60000; // ms in which a part of the page comes that has to be made ready
const WAYS = new Set(["near", "path", "map"]); // parts of Explore
const dialog = element.querySelector("dialog");
const part = (selector) => dialog.querySelector(selector);
const trail = new Trail(Date.now());
let opener = null; // what had the focus; undefined where it has gone on
let hasChanged = false; // whether something was done with films meanwhile
let lost = 0;
let pressed = null;

// ---- opening, going on, closing

function open(title) {
  if (typeof title !== "string" || !title) return;
  if (!dialog.open) {
    opener = document.activeElement;
    hasChanged = false;
    dialog.showModal();
    mirror();
    toldChanges.observe(document.getElementById("told"), { subtree: true, childList: true, attributes: true });
  }
  trail.go(title);
  show();
}

function show() {
  part("h2").textContent = trail.film;
  part("h2").focus();
  part(".back").hidden = !trail.canGoBack;
  say("One moment …");
  dialog.scrollTop = 0;
  ask();
  document.dispatchEvent(new CustomEvent("film-opened", { detail: { film: trail.film } }));
}

function ask() {
  clearTimeout(lost);
  lost = setTimeout(failed, PATIENCE);
  part(".content").setAttribute("aria-busy", "true");
  trigger("select", trail.ask());
}

// no answer came, or none of the page's own
function failed() {
  if (!dialog.open || !trail.isAwaited) return;
  clearTimeout(lost);
  say(SILENT);
}

function say(sentence) {
  part(".content").replaceChildren(Object.assign(document.createElement("p"), { textContent: sentence }));
}

function close() {
  if (dialog.open) dialog.close();
}

function left() {
  clearTimeout(lost);
  toldChanges.disconnect();
  trail.leave();
  part(".content").replaceChildren();
  if (opener !== undefined) backTo(opener);
  if (hasChanged) document.dispatchEvent(new CustomEvent("films-undone")); // what shows them is drawn anew
  document.dispatchEvent(new CustomEvent("film-closed"));
}

// what opened it may have been drawn anew since
function backTo(what) {
  const isThere = what?.isConnected && what.checkVisibility() && what !== document.body;
  (isThere ? what : document.querySelector("[role=tab][aria-selected=true]"))?.focus({ preventScroll: isThere });
}

// ---- what the server has drawn

function draw(answer) {
  trail.answered();
  clearTimeout(lost);
  const content = part(".content");
  const { place } = dialog.dataset; // drawing takes the focus away
  content.setAttribute("aria-busy", "false");
  for (const link of answer.querySelectorAll("a[href]")) link.href = whereSeen(link.href, navigator.language);
  content.replaceChildren(...answer.childNodes);
  if (answer.dataset.heading) part("h2").textContent = answer.dataset.heading;
  if (answer.dataset.title) trail.rename(answer.dataset.title);
  if (!dialog.contains(document.activeElement) || document.activeElement === dialog)
    (places()[place] || part("h2")).focus();
}

// what can have the focus in what is drawn anew after an act
const places = () => [...part(".content").querySelectorAll("button, input, a")];

// ---- what is told of acts lies behind the dialog, where nobody can reach it

const toldChanges = new MutationObserver(mirror);

function mirror() {
  const told = document.querySelector("#told .told-it");
  if (!told) return;
  const copy = told.cloneNode(true);
  copy.removeAttribute("role");
  part(".panel-told").replaceChildren(copy);
}

// ---- ways on

// one step, that Back takes back
async function goOn(way, title) {
  opener = undefined;
  close();
  window.addresses.lead("explore", way, begun(way, title));
  const inner = await there(() => document.getElementById(`${way}-tab-button`));
  inner?.focus();
  inner?.scrollIntoView({ block: "start" });
}

// settings of the place that a way leads to; a path keeps its end, but there is none from a film to itself
function begun(way, title) {
  if (way !== "path") return { film: title };
  const { to } = window.addresses.settings("explore", "path");
  return to && to !== title ? { from: title, to } : { from: title };
}

// what a function finds, once it does; null if it never does
async function there(find) {
  for (const end = performance.now() + COMES; performance.now() < end; ) {
    const found = find();
    if (found) return found;
    await new Promise((again) => setTimeout(again, 50));
  }
  return null;
}

// ---- events

window.filmPanelEvents?.abort(); // of a component that was here before
window.filmPanelEvents = new AbortController();
const on = (what, event, act) => what.addEventListener(event, act, { signal: window.filmPanelEvents.signal });

on(document, "click", (event) => {
  const title = event.target.closest?.("[data-open]");
  if (title) open(title.dataset.open);
});
on(document, "films-kept", () => {
  hasChanged = true;
  if (dialog.open) setTimeout(ask); // once the browser keeps it
});
on(dialog, "close", left);
on(dialog, "focusin", (event) => {
  dialog.dataset.place = places().indexOf(event.target);
});
on(dialog, "pointerdown", (event) => {
  pressed = event.target;
});
on(dialog, "click", (event) => {
  const button = event.target.closest("button");
  if (event.target === dialog && pressed === dialog) close();
  else if (button?.matches(".sheet > header .close")) close();
  else if (button?.matches(".sheet > header .back")) {
    trail.back();
    show();
  } else if (button?.matches(".panel-told .close, .panel-told .again"))
    document.querySelector(`#told .${button.className}`)?.click();
  else if (WAYS.has(button?.dataset.go)) goOn(button.dataset.go, button.dataset.from);
});
watch("value", () => {
  const answer = new DOMParser().parseFromString(props.value || "", "text/html").querySelector("[data-seq]");
  if (dialog.open && trail.isAnswer(Number(answer?.dataset.seq))) draw(answer);
});
window.filmPanel = { open, close, failed };
