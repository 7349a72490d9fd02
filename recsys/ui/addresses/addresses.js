// Addresses of places on the page: what a fragment says, and which fragment says it. Knows nothing of the page; stands before
// visited.js and copying.js and shares their scope. A place: { tab, part, settings, film }, where part is null in a tab without
// parts, a setting is a text or a list of texts, and film is the title of a panel that is open, or "".

const MOST_CHARACTERS = 4000; // of a fragment that are read
const MOST_VALUES = 40; // of a setting that is a list
const TEXT = /^[^\p{Cc}\p{Cs}]{1,300}$/u; // what a value may be

const LISTS = new Set(["genres", "period", "loved"]);
const TICKED = new Set(["all", "seen"]); // settings that are "1" or not there
const FILTERS = ["genres", "period", "all", "least", "seen"];
const READING = ["order", "adventure"];
// tab -> its parts, the first of which opens first -> their settings; "" is a tab without parts
const PLACES = new Map(
  Object.entries({
    rate: { "": [...FILTERS, ...READING] },
    genres: { "": [...FILTERS, "loved", ...READING] },
    tonight: { "": ["code"] },
    films: { taste: [], ratings: [], later: [], seen: [], hidden: [], lists: ["list"], account: [] },
    explore: {
      ...{ near: ["film", ...FILTERS], path: ["from", "to"], map: ["film"] },
      ...{ viewer: ["person"], models: ["one", "another"] },
    },
    metrics: { "": [] },
  }).map(([tab, parts]) => [tab, new Map(Object.entries(parts))]),
);
const FIRST = "rate";
const IDS = { genres: "genre-tab", films: "yours-tab" }; // of tabs that are not called as in an address
const STEPS = ["film", "from", "to", "person", "list"]; // settings that make another place; the rest are its filters

const idOf = (name) => IDS[name] ?? `${name}-tab`; // of the tab of a place, or of a part of it
const partsOf = (tab) => [...PLACES.get(tab).keys()];
const settingsIn = ({ tab, part }) => PLACES.get(tab).get(part ?? "");
// the name of the film whose panel is open, where a place has a film of its own
const panelIn = (place) => (settingsIn(place).includes("film") ? "open" : "film");
const keyOf = ({ tab, part }) => (part ? `${tab}/${part}` : tab);

// ---- reading

function decoded(text) {
  try {
    const value = decodeURIComponent(text.replaceAll("+", " ")).trim();
    return TEXT.test(value) ? value : null;
  } catch {
    return null; // it is no UTF-8
  }
}

function nearest(path) {
  const [said, below] = path
    .toLowerCase()
    .split("/")
    .map((each) => each.trim())
    .filter((each) => each && each !== "!");
  const tab = PLACES.has(said) ? said : FIRST;
  const parts = partsOf(tab);
  const part = said === tab && parts.includes(below) ? below : parts[0];
  return { tab, part: part || null, settings: {}, film: "" };
}

// what is said beyond the most is left out, whole values at a time
const bounded = (query) =>
  query.length > MOST_CHARACTERS ? query.slice(0, query.lastIndexOf("&", MOST_CHARACTERS) + 1) : query;

function parse(fragment) {
  const said = String(fragment ?? "").replace(/^#/, "");
  const at = said.search(/[?&]/);
  const [path, query] = at < 0 ? [said, ""] : [said.slice(0, at), said.slice(at + 1)];
  const place = nearest(path.slice(0, 100));
  for (const pair of bounded(query).split("&")) {
    const [name, ...rest] = pair.split("=");
    const value = rest.join("=");
    if (name === panelIn(place)) place.film = decoded(value) ?? "";
    else if (settingsIn(place).includes(name)) put(place.settings, name, value);
  }
  return place;
}

function put(settings, name, value) {
  if (!LISTS.has(name)) {
    const text = decoded(value);
    if (text !== null) settings[name] = text;
    return;
  }
  const before = settings[name] ?? [];
  const texts = value.split(",").slice(0, MOST_VALUES).map(decoded);
  const all = [...new Set([...before, ...texts.filter((text) => text !== null)])].slice(0, MOST_VALUES);
  if (all.length) settings[name] = all;
}

// whether a fragment names a place at all
const isPlace = (fragment) => {
  const [path] = String(fragment ?? "")
    .replace(/^#[/!]*/, "")
    .split(/[?&/]/, 1);
  return PLACES.has(path.trim().toLowerCase());
};

// ---- writing

const encoded = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%3A", ":");
const isText = (value) => typeof value === "string" && TEXT.test(value);

function textOf(value) {
  if (Array.isArray(value)) return value.filter(isText).map(encoded).join(",");
  return isText(value) ? encoded(value) : "";
}

function write(place) {
  const { settings, film } = place;
  const said = settingsIn(place).map((name) => [name, Object.hasOwn(settings, name) ? textOf(settings[name]) : ""]);
  const pairs = [...said, [panelIn(place), textOf(film)]].filter(([, value]) => value);
  const query = pairs.map((pair) => pair.join("=")).join("&");
  return `#${keyOf(place)}${query ? `?${query}` : ""}`;
}

// settings as the components of the page have them: without those that are as at first; what is ticked is "1"
function settingsOf(names, values, defaults) {
  const settings = {};
  for (const [at, name] of names.entries()) {
    const value = values[at] ?? null;
    const isEmpty = value === null || value === "" || value === defaults[at] || value.length === 0;
    if (!isEmpty) settings[name] = TICKED.has(name) ? "1" : Array.isArray(value) ? value : String(value);
  }
  return settings;
}

// ---- going

// whether who was before in one place, and is now in another, has gone a step: Back leads there. A place that only becomes
// known, as that of a viewer drawn at random, is none.
function isStep(before, now) {
  if (keyOf(before) !== keyOf(now) || before.film !== now.film) return true;
  const told = settingsIn(now).filter((name) => STEPS.includes(name));
  const differs = told.some((name) => before.settings[name] !== now.settings[name]);
  const isWhole = told.every((name) => now.settings[name]);
  return differs && isWhole && (keyOf(now) !== "explore/viewer" || Boolean(before.settings.person));
}

// whether nothing but the panel of a film has gone
const isClosed = (before, now) => before.film !== "" && write({ ...before, film: "" }) === write(now);

// how many steps back the place is from which a film's panel was opened, films one after the other; 0: that is not known
// steps: of the place before
function stepsIn(before, now, steps) {
  if (!now.film) return 0;
  if (!before.film) return 1;
  return steps ? steps + 1 : 0;
}

// what the page shows in each of its places, and which film's panel is open
class Shown {
  constructor() {
    this.settings = new Map();
    this.film = "";
  }

  note(key, settings) {
    this.settings.set(key, settings);
  }

  place(tab, part) {
    return { tab, part, settings: this.settings.get(keyOf({ tab, part })) ?? {}, film: this.film };
  }

  // whether all but the film's panel is as a place has it
  has(place) {
    return write({ ...place, film: "" }) === write({ ...this.place(place.tab, place.part), film: "" });
  }
}

if (typeof module === "object")
  module.exports = {
    PLACES,
    idOf,
    parse,
    write,
    isPlace,
    isStep,
    isClosed,
    stepsIn,
    settingsOf,
    Shown,
    MOST_CHARACTERS,
    MOST_VALUES,
  };
