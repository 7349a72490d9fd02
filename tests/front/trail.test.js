// The films that somebody opened one after the other, and whose answer counts.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { Trail } = require("../../recsys/ui/film/trail.js");

function trailOf(...titles) {
  const trail = new Trail(7);
  for (const title of titles) trail.go(title);
  return trail;
}

test("a film leads to another, and back", () => {
  const trail = trailOf("Alien (1979)", "Aliens (1986)");
  assert.equal(trail.film, "Aliens (1986)");
  assert.equal(trail.canGoBack, true);
  trail.back();
  assert.equal(trail.film, "Alien (1979)");
  assert.equal(trail.canGoBack, false);
  trail.back();
  assert.equal(trail.film, "Alien (1979)");
});

test("a film that is open is no step", () => {
  const trail = trailOf("Alien (1979)", "Alien (1979)");
  assert.equal(trail.canGoBack, false);
});

test("whoever leaves begins anew", () => {
  const trail = trailOf("Alien (1979)", "Aliens (1986)");
  trail.ask();
  trail.leave();
  assert.equal(trail.film, null);
  assert.equal(trail.isAnswer(8), false);
  trail.go("Fargo (1996)");
  assert.equal(trail.canGoBack, false);
});

test("only the answer to the last question counts, and once", () => {
  const trail = trailOf("Alien (1979)");
  const first = trail.ask();
  trail.go("Aliens (1986)");
  const second = trail.ask();
  assert.deepEqual(first, { film: "Alien (1979)", seq: 8 });
  assert.deepEqual(second, { film: "Aliens (1986)", seq: 9 });
  assert.equal(trail.isAnswer(first.seq), false);
  assert.equal(trail.isAnswer(second.seq), true);
  trail.answered();
  assert.equal(trail.isAnswer(second.seq), false);
});

test("a film that was asked for by another name is one step", () => {
  const trail = trailOf("Alien (1979)", "fargo");
  trail.rename("Fargo (1996)");
  assert.equal(trail.film, "Fargo (1996)");
  trail.go("alien");
  trail.rename("Alien (1979)");
  assert.deepEqual(trail.titles, ["Alien (1979)", "Fargo (1996)", "Alien (1979)"]);
  trail.go("alien 1979");
  trail.rename("Alien (1979)");
  assert.deepEqual(trail.titles, ["Alien (1979)", "Fargo (1996)", "Alien (1979)"]);
});
