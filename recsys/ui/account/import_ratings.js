// A file with ratings goes to the server; what became of it is shown, or what has to be asked first. Of a table that is not
// known, nothing is kept until its columns are named and a preview was there to see; then it is sent again.
// Comes as js_on_load of a gr.HTML: `element` and `trigger` are Gradio's. What is said of it is in import_words.js.

const isGuest = () => element.querySelector("[data-guest]") !== null; // whose ratings the browser keeps
const LARGEST = { member: 10000000, guest: 3000000 }; // bytes
const NAMES = { title: "Titles", rating: "Your rating", year: "Year of the film", date: "When you rated" };
const SCALES = [5, 10, 100];

async function bring(file, asked) {
  const most = isGuest() ? LARGEST.guest : LARGEST.member;
  if (file.size > most) return { problem: tooLarge(most, isGuest()) };
  return await sent(
    new URL(isGuest() ? "account/read" : "account/import", new URL(".", document.baseURI)),
    { file_name: file.name, ...asked },
    file,
  );
}

const sent = (url, asked, file) =>
  new Promise((answer) => {
    const request = new XMLHttpRequest();
    const upload = `${Date.now()}-${Math.random()}`;
    let whole = false;
    const came = () => fetch(`${url}?${upload}`, { credentials: "same-origin" }).then((said) => said.json());
    const wait = (pause) => new Promise((done) => setTimeout(done, pause));
    request.upload.addEventListener("load", () => {
      whole = true;
    });
    request.addEventListener("error", async () => answer({ problem: await howItEnded(whole, came, wait) }));
    request.addEventListener("load", () => {
      try {
        answer(JSON.parse(request.responseText));
      } catch {
        answer({ problem: "This did not work: try again." });
      }
    });
    request.open("POST", `${url}?${new URLSearchParams(asked)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Upload", upload);
    request.send(file);
  });

// ---- what became of it

function tag(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const stars = (n) => plural(n, "star");
const example = (one) =>
  tag("li", {}, nameOf(one), `: ${one.given} of ${one.highest} → `, tag("b", { textContent: stars(one.stars) }));

// how many films, and which, counted for nothing: closed, so that a long list does not hide the rest
function leftOut(said) {
  return said.left_out.map((group) => {
    const more = group.n > group.some.length ? [tag("li", { textContent: "…" })] : [];
    const films = tag("ul", {}, ...group.some.map((film) => tag("li", { textContent: film })), ...more);
    return tag(
      "details",
      { open: group.n <= 3 },
      tag("summary", { textContent: REASONS[group.reason](group.n) }),
      films,
    );
  });
}

function details(said) {
  const notes = notesOf(said).map((note) => tag("p", { textContent: note }));
  const examples = said.examples.length ? [tag("ul", { className: "examples" }, ...said.examples.map(example))] : [];
  const left = said.left_out.length ? [tag("p", { textContent: "Left out:" }), ...leftOut(said)] : [];
  return [...examples, ...notes, ...left];
}

// what a guest brings goes to the component below, which keeps it in the browser and says so
function passedOn(said) {
  trigger("submit", { ratings: said.ratings, times: said.times, marks: said.marked_films });
  return [tag("p", { textContent: foundOf(said) }), ...details(said)];
}

function done(said) {
  if (said.ratings) return passedOn(said);
  const parts = [tag("p", { textContent: sumOf(said) }), ...details(said)];
  const show = tag("button", { className: "plain", type: "button", textContent: "Show me films" });
  show.dataset.look = "for-you"; // film_actions.js sees to it
  const undo = tag("button", { className: "plain", type: "button", textContent: "Undo" });
  undo.dataset.do = "undo"; // film_actions.js sees to it
  undo.addEventListener("click", () => {
    undo.disabled = true;
  });
  const isNew = said.new || said.marked;
  if (isNew) document.dispatchEvent(new CustomEvent("films-taken")); // all that shows ratings is drawn anew
  return [...parts, tag("p", { className: "choices" }, show, ...(isNew ? [undo] : []))];
}

// ---- what has to be asked

function select(what, question, required) {
  const first = tag("option", { value: "", textContent: required ? "Choose …" : "None" });
  const options = question.columns.map((name) =>
    tag("option", { value: name, textContent: name, selected: name === question.guess[what] }),
  );
  const field = tag("select", { name: what, required }, first, ...options);
  return tag("label", {}, NAMES[what], field);
}

function radios(name, legend, choices, chosen) {
  const labels = choices.map(([value, text]) =>
    tag(
      "label",
      {},
      tag("input", { type: "radio", name, value, required: true, checked: String(value) === String(chosen) }),
      text,
    ),
  );
  return tag("fieldset", {}, tag("legend", { textContent: legend }), tag("div", { className: "choices" }, ...labels));
}

function scale(question) {
  const { highest } = question.guess;
  const other = highest && !SCALES.includes(highest);
  const field = radios(
    "scale",
    "Out of how many?",
    [...SCALES.map((n) => [n, n]), ["other", "another:"]],
    other ? "other" : highest,
  );
  const number = tag("input", {
    type: "number",
    name: "other",
    min: 1,
    max: 1000,
    step: "any",
    inputMode: "decimal",
    value: other ? highest : "",
  });
  number.setAttribute("aria-label", "Highest rating that can be given");
  number.addEventListener("input", () => {
    field.querySelector("[value=other]").checked = true;
  });
  field.lastChild.append(number);
  return field;
}

function rows(question) {
  const line = (cells, kind) => tag("tr", {}, ...cells.map((cell) => tag(kind, { textContent: cell })));
  const table = tag(
    "table",
    {},
    tag("thead", {}, line(question.columns, "th")),
    tag("tbody", {}, ...question.rows.map((row) => line(row, "td"))),
  );
  const frame = tag("div", { className: "rows", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "First rows of the table");
  return frame;
}

function form(question) {
  const zeros = radios(
    "zeros",
    "What does a rating of 0 mean?",
    [
      ["no", "not rated"],
      ["yes", "the lowest rating"],
    ],
    "",
  );
  zeros.className = "zeros";
  const rest = tag(
    "details",
    { open: Boolean(question.guess.year || question.guess.date) },
    tag("summary", { textContent: "Year and date" }),
    select("year", question, false),
    select("date", question, false),
  );
  const keep = tag("button", {
    className: "strong",
    type: "submit",
    textContent: "Keep these ratings",
    disabled: true,
  });
  const cancel = tag("button", { className: "plain", type: "button", textContent: "Cancel" });
  cancel.dataset.cancel = "";
  const preview = tag("div", { className: "preview" });
  preview.setAttribute("role", "status");
  return tag(
    "form",
    { className: "asked", noValidate: true },
    tag("h3", { textContent: "What is in this table?", tabIndex: -1 }),
    tag("p", {
      className: "note",
      textContent: "It is of a kind that is not known here. Nothing is kept until you have seen what it would be.",
    }),
    rows(question),
    tag("ul", { className: "why" }, ...question.why.map((why) => tag("li", { textContent: why }))),
    select("title", question, true),
    select("rating", question, true),
    scale(question),
    zeros,
    rest,
    preview,
    tag("div", { className: "choices" }, keep, cancel),
  );
}

const chosen = (asked) => choiceOf(Object.fromEntries(new FormData(asked)));

function ask(file, question, place, end) {
  const asked = form(question);
  const preview = asked.querySelector(".preview");
  const keep = asked.querySelector("[type=submit]");
  const zeros = asked.querySelector(".zeros");
  let latest = 0;
  let waiting;
  zeros.hidden = zeros.disabled = !question.n_zeros;

  const say = (...parts) => preview.replaceChildren(...parts);
  const lacks = (text) => {
    keep.disabled = true;
    keep.textContent = "Keep these ratings";
    say(tag("p", { textContent: text }));
  };

  async function show() {
    const { choice, lacking } = chosen(asked);
    const mine = ++latest;
    if (lacking) {
      lacks(`Choose ${lacking}: then you see here what would be kept.`);
      return;
    }
    const said = await bring(file, { ...choice, preview: 1 });
    if (mine !== latest) return; // something else is chosen by now
    if (said.question) zeros.hidden = zeros.disabled = false;
    if (said.question || said.problem) lacks(said.problem || said.question.why.join(" "));
    if (said.problem) preview.append(again());
    if (said.preview) would(said.preview);
  }

  function would(read) {
    keep.disabled = !read.read;
    keep.textContent = keepLabel(read.read);
    say(
      tag("p", {
        textContent: read.read ? "This is what would be kept, for example:" : "Nothing of it would be kept:",
      }),
      ...details(read),
    );
  }

  function again() {
    const button = tag("button", { className: "plain", type: "button", textContent: "Try again" });
    button.addEventListener("click", show);
    return button;
  }

  asked.addEventListener("change", (event) => {
    if (event.target.name === "rating") zeros.hidden = zeros.disabled = true; // another column may have no 0
    keep.disabled = true;
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { choice, lacking } = chosen(asked);
    if (keep.disabled || lacking) return;
    keep.disabled = true;
    const said = await bring(file, choice);
    if (said.problem || said.question) lacks(said.problem || said.question.why.join(" "));
    else end(...done(said));
  });
  asked
    .querySelector("[data-cancel]")
    .addEventListener("click", () => end(tag("p", { textContent: "Nothing was kept." })));
  place.replaceChildren(asked);
  asked.querySelector("h3").focus();
  show();
}

element.addEventListener("change", async (event) => {
  const input = event.target;
  const place = element.querySelector(".brought");
  const question = element.querySelector(".question");
  if (input.type !== "file" || !input.files.length) return;
  const [file] = input.files;
  question.replaceChildren();
  place.textContent = "Reading …";
  const said = await bring(file, {});
  input.value = "";
  const end = (...parts) => {
    question.replaceChildren();
    place.replaceChildren(...parts);
    (place.querySelector("button") || input).focus();
  };
  place.replaceChildren();
  if (said.problem) place.replaceChildren(tag("p", { textContent: said.problem }));
  else if (said.question) ask(file, said.question, question, end);
  else place.replaceChildren(...done(said));
});
