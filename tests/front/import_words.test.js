// A file with ratings in words, and what became of an upload that broke off.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const bring = require("../../recsys/ui/account/import_words.js");

const NAMED = { title: "Name", rating: "Stars", year: "", date: "", scale: "10" };
const READ = { read: 12, new: 3, marks: 0, marked: 0, rounded: 0, notes: [], source: "Letterboxd" };

// the pauses before each question to the server, whose answers are given: an Error is a connection that fails
async function endedAfter(whole, answers) {
  const pauses = [];
  const came = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const found = await bring.howItEnded(whole, came, async (pause) => pauses.push(pause));
  return { found, pauses, nLeft: answers.length };
}

test("one is one, and others are many", () => {
  assert.equal(bring.plural(1, "film"), "1 film");
  assert.equal(bring.plural(0, "film"), "0 films");
  assert.equal(bring.plural(2, "entry", "entries"), "2 entries");
  assert.equal(bring.plural(12345, "film"), `${(12345).toLocaleString()} films`);
});

test("every reason for which a film counts for nothing reads well for one and for many", () => {
  for (const [reason, inWords] of Object.entries(bring.REASONS)) {
    assert.match(inWords(1), /^1 (film|entry|rating|row) /, reason);
    assert.match(inWords(2), /^2 (films|entries|ratings|rows) /, reason);
  }
  assert.equal(bring.REASONS["rated again"](1), "1 rating of a film that has another one, which counts");
  assert.equal(bring.REASONS["rated again"](2), "2 ratings of films that have another one, which counts");
});

test("an upload that broke off on its way has kept nothing, and nobody need be asked", async () => {
  const ended = await endedAfter(false, [{ came: true }]);
  assert.deepEqual(ended, { found: bring.BROKE_OFF, pauses: [], nLeft: 1 });
});

test("of one that was on its way as a whole the server says whether it came", async () => {
  assert.equal((await endedAfter(true, [{ came: true }])).found, bring.NO_ANSWER);
  assert.equal((await endedAfter(true, [{ came: false }])).found, bring.BROKE_OFF);
});

test("a server that cannot be reached is asked again, after longer and longer pauses", async () => {
  const down = new Error("Failed to fetch");
  const ended = await endedAfter(true, [down, down, { came: false }]);
  assert.deepEqual(ended, { found: bring.BROKE_OFF, pauses: [0, 1000, 3000], nLeft: 0 });
});

test("after the last pause it is not known", async () => {
  const down = new Error("Failed to fetch");
  const ended = await endedAfter(true, [down, down, down, { came: false }]);
  assert.deepEqual(ended, { found: bring.NO_ANSWER, pauses: [0, 1000, 3000], nLeft: 1 });
});

test("a film that is called otherwise here is named both ways", () => {
  assert.equal(bring.nameOf({ name: "Seven", title: "Se7en (1995)" }), "Seven, here Se7en (1995)");
  assert.equal(bring.nameOf({ name: "Heat (1995)", title: "Heat (1995)" }), "Heat (1995)");
  assert.equal(bring.nameOf({ name: "Heat (1995)", title: "" }), "Heat (1995)");
});

test("what was rounded is the first note, where anything was", () => {
  assert.deepEqual(bring.notesOf({ rounded: 0, notes: ["As it is."] }), ["As it is."]);
  assert.deepEqual(bring.notesOf({ rounded: 1, notes: ["As it is."] }), [
    "1 rating rounded to the nearest stars that can be given here.",
    "As it is.",
  ]);
});

test("ratings and marks are summed up, each where there are any, and no ratings where there is nothing", () => {
  const ratings = "12 ratings read from Letterboxd, 3 of them new or changed.";
  const marks = "1 film to watch later or not at all read, 1 of them new.";
  assert.equal(bring.sumOf(READ), ratings);
  assert.equal(bring.sumOf({ ...READ, marks: 1, marked: 1 }), `${ratings} ${marks}`);
  assert.equal(bring.sumOf({ ...READ, read: 0, marks: 1, marked: 1 }), marks);
  assert.match(bring.sumOf({ ...READ, read: 0, new: 0 }), /^0 ratings read from Letterboxd, 0 of them/);
});

test("the button says how many ratings would be kept", () => {
  assert.equal(bring.keepLabel(1), "Keep this rating");
  assert.equal(bring.keepLabel(0), "Keep these 0 ratings");
  assert.equal(bring.keepLabel(12), "Keep these 12 ratings");
});

test("what is chosen is told as the server wants it, and what is not is left out", () => {
  assert.deepEqual(bring.choiceOf({ ...NAMED, year: "Year", zeros: "no" }), {
    choice: { title: "Name", rating: "Stars", year: "Year", zeros: "no", highest: "10" },
    lacking: "",
  });
});

test("another scale is the number beside it, which counts for nothing otherwise", () => {
  assert.equal(bring.choiceOf({ ...NAMED, scale: "other", other: "20" }).choice.highest, "20");
  assert.equal(bring.choiceOf({ ...NAMED, other: "20" }).choice.highest, "10");
});

test("what is not chosen yet is said in words", () => {
  const { lacking } = bring.choiceOf({ title: "", rating: "", scale: "other", other: "" });
  assert.equal(lacking, "which column holds the titles, which is your rating, out of how many it is");
  assert.equal(bring.choiceOf({ ...NAMED, rating: "" }).lacking, "which is your rating");
  assert.equal(bring.choiceOf({ ...NAMED, scale: undefined }).lacking, "out of how many it is");
});
