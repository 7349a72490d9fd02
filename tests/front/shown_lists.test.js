// Lists that were shown: days, and which is open.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { beginDays } = require("../../recsys/ui/my_films/days.js");
const { OpenList } = require("../../recsys/ui/my_films/open_list.js");

const at = (...parts) => new Date(...parts); // by the reader's own clock

test("the first moment of each day begins it", () => {
  const moments = [at(2026, 10, 26, 0, 10), at(2026, 10, 25, 23, 50), at(2026, 10, 25, 1, 0), at(2025, 10, 25, 1, 0)];
  assert.deepEqual(beginDays(moments), [true, true, false, true]);
});

test("nothing begins where there is nothing", () => {
  assert.deepEqual(beginDays([]), []);
});

// ---- which list is open, or is to be

test("a press opens a list, goes to a page or back to all", () => {
  const open = new OpenList();
  assert.deepEqual(open.press({ list: "a b" }), { list: "a b", before: null });
  assert.equal(open.ids, "a b");
  assert.deepEqual(open.press({ before: "c" }), { list: null, before: "c" });
  assert.equal(open.ids, "");
  assert.deepEqual(open.press({ newest: "" }), { list: null, before: null });
});

test("an address leads to a list, and back to all, but asks for nothing that is shown", () => {
  const open = new OpenList();
  assert.equal(open.lead("", true), null);
  assert.deepEqual(open.lead("a", true), { list: "a", before: null });
  assert.equal(open.lead("a", false), null);
  assert.deepEqual(open.lead("a", true), { list: "a", before: null });
  assert.deepEqual(open.lead("b", false), { list: "b", before: null });
  assert.deepEqual(open.lead("", false), { list: null, before: null });
});

test("a list stays open when the overview is drawn anew, until somebody leaves it", () => {
  const open = new OpenList();
  assert.equal(open.redrawn(true), null);
  open.press({ list: "a" });
  assert.equal(open.redrawn(false), null);
  assert.deepEqual(open.redrawn(true), { list: "a", before: null });
  open.press({});
  assert.equal(open.redrawn(true), null);
});
