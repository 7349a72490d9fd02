// What is typed into a field for films, and what the server finds: { films: [{ title, year }], fits, until }. Knows nothing
// of the page; stands before film_field.js and shares its scope.

const MOST_LISTED = 10; // films of an answer
const MOST_KEPT = 300; // answers

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => plain(text).match(/[\p{L}\p{N}]+/gu) || [];
const keyOf = (text) => wordsOf(text).join("") || plain(text).trim();
const withoutYear = ({ title, year }) => (year && title.endsWith(` (${year})`) ? title.slice(0, -7) : title);

// whether a title was typed in full, with or without its year
const isCalled = (film, typed) => [film.title, withoutYear(film)].map(keyOf).includes(keyOf(typed));

// the only film that is called so
function calledSo(films, typed) {
  const called = films.filter((film) => isCalled(film, typed));
  return called.length === 1 ? called[0] : null;
}

// what Enter takes where no row is pointed at
function sureOf({ films, fits }, typed) {
  return calledSo(films, typed) || (fits && films.length === 1 ? films[0] : null);
}

// [start, end] of what was typed within a word, as the word is written; null: it is not in it
function placeIn(word, typedWords) {
  const signs = [...word];
  const ends = signs.map((_, at) => plain(signs.slice(0, at + 1).join("")).length);
  const bare = plain(word);
  const found = typedWords
    .map((typed) => ({ at: bare.indexOf(typed), typed }))
    .filter(({ at, typed }) => at === 0 || (at > 0 && typed.length > 2))
    .sort((one, other) => one.at - other.at || other.typed.length - one.typed.length);
  if (!found.length) return null;
  const { at, typed } = found[0];
  const first = at === 0 ? 0 : ends.findIndex((end) => end >= at) + 1;
  const last = ends.findIndex((end) => end >= at + typed.length);
  return [signs.slice(0, first).join("").length, signs.slice(0, last + 1).join("").length];
}

// the title as [text, whether it was typed], one after the other
function partsOf(title, typed) {
  const typedWords = wordsOf(typed);
  const parts = [];
  let done = 0;
  const add = (end, isTyped) => {
    if (end > done) parts.push([title.slice(done, end), isTyped]);
    done = Math.max(done, end);
  };
  for (const { 0: word, index } of title.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const place = placeIn(word, typedWords);
    if (!place) continue;
    add(index + place[0], false);
    add(index + place[1], true);
  }
  add(title.length, false);
  return parts;
}

// what stands above the rows where nothing fits; "" where something does
function missing({ films, fits, until }, typed) {
  if (fits) return "";
  const end = until ? ` Films here end in ${until}.` : "";
  return `Nothing here is called “${typed}”.${end} ${films.length ? "Did you mean:" : "Try fewer letters, or its original title."}`;
}

// for who does not see the rows
function counted({ films, fits, until }, typed) {
  const n = films.length === MOST_LISTED ? `The first ${MOST_LISTED} films` : films.length === 1 ? "1 film" : null;
  const rows = `${n || `${films.length} films`}: arrow keys choose.`;
  if (fits) return rows;
  return films.length ? `${missing({ films, fits, until }, typed)} ${rows}` : missing({ films, fits, until }, typed);
}

// the row that is pointed at after a key; null: none
function moved(key, at, n) {
  if (!n) return null;
  if (key === "ArrowDown") return at === null || at === n - 1 ? 0 : at + 1;
  if (key === "ArrowUp") return at === null || at === 0 ? n - 1 : at - 1;
  return key === "Home" ? 0 : n - 1;
}

// what the server said; a refusal may have no words, but what broke off is no answer
const saidBy = (answer) => (answer.ok ? answer.json() : answer.json().catch(() => ({})));

// whether a reason why nothing came is that the server is silent, or broke off
const isSilence = (reason) => reason instanceof TypeError || ["AbortError", "SyntaxError"].includes(reason.name);

// answers that there were, the oldest forgotten first
class Answers {
  constructor() {
    this.kept = new Map();
  }

  of(typed) {
    return this.kept.get(typed.trim()) || null;
  }

  keep(typed, answer) {
    this.kept.set(typed.trim(), answer);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
  }
}

if (typeof module === "object") {
  module.exports = {
    isCalled,
    calledSo,
    sureOf,
    partsOf,
    missing,
    counted,
    moved,
    saidBy,
    isSilence,
    Answers,
    MOST_KEPT,
    MOST_LISTED,
  };
}
