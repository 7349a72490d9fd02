// A file with ratings in words: what became of it, and what is still to be chosen. Knows nothing of the page; stands before
// import_ratings.js and shares its scope.

const plural = (n, one, many = `${one}s`) => `${n.toLocaleString()} ${n === 1 ? one : many}`;
const REASONS = {
  unknown: (n) => `${plural(n, "film")} not known here`,
  "no film": (n) => plural(n, "entry that is no film", "entries that are no films"),
  "not rated": (n) => `${plural(n, "film")} without a rating`,
  "rated again": (n) =>
    `${plural(n, "rating of a film that has", "ratings of films that have")} another one, which counts`,
  unreadable: (n) => `${plural(n, "row")} that cannot be read`,
};

// the server keeps nothing of a file that did not come whole; where all of it was on its way, the server knows whether it did
const BROKE_OFF = "The upload broke off, so nothing was kept: check the connection and try again.";
const NO_ANSWER =
  "The server did not answer, so it is not known whether this was kept: reload the page and look under My films.";
const PAUSES = [0, 1000, 3000]; // ms; a connection that broke off may be back in a moment

// whole: whether all of it was on its way; came: asks the server; wait: for so many ms
async function howItEnded(whole, came, wait) {
  if (!whole) return BROKE_OFF;
  for (const pause of PAUSES) {
    await wait(pause);
    try {
      return (await came()).came ? NO_ANSWER : BROKE_OFF;
    } catch {
      /* once more */
    }
  }
  return NO_ANSWER;
}

const nameOf = (one) => (one.title && one.title !== one.name ? `${one.name}, here ${one.title}` : one.name);

function notesOf(said) {
  const rounded =
    said.rounded && `${plural(said.rounded, "rating")} rounded to the nearest stars that can be given here.`;
  return [newerOf(said.newer), rounded, ...said.notes].filter(Boolean);
}

const changedOf = ({ changed }) =>
  changed
    ? ` ${changed.toLocaleString()} of these took the place of other stars that you had given; Undo brings them back.`
    : "";
const readOf = (said) =>
  `${plural(said.read, "rating")} read from ${said.source}, ${said.new.toLocaleString()} of them new or changed.${changedOf(said)}`;

// where films that are marked are found again
function placesOf({ marks, later, seen = 0 }) {
  const places = [
    [later, "Watch later"],
    [seen, "Seen"],
    [marks - later - seen, "Not interested"],
  ].filter(([n]) => n);
  return places.map(([n, place]) => `${plural(n, "film")} in ${place}`).join(", ");
}

const markedOf = (said) => `${placesOf(said)}: ${said.marked.toLocaleString()} of them new.`;

// what a file holds, before it is known what of it is new
function foundOf(said) {
  const marks = said.marks ? ` ${placesOf(said)}.` : "";
  return `${plural(said.read, "rating")} read from ${said.source}.${marks}`;
}

const tooLarge = (most, isGuest) =>
  `This file has more than ${most / 1000000} MB: choose a smaller one${isGuest ? ", or register" : ""}.`;

// what a catalogue that ends early leaves out, and what helps; nothing if it leaves out nothing
function newerOf({ n, of, until, dataset }) {
  if (!n) return "";
  const came = of === 1 ? "Your film" : `${n.toLocaleString()} of your ${plural(of, "film")}`;
  const help = dataset ? ` Newer films: start the page with “python app.py --dataset ${dataset}”.` : "";
  return `${came} came out after ${until}, where this catalogue ends.${help}`;
}

function sumOf(said) {
  if (!said.marks) return readOf(said);
  return said.read ? `${readOf(said)} ${markedOf(said)}` : markedOf(said);
}

const keepLabel = (n) => `Keep ${n === 1 ? "this rating" : `these ${plural(n, "rating")}`}`;

// said: the fields of the form. What is chosen, as the server wants it, and in words what is not.
function choiceOf(said) {
  const highest = said.scale === "other" ? said.other : said.scale;
  const lacking = [
    !said.title && "which column holds the titles",
    !said.rating && "which is your rating",
    !highest && "out of how many it is",
  ];
  const named = Object.fromEntries(
    ["title", "rating", "year", "date", "zeros"].filter((what) => said[what]).map((what) => [what, said[what]]),
  );
  return { choice: { ...named, highest }, lacking: lacking.filter(Boolean).join(", ") };
}

if (typeof module === "object") {
  module.exports = {
    plural,
    REASONS,
    BROKE_OFF,
    NO_ANSWER,
    PAUSES,
    howItEnded,
    nameOf,
    notesOf,
    sumOf,
    foundOf,
    tooLarge,
    newerOf,
    keepLabel,
    choiceOf,
  };
}
