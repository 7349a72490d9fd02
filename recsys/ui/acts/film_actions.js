// Tells the server what somebody does with films, one act after the other, and the reader when it is kept.
// Comes as js_on_load of a gr.HTML: `element`, `props`, `trigger` and `watch` are Gradio's.
// A control has data-do (what), and lies in something with data-film (with which film). What waits is in act_queue.js, and
// what stays in its place although it was done is in done_films.js.

const PATIENCE = 20000; // ms until an act counts as lost
const SOON = 2000; // ms after which it is asked whether the server is there at all, which Gradio does not tell
const SHOWN = 8000; // ms in which one can read what went well
const SILENT = "The server does not answer, so it is not known whether this was kept: reload the page.";
const REFUSED = "The server refused this, or ended meanwhile. Reload the page, and look before you try again.";
const OFFLINE = "You are offline: not kept.";
const UNREACHABLE = "The server cannot be reached: not kept.";
const queue = new ActQueue(Date.now());
const done = new DoneFilms("for-you");
let lost = 0;
let probe = 0;
let hide = 0;
let again = null; // what "Try again" sends

const box = () => element.querySelector(".told-it");
const starsOf = (control) => (Number(control.value) <= Number(control.min) ? null : Number(control.value));

// what a guest does in another tab is not known here, and would be written over; who signs in or out there does so here
const tabs = new BroadcastChannel("films");
let stale = false;
let isSomebodyElse = false;
const isGuest = () => Boolean(document.querySelector(".doors"));
function anew() {
  const isDue = (isSomebodyElse || (stale && isGuest())) && !queue.sent;
  if (isDue) location.reload();
  return isDue;
}

function ask(control) {
  if (anew()) return;
  again = null;
  const holder = control.dataset.do === "undo" ? null : control.closest("[data-film]");
  const film = holder ? holder.dataset.film : null;
  const act = actOf(control.dataset.do, film, starsOf(control), Boolean(control.closest("#given")));
  if (control.dataset.place) act.place = Number(control.dataset.place);
  holder?.classList.add("sending");
  queue.add(act, { holder, list: holder && whereOf(holder) });
  send();
}

// the list of cards in which a film stands; of its panel, that which shows it besides
const listOf = (holder) => holder.closest(".cards")?.closest(".block[id]")?.id ?? null;
const whereOf = (holder) =>
  holder.closest("dialog") ? (sameFilm(holder).map(listOf).find(Boolean) ?? null) : listOf(holder);

// what Rate this film does: what the field and the slider then show, once the act is kept or is not
const rate = (film, stars) =>
  new Promise((answer) => {
    if (anew()) return;
    again = null;
    if (!film) {
      tell("Choose a film of the list first: type a part of its title.");
      answer([film, stars]);
      return;
    }
    const act = actOf("rate", film, stars, false);
    const slider = document.querySelector("#stars input[type=range]");
    queue.add(act, { after: (kept) => answer(kept ? [null, restOf(slider)] : [film, stars]) });
    send();
  });
window.films = { rate, failed, tell };

function send() {
  const next = queue.next();
  if (!next) return;
  const { act, holder, list } = next;
  const input = holder?.querySelector("input[type=range]"); // may have been drawn anew since
  act.in_list &&= holder.dataset.film === act.film && Number(input?.value) === act.stars;
  act.staying = done.staying(act, list);
  act.still = done.isStill(act, list ?? null);
  if (!navigator.onLine) {
    fail(OFFLINE, true);
    return;
  }
  lost = setTimeout(() => fail(SILENT), PATIENCE);
  probe = setTimeout(async () => {
    if (!(await isThere()) && queue.sent === next) failed();
  }, SOON);
  trigger("submit", act);
}

const isThere = async () => navigator.onLine && Boolean(await fetch("gradio_api/app_id").catch(() => null));

// no answer came, or none of the page's own
async function failed() {
  const { sent } = queue;
  const isHere = await isThere();
  if (queue.sent !== sent) return;
  if (isHere) fail(REFUSED);
  else fail(navigator.onLine ? UNREACHABLE : OFFLINE, true);
}

// what waits is not sent after it
function fail(reason, canTryAgain = false) {
  again = canTryAgain ? queue.sent : null;
  queue.drop();
  for (const row of document.querySelectorAll("[data-film].sending")) rowAsDrawn(row);
  finish(false, reason);
  drawDone();
}

function tryAgain() {
  const { act, ...rest } = again;
  if (rest.holder?.isConnected && rest.holder.dataset.film === act.film) rest.holder.classList.add("sending");
  queue.add(act, rest);
  send();
}

function finish(kept, instead) {
  const sent = queue.answered();
  if (!sent) return;
  clearTimeout(lost);
  clearTimeout(probe);
  const { act, holder, list, after } = sent;
  const isOfMany = kept && act.do === "undo" && done.undoesMany();
  after?.(kept);
  holder?.classList.remove("sending");
  if (kept) stay(act, list);
  if (instead) tell(instead);
  else say(kept);
  if (kept) tabs.postMessage("kept");
  if (kept) document.dispatchEvent(new CustomEvent("films-kept"));
  if (!kept && holder?.isConnected) rowAsDrawn(holder); // what was not kept is not shown as if it were
  if (kept && holder?.isConnected && holder.dataset.film === act.film) settle(act, holder);
  if (kept && holder?.closest("dialog")) for (const each of sameFilm(holder)) settle(act, each);
  if (kept && act.do === "undo") document.dispatchEvent(new CustomEvent("films-undone"));
  if (isOfMany) renew();
  send();
}

// all that shows ratings or lists is drawn anew, once the browser keeps them
const renew = () => setTimeout(() => trigger("select"));

// where a film stands that something was done with in its panel
const sameFilm = (holder) =>
  [...document.querySelectorAll("[data-film]")].filter(
    (each) => each !== holder && each.dataset.film === holder.dataset.film,
  );

function tell(text, isDone = false) {
  box().replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  if (again && !isDone) box().append(buttonOf("again", "Try again"));
  say(isDone);
}

const buttonOf = (className, textContent) =>
  Object.assign(document.createElement("button"), { type: "button", className, textContent });

// what went wrong stays until it is read
function say(kept) {
  clearTimeout(hide);
  const place = box();
  const look = place.querySelector("[data-look]");
  place.classList.toggle("failed", !kept);
  if (look) followSight(look);
  place.append(buttonOf("close", "Close"));
  if (kept) hide = setTimeout(leave, SHOWN);
}

// not from under the focus of somebody who uses the keyboard
function leave() {
  if (box()?.querySelector(":focus-visible")) hide = setTimeout(leave, SHOWN);
  else box()?.replaceChildren();
}

// the way to a list is offered as long as it is out of sight: lists move while they are drawn and when somebody scrolls
function followSight(look) {
  const list = document.getElementById(look.dataset.look);
  window.filmSight.disconnect();
  if (list) window.filmSight.observe(list);
}

// what something was done with stays where it is, and so does the focus
function stay(act, list) {
  const row = document.activeElement?.closest?.(".cards > [data-film]");
  done.did(act, list ?? null);
  drawDone();
  if (row && !document.activeElement.checkVisibility())
    (row.querySelector(".last > .undo") || row.querySelector(".acts > button")).focus({ preventScroll: true });
}

function drawDone() {
  for (const list of document.querySelectorAll(".cards")) for (const row of list.children) became(row, listOf(list));
}

function became(row, list) {
  const { film } = row.dataset;
  const { what, stars } = done.in(list).get(film) ?? {};
  const acts = row.querySelector(".acts");
  if (row.classList.contains("done") && acts.dataset.became !== what) rowAsDrawn(row);
  if (!what) return;
  row.classList.add("done");
  acts.classList.toggle("last", done.isLast(list, film));
  Object.assign(acts.dataset, { became: what, said: what === "rate" ? ratedAs(stars) : SAID[what] });
}

const ratedAs = (stars) => `${SAID.rate}: ${starsInWords(stars, 0, "")}`;

// what the server does not draw anew shows here what became of it
function settle(act, holder) {
  if (holder.matches(".cards > *")) return;
  if (act.do === "rate" && act.in_list) holder.querySelector("input[type=range]")?.setAttribute("value", act.stars);
  const isDrawnAnew = holder.closest("#rate-layout") && !holder.closest("#surprise");
  if (isDrawnAnew || (act.do === "rate" && holder.classList.contains("rating"))) return;
  holder.classList.add("done");
  holder.querySelector(".acts")?.setAttribute("data-said", act.do === "rate" ? ratedAs(act.stars) : SAID[act.do]);
  if (!holder.querySelector(".acts"))
    holder.querySelectorAll("button:not(.title), input").forEach((each) => {
      each.disabled = true;
    });
}

// Gradio keeps elements when it draws a list anew, so what was moved, disabled or opened is put back here
function asDrawn(list) {
  const films = [...list.querySelectorAll("[data-film]")].map((row) => row.dataset.film);
  if (list.matches(".cards")) done.drawn(listOf(list), films);
  for (const row of list.querySelectorAll("[data-film]")) {
    const keyed = row.querySelector("[data-keyed]"); // somebody is choosing with the keyboard
    if (!keyed || keyed !== document.activeElement || keyed.dataset.keyed !== row.dataset.film) rowAsDrawn(row);
    if (list.matches(".cards")) became(row, listOf(list));
  }
}

function rowAsDrawn(row) {
  row.classList.remove("sending", "done");
  row.querySelector(".acts")?.classList.remove("last");
  for (const said of ["data-said", "data-became"]) row.querySelector(".acts")?.removeAttribute(said);
  row.querySelectorAll("button, input").forEach((each) => {
    each.disabled = false;
  });
  row.querySelectorAll("[data-keyed]").forEach((each) => {
    delete each.dataset.keyed;
  });
  row.querySelectorAll("details").forEach((each) => {
    each.open = false;
  });
  for (const input of row.querySelectorAll("input[type=range]")) show(input, input.getAttribute("value"));
}

function show(input, value) {
  if (value !== undefined) input.value = value;
  const [stars, min, max] = [input.value, input.min, input.max].map(Number);
  const words = starsInWords(stars, min, input.dataset.none);
  input.style.setProperty("--at", `${100 * shareOf(stars, min, max)}%`);
  input.setAttribute("aria-valuetext", words);
  input.parentElement.querySelector("output").textContent = words;
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const controls = (event) => (event.target.closest ? event.target.closest("[data-do]") : null);
window.filmSight?.disconnect();
window.filmSight = new IntersectionObserver(
  (entries) => {
    const look = box()?.querySelector("[data-look]");
    if (look) look.hidden = entries.at(-1).isIntersecting;
  },
  { rootMargin: "0px 0px -20% 0px" },
);
window.filmActs?.abort(); // of a component that was here before
window.filmActs = new AbortController();
const options = { signal: window.filmActs.signal };

tabs.addEventListener(
  "message",
  ({ data }) => {
    if (data === "who") isSomebodyElse = true;
    else stale = true;
  },
  options,
);
window.addEventListener(
  "offline",
  () => {
    if (queue.sent) fail(OFFLINE, true);
  },
  options,
);
document.addEventListener(
  "films-taken",
  () => {
    done.taken();
    drawDone();
    tabs.postMessage("kept");
    renew();
  },
  options,
);
document.addEventListener(
  "visibilitychange",
  () => {
    if (document.visibilityState === "visible") anew();
  },
  options,
);
document.addEventListener(
  "click",
  (event) => {
    const look = event.target.closest?.("[data-look]");
    if (look) {
      document.getElementById("rate-tab-button")?.click();
      setTimeout(() => {
        document.getElementById(look.dataset.look)?.scrollIntoView({ behavior: isCalm() ? "auto" : "smooth" });
        document.querySelector(`#${look.dataset.look} .title`)?.focus({ preventScroll: true });
      }, 50);
    }
    const press = event.target.closest?.("#told [data-press]");
    if (press) {
      document.getElementById(press.dataset.press)?.click();
      box().replaceChildren();
    }
    if (event.target.closest?.("#told .close")) box().replaceChildren();
    if (event.target.closest?.("#told .again")) tryAgain();
    if (event.target.closest?.("[role=tab]") && !box().matches(".failed")) box().replaceChildren();
    const control = controls(event);
    if (control && control.tagName === "BUTTON" && !control.closest(".film-map")) ask(control);
  },
  options,
);
document.addEventListener(
  "input",
  (event) => {
    const control = controls(event);
    if (control?.type === "range") show(control);
  },
  options,
);
// by keyboard a slider passes every star on its way: it counts with Enter, or when it is left
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
document.addEventListener(
  "keydown",
  (event) => {
    const control = controls(event);
    if (control?.type !== "range") return;
    if (KEYS.includes(event.key)) control.dataset.keyed = control.closest("[data-film]").dataset.film;
    else if (event.key === "Enter") settled(control);
  },
  options,
);
document.addEventListener(
  "focusout",
  (event) => {
    const control = controls(event);
    if (control?.type === "range") settled(control);
  },
  options,
);
document.addEventListener(
  "change",
  (event) => {
    const control = controls(event);
    if (control?.type === "range" && !control.dataset.keyed) ask(control);
  },
  options,
);

function settled(control) {
  if (!control.dataset.keyed) return;
  delete control.dataset.keyed;
  if (control.value !== control.getAttribute("value")) ask(control);
}
window.filmLists?.disconnect();
window.filmLists = new MutationObserver((records) => new Set(records.map((each) => each.target)).forEach(asDrawn));
window.filmLists.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-drawn"] });
watch("value", () => {
  const answer = new DOMParser().parseFromString(props.value || "", "text/html").querySelector("[data-seq]");
  if (queue.isAnswer(Number(answer?.dataset.seq))) finish(!("failed" in answer.dataset));
});
