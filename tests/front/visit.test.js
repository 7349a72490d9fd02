// What is known of a visit.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { TABS, recalled, keep, leadsTo, leadsElsewhere, reasonIn } = require("../../recsys/ui/account/visit.js");

// as a browser's
function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, String(value)),
    removeItem: (key) => kept.delete(key),
  };
}

const refuses = () => {
  throw new Error("The operation is insecure.");
};

test("what is kept is recalled, and null forgets it", () => {
  const here = storage();
  assert.equal(
    recalled(() => here, "door"),
    null,
  );
  keep(() => here, "door", "rate-tab");
  assert.equal(
    recalled(() => here, "door"),
    "rate-tab",
  );
  keep(() => here, "door", null);
  assert.equal(
    recalled(() => here, "door"),
    null,
  );
});

test("a browser that keeps nothing is no fault", () => {
  keep(refuses, "door", "rate-tab");
  keep(refuses, "door", null);
  assert.equal(recalled(refuses, "door"), null);
  const full = { setItem: refuses };
  keep(() => full, "door", "rate-tab");
});

test("doors lead to tabs, and what else a browser kept leads nowhere", () => {
  assert.equal(leadsTo("genre-tab"), "Genres");
  assert.equal(leadsTo("rate-tab"), "Rate");
  for (const other of [null, undefined, "", "Rate", "constructor", "__proto__"]) assert.equal(leadsTo(other), null);
  assert.equal(Object.keys(TABS).length, 2);
});

test("an address that names a place leads there, whatever door was chosen before", () => {
  assert.deepEqual(["", "#", "#rate", "#x"].map(leadsElsewhere), [false, false, true, true]);
});

test("a reason in the address is told in the page's own words, and nothing else of it", () => {
  const problems = JSON.stringify({ ended: "Your session has ended.", refused: "It was refused." });
  assert.equal(reasonIn("?problem=ended", problems), "Your session has ended.");
  assert.equal(reasonIn("?a=b&problem=refused", problems), "It was refused.");
  for (const search of ["", "?problem=", "?problem=Send+money", "?problem=constructor", "?ended"])
    assert.equal(reasonIn(search, problems), null, search);
  assert.equal(reasonIn("?problem=ended", undefined), null);
});
