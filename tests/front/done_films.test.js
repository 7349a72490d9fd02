// Films that stay in their places although something was done with them.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { DoneFilms, MOST_DONE } = require("../../recsys/ui/acts/done_films.js");

const act = (what, film = null, stars = null) => ({ do: what, film, stars });
const shown = (done, list) => [...done.in(list)].map(([film, { what }]) => `${film}: ${what}`);

function doneBy(...acts) {
  const done = new DoneFilms("own");
  for (const [what, film, list] of acts) done.did(act(what, film), list);
  return done;
}

test("what is marked stays in its list, and the last can be undone there", () => {
  const done = doneBy(["later", "A", "own"], ["seen", "B", "own"], ["hidden", "C", "other"]);
  assert.deepEqual(shown(done, "own"), ["A: later", "B: seen"]);
  assert.deepEqual(shown(done, "other"), ["C: hidden"]);
  assert.deepEqual([done.isLast("other", "C"), done.isLast("own", "B")], [true, false]);
  done.did(act("undo"));
  assert.deepEqual(shown(done, "other"), []);
  assert.equal(done.isLast("own", "B"), true);
});

test("a list is told what stays in it: what was marked there, and what is being marked", () => {
  const done = doneBy(["later", "A", "own"], ["hidden", "C", "other"], ["seen", "B", "own"]);
  assert.deepEqual(done.staying(act("hidden", "D"), "own"), ["A", "B", "D"]);
  assert.deepEqual(done.staying(act("seen", "A"), "own"), ["A", "B"]);
  assert.deepEqual(done.staying(act("undo"), null), ["A"]);
  assert.deepEqual(done.staying(act("later", "D"), "other"), []);
  assert.deepEqual(done.staying(act("rate", "A"), "own"), []);
});

test("what many films at once change is not known film by film, and the first undo takes it back", () => {
  const done = doneBy(["later", "A", "own"], ["hidden", "C", "other"]);
  assert.equal(done.undoesMany(), false);
  done.taken();
  assert.deepEqual([shown(done, "own"), shown(done, "other"), done.undoesMany()], [[], [], true]);
  assert.equal(done.isStill(act("undo"), null), false);
  done.did(act("rate", "B", 4), "own");
  assert.equal(done.undoesMany(), false);
  done.did(act("undo"));
  assert.equal(done.undoesMany(), true);
  done.did(act("undo"));
  assert.equal(done.undoesMany(), false);
  assert.deepEqual(shown(done, "own"), []); // the list has been drawn anew since
});

test("what was done before the page was loaded may have been many films at once", () => {
  const done = doneBy();
  assert.equal(done.undoesMany(), true);
  done.did(act("undo"));
  assert.equal(done.undoesMany(), true);
});

test("stars that are given elsewhere make another list of it, and nothing stays", () => {
  const done = doneBy(["seen", "A", "own"], ["hidden", "C", "other"], ["rate", "A", null]);
  assert.deepEqual([shown(done, "own"), shown(done, "other")], [[], ["C: hidden"]]);
  assert.deepEqual(done.staying(act("hidden", "B"), "own"), ["B"]);
  assert.equal(done.isStill(act("rate", "X"), null), false);
  assert.equal(done.isStill(act("rate", "X"), "other"), false);
});

test("a list stays as it is once stars are given in it, until they are undone or it is drawn anew", () => {
  const done = doneBy(["seen", "A", "own"]);
  assert.deepEqual([done.isStill(act("later", "B"), "own"), done.isStill(act("undo"), null)], [false, false]);
  assert.equal(done.isStill(act("rate", "A"), "own"), true);
  done.did(act("rate", "A", 4), "own");
  assert.equal(done.in("own").get("A").stars, 4);
  for (const [what, list, is] of [
    ["later", "own", true],
    ["undo", null, true],
    ["later", "other", false],
    ["unmark", "own", false],
  ])
    assert.equal(done.isStill(act(what, "B"), list), is, what);
  done.did(act("later", "B"), "own");
  assert.equal(done.isStill(act("undo"), null), true);
  done.did(act("undo"));
  done.did(act("undo"));
  assert.deepEqual(shown(done, "own"), ["A: seen"]);
  assert.equal(done.isStill(act("undo"), null), false);
  done.did(act("remove", "A"), "own");
  done.drawn("own", ["A", "B"]); // which shows the stars itself, or none
  assert.deepEqual(shown(done, "own"), ["A: seen"]);
  assert.equal(done.isStill(act("later", "B"), "own"), false);
});

test("stars that are undone after the list was drawn anew make another list of it", () => {
  const done = doneBy(["rate", "A", "own"]);
  done.drawn("own", ["B"]);
  assert.equal(done.isStill(act("undo"), null), false);
});

test("a film that is not there any more is not remembered, and neither is a list that begins anew", () => {
  const done = doneBy(["seen", "A", "own"], ["later", "B", "own"], ["later", "C", "other"]);
  done.drawn("own", ["B", "X"]);
  assert.deepEqual(shown(done, "own"), ["B: later"]);
  done.drawn("own", ["A", "B"]);
  assert.deepEqual(shown(done, "own"), ["B: later"]);
  done.drawn("other", ["C"]);
  assert.deepEqual(shown(done, "other"), []);
});

test("undo goes by the order of all acts, whether they are shown or not", () => {
  const done = doneBy(
    ["later", "A", "own"],
    ["unseen", "X", null],
    ["asked", "X", null],
    ["remove", "Y", null],
    ["later", "B", "own"],
  );
  done.did(act("undo"));
  assert.equal(done.isLast("own", "A"), false); // the removed stars are undone first
  done.did(act("undo"));
  done.did(act("undo"));
  done.did(act("undo")); // of what was done before the page was opened
  assert.deepEqual(shown(done, "own"), []);
});

test("only so many acts are remembered", () => {
  const done = doneBy(...Array.from({ length: MOST_DONE + 5 }, (_, at) => ["later", `Film ${at}`, "own"]));
  assert.equal(done.in("own").size, MOST_DONE);
});
