// What is typed into a field for films, and what is made of the server's answers.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const field = require("../../recsys/ui/fields/film_search.js");
const { draws } = require("./draws.js");

const film = (title, year = null) => ({ title, year });
const HAMLETS = [film("Hamlet (1990)", 1990), film("Hamlet (1948)", 1948)];
const HEAT = film("Heat (1995)", 1995);
const bold = (title, typed) => field.partsOf(title, typed).map(([text, isTyped]) => (isTyped ? `[${text}]` : text));

test("what was typed is marked where words begin, accents and capitals aside", () => {
  for (const [title, typed, marked] of [
    ["Star Wars", "star w", "[Star] [W]ars"],
    ["Star Wars", "wars STAR", "[Star] [Wars]"],
    ["Amélie", "ame", "[Amé]lie"],
    ["Le Samouraï", "samourai", "Le [Samouraï]"],
    ["The Matrix", "trix", "The Ma[trix]"],
    ["Heat", "ea", "Heat"],
    ["Heat", "", "Heat"],
    ["WALL·E", "wall-e", "[WALL]·[E]"],
    ["8½", "8", "[8]½"],
    ["<b>Bold</b>", "b", "<[b]>[B]old</[b]>"],
    ["🎬 Films", "film", "🎬 [Film]s"],
    ["שלום עולם", "שלום", "[שלום] עולם"],
  ])
    assert.equal(bold(title, typed).join(""), marked, `${title}, ${typed}`);
});

test("the parts of a title are the whole title, whatever it is and whatever is typed", () => {
  const { below } = draws(5);
  const signs = [..."aAbéÉßﬁİ½³ çłØ-.'<&\u0301🎬👩‍🚀אבع123"];
  const text = (n) => Array.from({ length: below(n) }, () => signs[below(signs.length)]).join("");
  for (let round = 0; round < 2000; round++) {
    const title = text(20);
    const typed = below(2) ? text(8) : title.slice(below(4), below(12));
    const whole = field.partsOf(title, typed).map(([part]) => part);
    assert.equal(whole.join(""), title, JSON.stringify([title, typed]));
  }
});

test("a title that is typed in full is known, with its year or without", () => {
  for (const typed of ["heat", "HEAT", " heat ", "heat 1995", "Heat (1995)"])
    assert.equal(field.calledSo([HEAT, ...HAMLETS], typed), HEAT, typed);
  for (const typed of ["hea", "heats", "", "heat 1996"]) assert.equal(field.calledSo([HEAT], typed), null, typed);
  assert.equal(field.calledSo([film("$ (1971)", 1971)], "$")?.title, "$ (1971)");
});

test("of two films of one title none is known without a year", () => {
  assert.equal(field.calledSo(HAMLETS, "hamlet"), null);
  assert.equal(field.calledSo(HAMLETS, "hamlet 1948"), HAMLETS[1]);
});

test("enter takes the only film that fits, but never one that is only near", () => {
  const answer = { films: [HEAT], fits: true, until: 1998 };
  assert.equal(field.sureOf(answer, "he"), HEAT);
  assert.equal(field.sureOf({ ...answer, fits: false }, "haet"), null);
  assert.equal(field.sureOf({ ...answer, films: HAMLETS }, "ham"), null);
  assert.equal(field.sureOf({ ...answer, films: [] }, "ham"), null);
});

test("where nothing fits it is said, with the year of the last films, and the nearest are offered", () => {
  const answer = { films: [HEAT], fits: false, until: 1998 };
  assert.equal(field.missing(answer, "haet"), "Nothing here is called “haet”. Films here end in 1998. Did you mean:");
  const none = field.missing({ films: [], fits: false, until: null }, "matrix");
  assert.equal(none, "Nothing here is called “matrix”. Try fewer letters, or its original title.");
  assert.equal(field.missing({ ...answer, fits: true }, "heat"), "");
});

test("how many films there are is told", () => {
  const said = (n, fits) => field.counted({ films: Array(n).fill(HEAT), fits, until: 1998 }, "x");
  assert.equal(said(1, true), "1 film: arrow keys choose.");
  assert.equal(said(3, true), "3 films: arrow keys choose.");
  assert.equal(said(field.MOST_LISTED, true), "The first 10 films: arrow keys choose.");
  assert.match(said(2, false), /^Nothing here is called “x”.* Did you mean: 2 films: arrow keys choose\.$/);
  assert.match(said(0, false), /^Nothing here is called “x”.* Try fewer letters/);
});

test("arrows go round, and home and end to the ends", () => {
  const way = (keys, n) => keys.reduce((at, key) => field.moved(key, at, n), null);
  assert.equal(way(["ArrowDown"], 3), 0);
  assert.equal(way(["ArrowUp"], 3), 2);
  assert.equal(way(["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"], 3), 0);
  assert.equal(way(["End", "ArrowDown"], 3), 0);
  assert.equal(way(["ArrowDown", "End"], 3), 2);
  assert.equal(way(["End", "Home"], 3), 0);
  assert.equal(way(["ArrowDown"], 0), null);
});

test("answers are kept by what was typed, and the oldest forgotten first", () => {
  const answers = new field.Answers();
  for (let at = 0; at <= field.MOST_KEPT; at++) answers.keep(` ${at} `, at + 1);
  assert.equal(answers.of("0"), null);
  assert.equal(answers.of("1"), 2);
  assert.equal(answers.of(` ${field.MOST_KEPT}`), field.MOST_KEPT + 1);
});

test("an answer that breaks off is none, and a refusal may have no words", async () => {
  const broken = () => Promise.reject(Object.assign(new Error("gone"), { name: "AbortError" }));
  await assert.rejects(async () => field.saidBy({ ok: true, json: broken }), { name: "AbortError" });
  assert.deepEqual(await field.saidBy({ ok: false, json: broken }), {});
  assert.deepEqual(await field.saidBy({ ok: true, json: async () => ({ films: [] }) }), { films: [] });
  for (const name of ["AbortError", "SyntaxError"]) assert.ok(field.isSilence({ name }));
  assert.ok(field.isSilence(new TypeError("failed to fetch")));
  assert.equal(field.isSilence(new Error("Type less.")), false);
});
