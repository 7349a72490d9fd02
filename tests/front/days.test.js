// Days of lists.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { beginDays } = require("../../recsys/ui/my_films/days.js");

const at = (...parts) => new Date(...parts); // by the reader's own clock

test("the first moment of each day begins it", () => {
  const moments = [at(2026, 10, 26, 0, 10), at(2026, 10, 25, 23, 50), at(2026, 10, 25, 1, 0), at(2025, 10, 25, 1, 0)];
  assert.deepEqual(beginDays(moments), [true, true, false, true]);
});

test("nothing begins where there is nothing", () => {
  assert.deepEqual(beginDays([]), []);
});
