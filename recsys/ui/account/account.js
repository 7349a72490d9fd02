// Sign in, register and what else concerns an account. Comes as js_on_load of a gr.HTML: `element`, `props`, `watch`.
// Its welcome is in doors.js. What is typed goes to the server's routes under account/ and nowhere else; the page is loaded anew when who is here has changed.

const base = new URL(".", document.baseURI);
const others = new BroadcastChannel("films"); // the page in other tabs, where film_actions.js hears it

async function ask(name, body, type = "application/json") {
  const sent = type === "application/json" ? JSON.stringify(body) : body;
  try {
    const answer = await fetch(new URL(`account/${name}`, base), {
      method: "POST",
      headers: { "Content-Type": type },
      body: sent,
      credentials: "same-origin",
    });
    const said = await answer.json();
    return answer.ok ? said : { problem: said.problem || "This did not work: try again." };
  } catch {
    return { problem: "The server does not answer: check the connection and try again." };
  }
}

const formOf = (name) => find(`dialog[data-name="${name}"]`);
let atHand = null; // the dialog that is open
let field = ""; // of it, which has the focus

function open(name) {
  const dialog = formOf(name);
  if (!dialog) return;
  dialog.querySelector(".failed")?.replaceChildren();
  dialog.addEventListener(
    "close",
    () => {
      if (atHand === dialog) atHand = null;
    },
    { once: true },
  );
  dialog.showModal();
  atHand = dialog;
}

// who opened a form before it was known who is here goes on typing in that which is drawn then
function reopen() {
  const before = atHand;
  const now = before && formOf(before.dataset.name);
  if (!before || before.isConnected) return;
  atHand = null;
  if (!now) return;
  const focused = field;
  const fields = now.querySelectorAll("input");
  before.querySelectorAll("input").forEach(({ value, checked }, place) => {
    if (fields[place]?.type === "radio") fields[place].checked = checked;
    else if (fields[place]) fields[place].value = value;
  });
  open(before.dataset.name);
  now.querySelector(`[name="${focused}"]`)?.focus();
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const name = form.closest("dialog").dataset.name;
  const button = form.querySelector("[type=submit]");
  const body = Object.fromEntries(new FormData(form));
  form.querySelector(".failed").replaceChildren();
  if (form.dataset.again && body[form.dataset.again] !== body.again) {
    form.querySelector(".failed").textContent = "The two passwords differ: type the same twice.";
    return;
  }
  delete body.again;
  button.disabled = true;
  const said = await ask(form.dataset.route, body);
  button.disabled = false;
  if (said.problem)
    formOf(name).querySelector(".failed").textContent = said.problem; // it may have been drawn anew
  else if (form.dataset.route === "change-password") {
    form.reset();
    form.closest("dialog").close();
    note("The password is changed, and all other sessions have ended.");
    setTimeout(() => note(""), 10000);
  } else if (form.dataset.route === "delete") {
    keep(forVisits, MEMBER, null);
    others.postMessage("who");
    location.replace("?problem=deleted");
  } else leave(true);
}

function leave(isMember) {
  welcome(true);
  keep(forVisits, MEMBER, isMember ? "1" : null);
  others.postMessage("who");
  location.reload();
}

function note(text) {
  const place = find(".account-note");
  if (place) place.textContent = text;
}

async function act(name) {
  const said = await ask(name, {});
  if (said.problem) note(said.problem);
  else leave(false);
}

// anywhere on the page: data-dialog opens a form, data-account asks the server, data-consent answers it, data-door is a door of
// the welcome
window.accountClicks?.abort(); // of a component that was here before
window.accountClicks = new AbortController();
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(
      "[data-dialog], [data-account], [data-consent], [data-close-dialog], [data-door]",
    );
    if (event.isTrusted && event.target.closest?.("[role=tab]")) {
      // somebody found the way without a door
      choose(null);
      welcome(true);
    }
    if (!button) return;
    if (button.dataset.dialog) {
      button.closest("dialog")?.close();
      open(button.dataset.dialog);
    } else if (button.dataset.account) act(button.dataset.account);
    else if (button.dataset.consent) answerConsent(button);
    else if (button.hasAttribute("data-close-dialog")) button.closest("dialog").close();
    else choose(button.dataset.door);
  },
  { signal: window.accountClicks.signal },
);
element.addEventListener("submit", submit);
element.addEventListener("focusin", ({ target }) => {
  if (target.closest("dialog")) field = target.name;
});
// so did whoever did something with a film; nothing moves under the finger meanwhile
document.addEventListener("films-kept", () => keep(forVisits, DISMISSED, "1"), { signal: window.accountClicks.signal });

// who comes back from another place to sign in without having signed in is told why, in every bar that is drawn from then on
let reason = "";

function explain() {
  const { problems } = find(".bar").dataset;
  const told = reasonIn(location.search, problems);
  if (told !== null) {
    reason = told;
    history.replaceState(null, "", location.pathname + location.hash);
  }
  if (reason && problems && !find(".account-note").textContent) note(reason);
}

// the cookie of a session that has ended is good for nothing, and would keep its owner from being a guest
async function forget() {
  if (!ending()) return;
  const said = await ask("sign-out", {});
  if (!said.problem) location.replace(`?problem=ended${location.hash}`);
  else {
    find(".bar").removeAttribute("data-ended");
    enter();
  }
}

// another site's sign-in page does not open in a frame, which the page is on a Space
function unframe() {
  if (window.top !== window)
    element.querySelectorAll("a.elsewhere").forEach((link) => {
      link.target = "_blank";
    });
}

function drawn() {
  welcome(false);
  greet();
  reopen();
  sayChosen();
  explain();
  unframe();
  forget();
}
watch("value", drawn);
drawn();
