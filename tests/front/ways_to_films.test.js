// Ways to films: where one can be seen in the reader's country, and when a way to a list is offered.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { countryOf, whereSeen } = require("../../recsys/ui/film/justwatch.js");
const { isFurtherDown } = require("../../recsys/ui/genres/sight.js");

const IN_THE_US = "https://www.justwatch.com/us/search?q=Heat+1995";

test("the country is that of the browser's language", () => {
  const said = ["de-DE", "de-at", "en-GB", "zh-Hant-TW", "pt_BR", "fr", "EN", "es-419", "", undefined, null, 7];
  const countries = ["DE", "AT", "GB", "TW", "BR", "FR", "", "ES", "", "", "", ""];
  assert.deepEqual(said.map(countryOf), countries);
});

test("a search is made where the reader lives, in that country's words", () => {
  const found = (language) => whereSeen(IN_THE_US, language).replace("https://www.justwatch.com/", "");
  assert.equal(found("de-DE"), "de/Suche?q=Heat+1995");
  assert.equal(found("en-GB"), "uk/search?q=Heat+1995");
  assert.equal(found("pt-BR"), "br/busca?q=Heat+1995");
  assert.equal(found("es-MX"), "mx/buscar?q=Heat+1995");
  assert.equal(found("fr"), "fr/recherche?q=Heat+1995");
});

test("where the country or its words are not known, the link stays, and so does any other site's", () => {
  for (const language of ["en", "en-US", "ja-JP", "", undefined, "../evil", "de-x-$&"])
    assert.match(
      whereSeen(IN_THE_US, language),
      /^https:\/\/www\.justwatch\.com\/(us\/search|de\/Suche)\?q=Heat\+1995$/,
    );
  for (const address of ["https://www.imdb.com/title/tt0113277/", "https://evil.example/us/search?q=", ""])
    assert.equal(whereSeen(address, "de-DE"), address);
});

test("a way to films is offered where there are some, out of sight, and not yet scrolled past", () => {
  const below = { hasFilms: true, isIntersecting: false, top: 900 };
  assert.equal(isFurtherDown(below), true);
  for (const other of [{ hasFilms: false }, { isIntersecting: true }, { top: -1200 }, { top: 0 }])
    assert.equal(isFurtherDown({ ...below, ...other }), false);
});
