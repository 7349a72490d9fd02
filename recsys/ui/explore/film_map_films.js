// The films of the map: their colours, which one is pointed at, what is said of it. A film is { title, x, y, genres, near,
// shade, named }, genres by number, the rarest last; near are the numbers of the films that the model has nearest to it, and
// named is its place among the films that people know and like, or -1. Knows nothing of the page; stands before film_map.js and
// shares its scope.

// As many colours as are told apart (0.15 or more between any two in OKLab), on a light ground and on a dark one, each with a
// contrast of 3 or more; films of the other genres share the last.
const COLOURS = {
  light: [
    ...["#3e70f5", "#dd7200", "#004f00", "#94004b", "#6f1eae", "#46181f", "#c067f0", "#075f86", "#499f00", "#100e73"],
    ...["#845700", "#e53c7f"],
  ],
  dark: [
    ...["#2d7cff", "#dabd07", "#00cc86", "#da2c65", "#ad4ccf", "#329008", "#ffc3c7", "#00c6ff", "#ffff0a", "#9affdc"],
    ...["#f9731e", "#ca97ff"],
  ],
};
const OTHER = { light: "#858990", dark: "#8c9098" };
const N_NAMED = 200; // films whose titles may stand on the whole map; zoomed in, more
const ALL_NAMED = 4; // how much the map is enlarged once every title may

// a film has the colour of its rarest genre, which says most; the genres that colour most films get colours
function readMap(sent) {
  const rarest = sent.films.map(([, , , of]) => Math.max(...of));
  const counts = sent.genres.map((_, genre) => rarest.filter((each) => each === genre).length);
  const ranks = sent.genres.map((_, genre) => genre).sort((a, b) => counts[b] - counts[a]);
  const standing = new Map((sent.standing ?? []).map((film, at) => [film, at]));
  const films = sent.films.map(([title, x, y, genres, near], at) => ({
    ...{ title, x, y, genres, near },
    shade: genres.length ? ranks.indexOf(rarest[at]) : -1,
    named: standing.get(at) ?? -1,
  }));
  return { films, shades: sent.genres.map((_, genre) => ranks.indexOf(genre)) };
}

// theme: "light" or "dark"
const colourOf = (shade, theme) => COLOURS[theme][shade] ?? OTHER[theme];
const isGrey = (shade) => !(shade in COLOURS.light);

// whether a film's title may stand beside it: of a few known and liked ones while much is seen, then of every film
const isNamed = ({ named }, zoom) => zoom >= ALL_NAMED || (named >= 0 && named < N_NAMED * zoom ** 2);

// what colours are
function legend(genres, shades) {
  const grey = genres.filter((_, genre) => isGrey(shades[genre]));
  const rest = grey.length ? ` Grey: ${grey.join(", ")}.` : "";
  return genres.length
    ? `A dot has the colour of its film's rarest genre.${rest} Choose a genre to see its films alone.`
    : "";
}

const isOf = (film, genre) => genre === null || film.genres.includes(genre);

// placeOf: [across, down] of a film
function nearestTo([across, down], films, placeOf, reach) {
  let best = null;
  let least = reach ** 2;
  for (const film of films) {
    const [x, y] = placeOf(film);
    const far = (x - across) ** 2 + (y - down) ** 2;
    if (far < least) [best, least] = [film, far];
  }
  return best;
}

function aboutFilm(film, films, genreNames) {
  const names = film.genres.map((genre) => genreNames[genre]).join(", ");
  const near = film.near.map((at) => films[at].title).join(", ");
  return `${film.title}${names && ` · ${names}`}${near && ` · nearest in taste: ${near}`}`;
}

function hintFor(hasTaste) {
  return hasTaste
    ? "The star is your taste. Touch a dot to see what it is; drag and zoom to look around."
    : "Touch a dot to see what it is; drag and zoom to look around. Rate films, and your taste appears as a star.";
}

function notOnMap(title, n) {
  return `${title} is not on the map, which shows the ${n.toLocaleString()} films with the most ratings.`;
}

if (typeof module === "object") {
  module.exports = {
    ...{ COLOURS, OTHER, readMap, colourOf, isGrey, isNamed, legend },
    ...{ isOf, nearestTo, aboutFilm, hintFor, notOnMap },
  };
}
