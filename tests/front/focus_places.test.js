// Who has the focus once what had it is gone.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { HEIRS, heirOf, inTurn } = require("../../recsys/ui/acts/focus_places.js");

test("what vanishes by its own act names what goes on from there", () => {
  assert.equal(heirOf("add"), "#film-input");
  for (const id of ["", "for-you", "constructor"]) assert.equal(heirOf(id), null);
  for (const [id, selector] of HEIRS) assert.ok(/^#[\w-]+( \.?\w+)?$/.test(selector) && !selector.endsWith(`#${id}`));
});

test("what took the turn of what is gone has its place, or else is the last", () => {
  assert.equal(inTurn(["a", "b", "c"], 1), "b");
  assert.equal(inTurn(["a", "b"], 2), "b");
  assert.equal(inTurn(["a", "b"], -1), "a");
  assert.equal(inTurn([], 0), undefined);
});
