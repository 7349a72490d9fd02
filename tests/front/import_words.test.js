// A file with ratings in words, and what became of an upload that broke off.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const bring = require("../../recsys/ui/account/import_words.js");

const NAMED = { title: "Name", rating: "Stars", year: "", date: "", scale: "10" };
const NONE_NEWER = { n: 0, of: 12, until: 1998, dataset: "ml-latest-small" };
const READ = {
  read: 12,
  new: 3,
  changed: 0,
  marks: 0,
  later: 0,
  marked: 0,
  rounded: 0,
  notes: [],
  source: "Letterboxd",
};

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
  assert.deepEqual(bring.notesOf({ rounded: 0, newer: NONE_NEWER, notes: ["As it is."] }), ["As it is."]);
  assert.deepEqual(bring.notesOf({ rounded: 1, newer: NONE_NEWER, notes: ["As it is."] }), [
    "1 rating rounded to the nearest stars that can be given here.",
    "As it is.",
  ]);
});

test("ratings and marks are summed up, each where there are any, and no ratings where there is nothing", () => {
  const ratings = "12 ratings read from Letterboxd, 3 of them new or changed.";
  const marks = "1 film in Watch later: 1 of them new.";
  const later = { marks: 1, later: 1, marked: 1 };
  assert.equal(bring.sumOf(READ), ratings);
  assert.equal(bring.sumOf({ ...READ, ...later }), `${ratings} ${marks}`);
  assert.equal(bring.sumOf({ ...READ, read: 0, ...later }), marks);
  assert.match(bring.sumOf({ ...READ, read: 0, new: 0 }), /^0 ratings read from Letterboxd, 0 of them/);
});

test("marks are told with the place where they are found", () => {
  const marked = { ...READ, read: 0, marked: 3 };
  assert.equal(bring.sumOf({ ...marked, marks: 5, later: 5 }), "5 films in Watch later: 3 of them new.");
  assert.equal(bring.sumOf({ ...marked, marks: 5, later: 0 }), "5 films in Not interested: 3 of them new.");
  assert.equal(
    bring.sumOf({ ...marked, marks: 5, later: 1, seen: 4 }),
    "1 film in Watch later, 4 films in Seen: 3 of them new.",
  );
  assert.equal(
    bring.sumOf({ ...marked, marks: 5, later: 4 }),
    "4 films in Watch later, 1 film in Not interested: 3 of them new.",
  );
});

test("what a guest's file holds is told without what is new, which is not known yet", () => {
  const guest = { ...READ, new: undefined, marked: undefined };
  assert.equal(bring.foundOf(guest), "12 ratings read from Letterboxd.");
  const places = "2 films in Watch later, 1 film in Not interested.";
  assert.equal(bring.foundOf({ ...guest, marks: 3, later: 2 }), `12 ratings read from Letterboxd. ${places}`);
});

test("a file that is too large is told by how much it may be", () => {
  assert.equal(bring.tooLarge(10000000, false), "This file has more than 10 MB: choose a smaller one.");
  assert.equal(bring.tooLarge(3000000, true), "This file has more than 3 MB: choose a smaller one, or register.");
});

test("stars that a file has put in the place of others are told by number", () => {
  const sum = bring.sumOf({ ...READ, changed: 2 });
  assert.match(sum, /3 of them new or changed\. 2 of these took the place of other stars that you had given; Undo/);
});

test("films for which the catalogue ends too early are told first, with what helps if anything does", () => {
  const ends = "24 of your 30 films came out after 1998, where this catalogue ends.";
  const newer = { n: 24, of: 30, until: 1998, dataset: "ml-latest-small" };
  const helped = `${ends} Newer films: start the page with “python app.py --dataset ml-latest-small”.`;
  assert.equal(bring.newerOf(newer), helped);
  assert.equal(bring.newerOf({ ...newer, dataset: "" }), ends);
  assert.equal(
    bring.newerOf({ n: 1, of: 1, until: 2016, dataset: "" }),
    ends.replace("24 of your 30 films", "Your film").replace("1998", "2016"),
  );
  assert.equal(bring.newerOf({ ...newer, n: 0 }), "");
  assert.deepEqual(bring.notesOf({ rounded: 0, newer, notes: ["As it is."] }), [helped, "As it is."]);
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
