// Which films are asked for once more, and which never again.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { PosterMemory } = require("../../recsys/ui/posters/memory.js");

test("a poster that fails is asked for again after longer and longer, and then never", () => {
  const memory = new PosterMemory([10, 20]);
  assert.equal(memory.mayHave("Alien (1979)"), true);
  assert.equal(memory.failed("Alien (1979)"), 10);
  assert.equal(memory.failed("Alien (1979)"), 20);
  assert.equal(memory.mayHave("Alien (1979)"), true);
  assert.equal(memory.failed("Alien (1979)"), null);
  assert.equal(memory.mayHave("Alien (1979)"), false);
  assert.equal(memory.mayHave("Aliens (1986)"), true);
});

test("a poster that came may fail anew", () => {
  const memory = new PosterMemory([10]);
  memory.failed("Alien (1979)");
  memory.came("Alien (1979)");
  assert.equal(memory.failed("Alien (1979)"), 10);
});

test("a film is called by its title, whatever that is", () => {
  const memory = new PosterMemory([]);
  assert.equal(memory.failed("__proto__"), null);
  assert.equal(memory.mayHave("__proto__"), false);
  assert.equal(memory.mayHave("constructor"), true);
});
