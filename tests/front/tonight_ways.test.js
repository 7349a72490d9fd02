// When an evening is looked at anew, and what an address says of one.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { MOST_ASKED, isToAsk, codeIn, linkTo } = require("../../recsys/ui/tonight/tonight_ways.js");

const SEEN = { version: "ABC234.1", visible: true, open: true, asked: 0 };

test("the server is asked while an evening is seen, and not for ever", () => {
  assert.equal(isToAsk(SEEN), true);
  for (const other of [
    { version: undefined },
    { version: "" },
    { visible: false },
    { open: false },
    { asked: MOST_ASKED },
  ])
    assert.equal(isToAsk({ ...SEEN, ...other }), false, JSON.stringify(other));
  assert.equal(isToAsk({ ...SEEN, asked: MOST_ASKED - 1 }), true);
});

test("a code is found where it is one of an evening", () => {
  for (const fragment of [
    "#tonight?code=ABC234",
    "#tonight?code=abc234",
    "#tonight?x=1&code=ABC234&y",
    "#/tonight?code=ABC234",
  ])
    assert.equal(codeIn(fragment), "ABC234", fragment);
});

test("nothing else is a code", () => {
  const others = [
    "",
    "#",
    "#tonight",
    "#rate?code=ABC234",
    "#tonight?code=ABC23",
    "#tonight?code=ABC2345",
    "#tonights?code=ABC234",
  ];
  others.push(
    "#tonight?code=<b>AB4",
    "#tonight?code=%41BC234",
    "#tonight?code=ABC 34",
    `#tonight?code=${"A".repeat(10 ** 5)}`,
  );
  for (const fragment of others) assert.equal(codeIn(fragment), "", fragment);
});

test("a link leads to the page where it is, and nothing of its own address is lost but the fragment", () => {
  assert.equal(
    linkTo("https://films.example/a/?x=1#rate", "ABC234"),
    "https://films.example/a/?x=1#tonight?code=ABC234",
  );
  assert.equal(codeIn(new URL(linkTo("http://localhost:7860/", "XYZ789")).hash), "XYZ789");
});
