// What a finger's way over a slider means.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { SLOP, THUMB, furthest, meaning, counts, valueAt, starsAt } = require("../../recsys/ui/acts/touch_ways.js");

const TRACK = { left: 50, width: 300 };

// what is made of a way over these places, from the first on
function meantBy([[x, y], ...rest]) {
  let way = { x, y, sideways: 0, upright: 0 };
  for (const [across, down] of rest) way = { ...way, ...furthest(way, across, down) };
  return meaning(way);
}

test("a finger that shakes in its place taps", () => {
  assert.equal(meantBy([[100, 100]]), "tap");
  assert.equal(
    meantBy([
      [100, 100],
      [100 + SLOP - 1, 100 - SLOP + 1],
    ]),
    "tap",
  );
});

test("a way sideways drags, one up or down scrolls, and one between both scrolls", () => {
  assert.equal(
    meantBy([
      [100, 100],
      [100 - SLOP, 100],
    ]),
    "drag",
  );
  assert.equal(
    meantBy([
      [100, 100],
      [100, 100 - SLOP],
    ]),
    "scroll",
  );
  assert.equal(
    meantBy([
      [100, 100],
      [151, 150],
    ]),
    "drag",
  );
  assert.equal(
    meantBy([
      [100, 100],
      [150, 50],
    ]),
    "scroll",
  );
});

test("a way keeps its meaning when it comes back to where it began", () => {
  assert.equal(
    meantBy([
      [100, 100],
      [160, 100],
      [101, 100],
    ]),
    "drag",
  );
  assert.equal(
    meantBy([
      [100, 100],
      [100, 160],
      [140, 101],
    ]),
    "scroll",
  );
});

test("a drag that turns upright becomes a scroll", () => {
  assert.equal(
    meantBy([
      [100, 100],
      [140, 100],
    ]),
    "drag",
  );
  assert.equal(
    meantBy([
      [100, 100],
      [140, 100],
      [145, 300],
    ]),
    "scroll",
  );
});

test("a drag counts, a scroll never, and a tap unless it stops a fling", () => {
  const found = ["drag", "tap", "scroll"].map((meant) => [counts(meant, true), counts(meant, false)]);
  assert.deepEqual(found, [
    [true, true],
    [true, false],
    [false, false],
  ]);
});

test("the value under a finger is that of a thumb whose middle lies there", () => {
  assert.equal(valueAt(TRACK.left + THUMB / 2, TRACK, 0, 10), 0);
  assert.equal(valueAt(TRACK.left + TRACK.width / 2, TRACK, 0, 10), 5);
  assert.equal(valueAt(TRACK.left + TRACK.width - THUMB / 2, TRACK, 0, 10), 10);
  assert.equal(valueAt(TRACK.left + TRACK.width / 2, TRACK, 1, 5), 3);
});

test("beyond its ends a slider has no values", () => {
  for (const x of [-500, 0, TRACK.left, TRACK.left + THUMB / 2]) assert.equal(valueAt(x, TRACK, 0.5, 5), 0.5);
  for (const x of [TRACK.left + TRACK.width, 5000]) assert.equal(valueAt(x, TRACK, 0.5, 5), 5);
});

test("a slider as narrow as its thumb is at one end or the other", () => {
  const { left } = TRACK;
  assert.equal(valueAt(left + THUMB / 2 + 0.5, { left, width: THUMB }, 0, 10), 5);
});

test("a slider without any width divides by nothing", () => {
  for (const width of [0, THUMB]) assert.ok(Number.isFinite(valueAt(60, { left: 50, width }, 0, 10)));
});

test("a tap on a slider that is drawn as stars gives the star under it, or its half", () => {
  const stars = { left: 50, width: 220 };
  const tapped = (x, step) => starsAt(50 + x, stars, 5, step);
  assert.deepEqual(
    [1, 43, 45, 110, 219].map((x) => tapped(x, 1)),
    [1, 1, 2, 3, 5],
  );
  assert.deepEqual(
    [1, 21, 23, 43, 45, 219].map((x) => tapped(x, 0.5)),
    [0.5, 0.5, 1, 1, 1.5, 5],
  );
});

test("beside the stars there are the first and the last, and there is none without width", () => {
  assert.equal(starsAt(-100, { left: 0, width: 220 }, 5, 1), 1);
  assert.equal(starsAt(1000, { left: 0, width: 220 }, 5, 1), 5);
  assert.equal(starsAt(0, { left: 0, width: 0 }, 5, 1), 1);
});
