// Acts that wait for the server, as film_actions.js lets them wait.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { actOf, ActQueue, starsInWords, shareOf, restOf } = require("../../recsys/ui/acts/act_queue.js");
const { draws } = require("./draws.js");

const rated = (film, stars) => actOf("rate", film, stars, false);
const undo = () => actOf("undo", null, 0, false);

// what is sent until nothing waits, as "what film stars"
function sentBy(queue) {
  const told = [];
  for (let next = queue.next(); next; next = queue.next()) {
    told.push(`${next.act.do} ${next.act.film} ${next.act.stars}`);
    queue.answered();
  }
  return told;
}

test("an act says what is done, with which film, and where", () => {
  assert.deepEqual(actOf("rate", "Heat (1995)", 4.5, true), {
    do: "rate",
    film: "Heat (1995)",
    stars: 4.5,
    in_list: true,
    staying: [],
    still: false,
    seq: 0,
  });
});

test("a slider below its scale takes the stars back", () => {
  const { do: what, stars } = actOf("rate", "Heat (1995)", null, false);
  assert.deepEqual([what, stars], ["remove", null]);
});

test("what gives no stars has none, whatever its control says", () => {
  for (const what of ["remove", "hidden", "later", "unmark", "undo"]) {
    const act = actOf(what, "Heat (1995)", 0, false);
    assert.deepEqual([act.do, act.stars], [what, null]);
  }
});

test("acts are sent in their order, one after the other", () => {
  const queue = new ActQueue(0);
  for (const film of ["A", "B", "C"]) queue.add(rated(film, 3));
  assert.equal(queue.next().act.film, "A");
  assert.equal(queue.next(), null);
  assert.equal(queue.answered().act.film, "A");
  assert.deepEqual(sentBy(queue), ["rate B 3", "rate C 3"]);
  assert.equal(queue.next(), null);
});

test("of several ratings of a film that wait the last counts, where the first stood", () => {
  const queue = new ActQueue(0);
  queue.add(rated("A", 1));
  queue.add(rated("B", 2));
  queue.add(rated("A", 5));
  assert.deepEqual(sentBy(queue), ["rate A 5", "rate B 2"]);
});

test("taking back counts instead of the stars that were about to be given", () => {
  const queue = new ActQueue(0);
  queue.add(rated("A", 4));
  queue.add(actOf("remove", "A", 0, false));
  assert.deepEqual(sentBy(queue), ["remove A null"]);
});

test("of several marks of a film the last counts, beside its stars", () => {
  const queue = new ActQueue(0);
  queue.add(actOf("later", "A", 0, false));
  queue.add(rated("A", 4));
  queue.add(actOf("hidden", "A", 0, false));
  queue.add(actOf("unmark", "A", 0, false));
  assert.deepEqual(sentBy(queue), ["unmark A null", "rate A 4"]);
});

test("every undo is one of its own, however many wait", () => {
  const queue = new ActQueue(0);
  queue.add(undo());
  queue.add(rated("A", 4));
  queue.add(undo());
  queue.add(undo());
  assert.deepEqual(sentBy(queue), ["undo null null", "rate A 4", "undo null null", "undo null null"]);
});

test("what is done with a film whose act is under way is sent after it", () => {
  const queue = new ActQueue(0);
  queue.add(rated("A", 1));
  queue.next();
  queue.add(rated("A", 2));
  queue.add(rated("A", 3));
  queue.answered();
  assert.deepEqual(sentBy(queue), ["rate A 3"]);
});

test("every act that is sent has a number of its own, in rising order", () => {
  const queue = new ActQueue(41);
  const numbers = [];
  for (const film of ["A", "B", "A"]) {
    queue.add(rated(film, 3));
    numbers.push(queue.next().act.seq);
    queue.answered();
  }
  assert.deepEqual(numbers, [42, 43, 44]);
});

test("only the number of what was sent is an answer, and only once", () => {
  const queue = new ActQueue(7);
  assert.ok(!queue.isAnswer(7));
  queue.add(rated("A", 3));
  assert.ok(!queue.isAnswer(8), "nothing is sent yet");
  queue.next();
  for (const number of [7, 9, Number.NaN]) assert.ok(!queue.isAnswer(number), `${number}`);
  assert.ok(queue.isAnswer(8));
  queue.answered();
  assert.ok(!queue.isAnswer(8));
});

test("without anything sent there is nothing to answer", () => {
  const queue = new ActQueue(0);
  queue.add(rated("A", 3));
  assert.equal(queue.answered(), null);
  assert.deepEqual(sentBy(queue), ["rate A 3"]);
});

test("what waits when an act is lost is dropped, and what is done then is sent", () => {
  const queue = new ActQueue(0);
  for (const film of ["A", "B", "C"]) queue.add(rated(film, 3));
  queue.next();
  queue.drop();
  assert.equal(queue.answered().act.film, "A");
  assert.equal(queue.next(), null);
  queue.add(rated("D", 3));
  assert.deepEqual(sentBy(queue), ["rate D 3"]);
});

test("what the page needs to know comes back with the answer", () => {
  const queue = new ActQueue(0);
  const holder = {};
  queue.add(rated("A", 2), { holder });
  assert.equal(queue.next().holder, holder);
  assert.equal(queue.answered().holder, holder);
});

test("of any acts, the last of a film and kind is sent last, and nothing is sent twice", () => {
  const { below } = draws(3);
  for (let round = 0; round < 200; round++) {
    const queue = new ActQueue(0);
    const wanted = new Map();
    const sent = [];
    for (let step = 0; step < 12; step++) {
      const film = "ABC"[below(3)];
      const stars = step + 1; // no two acts are alike
      queue.add(rated(film, stars));
      wanted.set(film, stars);
      if (below(2)) queue.answered();
      const next = queue.next();
      if (next) sent.push(next.act);
    }
    queue.answered();
    for (let next = queue.next(); next; next = queue.next()) sent.push(queue.answered().act);
    assert.deepEqual(new Map(sent.map(({ film, stars }) => [film, stars])), wanted);
    assert.equal(new Set(sent.map(({ stars }) => stars)).size, sent.length);
    assert.ok(sent.every(({ seq }, at) => seq === at + 1));
  }
});

test("stars are said in words, and none below the scale", () => {
  assert.equal(starsInWords(0.5, 0.5, "not seen"), "not seen");
  assert.equal(starsInWords(0, 0.5, "not seen"), "not seen");
  assert.equal(starsInWords(1, 0.5, "not seen"), "1 star");
  assert.equal(starsInWords(4.5, 0.5, "not seen"), "4.5 stars");
});

test("a slider is filled up to where it stands", () => {
  assert.equal(shareOf(1, 1, 5), 0);
  assert.equal(shareOf(4, 1, 5), 0.75);
  assert.equal(shareOf(5, 1, 5), 1);
});

test("a slider that nobody has moved stands at the lowest stars of a like", () => {
  assert.equal(restOf({ min: "1", max: "5", step: "1" }), 4);
  assert.equal(restOf({ min: "0.5", max: "5", step: "0.5" }), 4);
  assert.equal(restOf({ min: "1", max: "10", step: "1" }), 8);
  assert.equal(restOf({ min: "1", max: "5", step: "0.1" }), 4);
});
