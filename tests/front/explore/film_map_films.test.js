// The films of the map: their colours, which one is pointed at, what is said of it.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { COLOURS, OTHER, ...map } = require("../../../recsys/ui/explore/film_map_films.js");

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
  const { films, shades } = map.readMap(SENT);
  assert.deepEqual(
    films.map(({ shade }) => map.colourOf(shade, "light")),
    [...[1, 0, 0, 2].map((at) => COLOURS.light[at]), OTHER.light],
  );
  assert.deepEqual(shades, [1, 0, 2]);
});

test("a chip has the colour of the films of its genre", () => {
  const { films, shades } = map.readMap(SENT);
  for (const film of films.filter((each) => each.genres.length))
    assert.equal(film.shade, shades[Math.max(...film.genres)], film.title);
});

test("genres beyond the last colour are grey, and the legend says which", () => {
  const genres = Array.from({ length: COLOURS.light.length + 2 }, (_, at) => `Genre ${at}`);
  const { films, shades } = map.readMap({ genres, films: genres.map((name, at) => [name, at, at, [at], []]) });
  for (const theme of ["light", "dark"])
    assert.equal(new Set(films.map(({ shade }) => map.colourOf(shade, theme))).size, COLOURS.light.length + 1);
  assert.deepEqual(shades.slice(-3).map(map.isGrey), [false, true, true]);
  assert.match(
    map.legend(genres, shades),
    /rarest genre\. Grey: Genre 12, Genre 13\. Choose a genre to see its films alone\.$/,
  );
  assert.doesNotMatch(map.legend(SENT.genres, [1, 0, 2]), /Grey/);
  assert.equal(map.legend([], []), "");
});

// ---- colours as they are seen

const channels = (colour) =>
  [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
const luminance = (colour) => channels(colour).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const times = (rows, vector) => rows.map((row) => row.reduce((sum, part, at) => sum + part * vector[at], 0));
// OKLab (Ottosson 2020), in which a distance is how different two colours look
const perceived = (colour) =>
  times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      channels(colour),
    ).map(Math.cbrt),
  );
const GROUND = { light: "#fafafa", dark: "#18181b" };

test("colours stand out from the ground and are told apart, in both themes", () => {
  for (const theme of ["light", "dark"]) {
    const every = [...COLOURS[theme], OTHER[theme]];
    for (const colour of every) assert.ok(contrast(colour, GROUND[theme]) >= 3, `${theme} ${colour}`);
    const seen = every.map(perceived);
    for (const [at, one] of seen.entries())
      for (const other of seen.slice(0, at))
        assert.ok(Math.hypot(...one.map((part, of) => part - other[of])) >= 0.15, `${theme} ${every[at]}`);
  }
});

// ---- which titles stand on the map

test("titles on the whole map are of known and liked films, and zoomed in of every film", () => {
  const films = Array.from({ length: 900 }, (_, at) => [`Film ${at}`, 0, 0, [], []]);
  const read = map.readMap({
    genres: [],
    films,
    standing: films.map((_, at) => at).filter((at) => at % 2 === 0),
  }).films;
  const named = (zoom) => read.filter((film) => map.isNamed(film, zoom)).map(({ title }) => title);
  assert.deepEqual(
    named(1),
    read.filter((_, at) => at % 2 === 0 && at < 400).map(({ title }) => title),
  );
  assert.equal(named(1.5).length, 450);
  assert.equal(named(4).length, 900);
});

test("a map without films is read", () => {
  assert.deepEqual(map.readMap({ genres: [], films: [] }), { films: [], shades: [] });
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
