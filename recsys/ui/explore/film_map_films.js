// The films of the map: their colours, which one is pointed at, what is said of it. A film is { title, x, y, genres, near,
// shade }, genres by number, the rarest last; near are the numbers of the films that the model has nearest to it. Knows nothing of the page; stands before film_map.js and shares its scope.

// as many colours as are told apart; the rest of the genres share the last
const COLOURS = [
  ...["#4e79c4", "#e0812b", "#3fa34d", "#d6494b", "#9467bd", "#c49a1a", "#d264a8", "#2aa7b0", "#8c6d4f", "#7ab53c"],
  ...["#6a6ae0", "#b8563b", "#5f9ea0"],
];
const OTHER = "#8a8f98";

// a film has the colour of its rarest genre, which says most; the genres that colour most films get colours
function readMap(sent) {
  const rarest = sent.films.map(([, , , of]) => Math.max(...of));
  const counts = sent.genres.map((_, genre) => rarest.filter((each) => each === genre).length);
  const ranks = sent.genres.map((_, genre) => genre).sort((a, b) => counts[b] - counts[a]);
  const films = sent.films.map(([title, x, y, genres, near], at) => ({
    title,
    x,
    y,
    genres,
    near,
    shade: ranks.indexOf(rarest[at]),
  }));
  return { films, colours: sent.genres.map((_, genre) => COLOURS[ranks.indexOf(genre)] || OTHER) };
}

const colourOf = (film) => (film.genres.length ? COLOURS[film.shade] || OTHER : OTHER);
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
  module.exports = { notOnMap, COLOURS, OTHER, readMap, colourOf, isOf, nearestTo, aboutFilm, hintFor };
}
