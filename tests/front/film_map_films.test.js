// The films of the map: their colours, which one is pointed at, what is said of it.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { COLOURS, OTHER, ...map } = require("../../recsys/ui/explore/film_map_films.js");

const SENT = {
  genres: ["Drama", "Comedy", "Western"],
  films: [
    ["Tears (1990)", 0, 0, [0], [1, 3, 2]],
    ["Laughs (1991)", 10, 0, [0, 1], [2, 0, 4]],
    ["Smiles (1992)", 0, 30, [1], [1, 0, 3]],
    ["Horses (1993)", 0, -60, [0, 2], [0, 1, 2]],
    ["Nothing (1994)", 500, 500, [], []],
  ],
};
const titles = (films) => films.map((film) => film.title);

test("a film has the colour of its rarest genre, and the genre that colours most films the first colour", () => {
  const { films, colours } = map.readMap(SENT);
  assert.deepEqual(films.map(map.colourOf), [COLOURS[1], COLOURS[0], COLOURS[0], COLOURS[2], OTHER]);
  assert.deepEqual(colours, [COLOURS[1], COLOURS[0], COLOURS[2]]);
});

test("a chip has the colour of the films of its genre", () => {
  const { films, colours } = map.readMap(SENT);
  for (const film of films.filter((each) => each.genres.length))
    assert.equal(map.colourOf(film), colours[Math.max(...film.genres)], film.title);
});

test("genres beyond the last colour share another one", () => {
  const genres = Array.from({ length: COLOURS.length + 2 }, (_, at) => `Genre ${at}`);
  const { films, colours } = map.readMap({ genres, films: genres.map((name, at) => [name, at, at, [at], []]) });
  assert.equal(new Set(films.map(map.colourOf)).size, COLOURS.length + 1);
  assert.deepEqual(colours.slice(-2), [OTHER, OTHER]);
  assert.equal(new Set(COLOURS).size, COLOURS.length);
});

test("a map without films is read", () => {
  assert.deepEqual(map.readMap({ genres: [], films: [] }), { films: [], colours: [] });
});

test("without a genre chosen all films are meant, else those that have it, rarest or not", () => {
  const { films } = map.readMap(SENT);
  assert.equal(films.filter((film) => map.isOf(film, null)).length, 5);
  assert.deepEqual(titles(films.filter((film) => map.isOf(film, 0))), [
    "Tears (1990)",
    "Laughs (1991)",
    "Horses (1993)",
  ]);
});

test("the nearest film within reach is pointed at, and none at its edge", () => {
  const { films } = map.readMap(SENT);
  const placeOf = ({ x, y }) => [x, y];
  assert.equal(map.nearestTo([4, 0], films, placeOf, 18).title, "Tears (1990)");
  assert.equal(map.nearestTo([6, 0], films, placeOf, 18).title, "Laughs (1991)");
  assert.equal(map.nearestTo([0, 47], films, placeOf, 18).title, "Smiles (1992)");
  assert.equal(map.nearestTo([0, 48], films, placeOf, 18), null);
  assert.equal(map.nearestTo([0, 0], [], placeOf, 18), null);
});

test("of a film its title, genres and the films nearest in the latent space are said", () => {
  const { films } = map.readMap(SENT);
  assert.equal(
    map.aboutFilm(films[1], films, SENT.genres),
    "Laughs (1991) · Drama, Comedy · nearest in taste: Smiles (1992), Tears (1990), Nothing (1994)",
  );
  assert.equal(map.aboutFilm(films[4], films, SENT.genres), "Nothing (1994)");
});

test("who has no taste yet is told how it appears", () => {
  assert.match(map.hintFor(false), /Rate films, and your taste appears/);
  assert.match(map.hintFor(true), /^The star is your taste/);
});

test("a film that is not on the map is told of, with how many are", () => {
  assert.match(
    map.notOnMap("Rare (1990)", 3),
    /^Rare \(1990\) is not on the map, which shows the 3 films with the most/,
  );
});
