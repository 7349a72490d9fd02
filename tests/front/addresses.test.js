// Addresses of places on the page.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  parse,
  write,
  isPlace,
  isStep,
  isClosed,
  stepsIn,
  settingsOf,
  Shown,
  MOST_CHARACTERS,
  MOST_VALUES,
} = require("../../recsys/ui/addresses/addresses.js");
const { draws } = require("./draws.js");

const RATE = { tab: "rate", part: null, settings: {}, film: "" };

// as people see and share them
const SHOWN = {
  "#rate": {},
  "#rate?order=most+stars&adventure=3": { order: "most stars", adventure: "3" },
  "#genres?genres=Comedy,War&period=1990s,1980s&all=1&least=20&seen=1": {
    genres: ["Comedy", "War"],
    period: ["1990s", "1980s"],
    all: "1",
    least: "20",
    seen: "1",
  },
  "#genres?genres=Sci-Fi%2C+Fantasy,War&loved=Good%2C+the+Bad+and+the+Ugly,Fargo+(1996)": {
    genres: ["Sci-Fi, Fantasy", "War"],
    loved: ["Good, the Bad and the Ugly", "Fargo (1996)"],
  },
  "#tonight?code=ABC234": { code: "ABC234" },
  "#films/later": {},
  "#films/seen": {},
  "#explore/near?film=Fargo+(1996)": { film: "Fargo (1996)" },
  "#explore/path?from=Am%C3%A9lie+(2001)&to=Star+Wars:+Episode+IV+%26+more": {
    from: "Amélie (2001)",
    to: "Star Wars: Episode IV & more",
  },
  "#explore/map": {},
  "#explore/viewer?person=472173": { person: "472173" },
  "#explore/near?film=Fargo+(1996)&genres=Comedy&period=1990s&all=1&least=20&seen=1": {
    film: "Fargo (1996)",
    genres: ["Comedy"],
    period: ["1990s"],
    all: "1",
    least: "20",
    seen: "1",
  },
  "#explore/models": {},
  "#explore/models?one=mult-vae&another=ease": { one: "mult-vae", another: "ease" },
  "#films/lists": {},
  "#films/lists?list=Zk3_a-9+Qx-07": { list: "Zk3_a-9 Qx-07" },
  "#metrics": {},
};

test("what an address says is written as it was", () => {
  for (const [address, settings] of Object.entries(SHOWN)) {
    const place = parse(address);
    assert.deepEqual(place.settings, settings, address);
    assert.equal(write(place), address);
    assert.ok(isPlace(address), address);
  }
});

test("a film's panel is told in every place, also beside a film of the place itself", () => {
  for (const address of [
    "#rate?film=Heat+(1995)",
    "#genres?genres=War&film=Heat+(1995)",
    "#explore/map?open=Heat+(1995)",
  ]) {
    assert.equal(parse(address).film, "Heat (1995)");
    assert.equal(write(parse(address)), address);
  }
  const both = parse("#explore/near?film=Fargo+(1996)&open=Heat+(1995)");
  assert.deepEqual([both.settings.film, both.film], ["Fargo (1996)", "Heat (1995)"]);
});

test("the nearest place is taken for what is none", () => {
  const nearest = {
    "": "#rate",
    "#": "#rate",
    "#nowhere": "#rate",
    "#nowhere/map": "#rate",
    "#Explore/MAP": "#explore/map",
    "#/explore/map": "#explore/map",
    "#!/genres": "#genres",
    "#explore": "#explore/near",
    "#explore/nothing?film=x": "#explore/near?film=x",
    "#films": "#films/taste",
    "#genres/x?genres=War": "#genres?genres=War",
    "#genres&genres=War": "#genres?genres=War",
    "#rate?genres=War&loved=x": "#rate?genres=War",
    "#rate?order": "#rate",
    "#rate?order=": "#rate",
    "#rate?=&&=&order=newest": "#rate?order=newest",
    "#rate?order=a=b": "#rate?order=a%3Db",
    "#genres?genres=War&genres=War,Comedy,,": "#genres?genres=War,Comedy",
    "#metrics?film=": "#metrics",
  };
  for (const [said, place] of Object.entries(nearest)) assert.equal(write(parse(said)), place, said);
  for (const said of ["", "#", "#nowhere", "#__proto__", "#constructor/x", undefined, null])
    assert.ok(!isPlace(said), said);
});

const HOSTILE = [
  "<script>alert(1)</script>",
  "%3Cscript%3Ealert(1)%3C/script%3E",
  "javascript:alert(1)",
  '"onmouseover="alert(1)',
  "%00",
  "a%00b",
  "%0d%0aSet-Cookie:x=1",
  "%",
  "%zz",
  "%ff%fe",
  "%ed%a0%80",
  "\ud800",
  "x\udfffy",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../etc/passwd",
  "//elsewhere.example",
  "🎬".repeat(200),
  "x".repeat(1_000_000),
  "&".repeat(1_000_000),
  "a=".repeat(500_000),
  "genres=War&".repeat(100_000),
  `genres=${"War,".repeat(250_000)}`,
  "%41".repeat(300_000),
];

test("no fragment breaks anything, and what is left of it is a place, bounded, without what has no letters", () => {
  for (const hostile of HOSTILE)
    for (const around of [
      "#X",
      "X",
      "#rate?X",
      "#genres?genres=X",
      "#explore/near?film=X",
      "#rate?X=X",
      "#films/X",
      "#rate?film=X",
    ]) {
      const place = parse(around.replaceAll("X", () => hostile));
      const address = write(place);
      assert.match(address, /^#[a-z]+(\/[a-z]+)?(\?[\x21-\x7e]*)?$/);
      assert.ok(address.length < 9 * MOST_CHARACTERS);
      assert.ok(!/[<>"]|%00|%0D|%0A/i.test(address), address.slice(0, 80));
      assert.equal(write(parse(address)), address);
      assert.equal(Object.getPrototypeOf(place.settings), Object.prototype);
    }
  assert.equal({}.film, undefined);
});

test("values of an address that is too long are left out whole", () => {
  const { settings } = parse(
    `#genres?genres=War&loved=${"x".repeat(299)},${"y,".repeat(MOST_CHARACTERS)}&order=newest`,
  );
  assert.deepEqual(settings, { genres: ["War"] });
  const many = parse(`#genres?genres=${Array.from({ length: 500 }, (_, at) => at).join(",")}`);
  assert.equal(many.settings.genres.length, MOST_VALUES);
});

test("any settings are written and read again", () => {
  const { below: draw } = draws(7);
  const letters = ["a", " ", "+", "%", "&", "=", ",", "#", "?", "/", "é", "🎬", "'", '"', "(", ")", ":", "<"];
  const text = () => `x${Array.from({ length: draw(9) }, () => letters[draw(letters.length)]).join("")}x`;
  for (let turn = 0; turn < 500; turn++) {
    const place = {
      tab: "genres",
      part: null,
      settings: { genres: [text()], period: [text()], loved: [text(), "y"] },
      film: text(),
    };
    assert.deepEqual(parse(write(place)), place);
  }
});

test("what cannot be written is left out", () => {
  const settings = { order: "\ud800", adventure: "a\0b", loved: ["War"] };
  assert.equal(write({ ...RATE, settings, film: "\udfff" }), "#rate");
  assert.equal(
    write({ ...RATE, tab: "genres", settings: { genres: [3, null, "\ud800", "War"], period: {} } }),
    "#genres?genres=War",
  );
});

test("settings that are as at first are not told", () => {
  const names = ["genres", "period", "all", "order", "adventure", "person"];
  const first = [null, "any time", "one of them", "best bet", 0, null];
  assert.deepEqual(settingsOf(names, [[], "any time", "one of them", "best bet", 0, null], first), {});
  assert.deepEqual(settingsOf(names, [["War"], "1990s", "all of them", "newest", 4, 0], first), {
    genres: ["War"],
    period: "1990s",
    all: "1",
    order: "newest",
    adventure: "4",
    person: "0",
  });
  assert.deepEqual(settingsOf(names, [], first), {});
});

test("another tab, film, path or viewer is a step, and another filter is none", () => {
  const steps = [
    ["#rate", "#genres"],
    ["#explore/near", "#explore/map"],
    ["#explore/near", "#explore/near?film=a"],
    ["#explore/near?film=a", "#explore/near?film=b"],
    ["#explore/path?from=a&to=b", "#explore/path?from=a&to=c"],
    ["#explore/viewer?person=1", "#explore/viewer?person=2"],
    ["#rate", "#rate?film=a"],
    ["#rate?film=a", "#rate"],
  ];
  const none = [
    ["#rate", "#rate"],
    ["#rate", "#rate?adventure=3"],
    ["#genres?genres=War", "#genres?genres=War,Comedy&period=1990s&all=1&loved=a&order=newest"],
    ["#explore/viewer", "#explore/viewer?person=1"],
    ["#explore/path?from=a&to=b", "#explore/path?from=a"],
    ["#explore/near?film=a", "#explore/near"],
  ];
  for (const [before, now] of steps) assert.ok(isStep(parse(before), parse(now)), `${before} ${now}`);
  for (const [before, now] of none) assert.ok(!isStep(parse(before), parse(now)), `${before} ${now}`);
});

test("a panel that is closed is told from a place that is left", () => {
  assert.ok(isClosed(parse("#rate?order=newest&film=a"), parse("#rate?order=newest")));
  for (const [before, now] of [
    ["#rate?film=a", "#explore/near"],
    ["#rate?film=a", "#rate?order=newest"],
    ["#rate?film=a", "#rate?film=b"],
    ["#rate", "#rate"],
  ])
    assert.ok(!isClosed(parse(before), parse(now)), `${before} ${now}`);
});

test("whoever goes from film to film is led back to where the first was opened", () => {
  const [rate, first, second] = ["#rate", "#rate?film=a", "#rate?film=b"].map(parse);
  assert.equal(stepsIn(rate, first, 0), 1);
  assert.equal(stepsIn(first, second, 1), 2);
  assert.equal(stepsIn(second, first, 2), 3);
  assert.equal(stepsIn(second, rate, 2), 0);
  assert.equal(stepsIn(first, second, 0), 0); // the first came with the address
  assert.equal(stepsIn(parse("#genres"), parse("#explore/near?film=a"), 0), 0); // which is no panel
});

test("a place that was left is remembered as it was", () => {
  const shown = new Shown();
  assert.ok(shown.has(parse("#genres")));
  shown.note("genres", { genres: ["War"] });
  shown.note("explore/near", { film: "a" });
  assert.equal(write(shown.place("genres", null)), "#genres?genres=War");
  assert.equal(write(shown.place("explore", "near")), "#explore/near?film=a");
  shown.film = "b";
  assert.equal(write(shown.place("explore", "near")), "#explore/near?film=a&open=b");
  assert.ok(shown.has(parse("#genres?genres=War")));
  assert.ok(shown.has(parse("#genres?genres=War&film=c")));
  assert.ok(!shown.has(parse("#genres")));
  assert.ok(!shown.has(parse("#genres?genres=Comedy")));
});
