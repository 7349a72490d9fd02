// When a way to the films of genres is offered.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { isFurtherDown } = require("../../recsys/ui/genres/sight.js");

test("a way to films is offered where there are some, out of sight, and not yet scrolled past", () => {
  const below = { hasFilms: true, isIntersecting: false, top: 900 };
  assert.equal(isFurtherDown(below), true);
  for (const other of [{ hasFilms: false }, { isIntersecting: true }, { top: -1200 }, { top: 0 }])
    assert.equal(isFurtherDown({ ...below, ...other }), false);
});
