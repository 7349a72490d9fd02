// The map of films: a canvas that is dragged, pinched, zoomed and walked over by keyboard.
// Comes as js_on_load of a gr.HTML: `element`, `props` and `watch` are Gradio's. Titles are drawn or set as text only.
// Where things are is in film_map_geometry.js, what is known of films in film_map_films.js.

const root = element.querySelector(".film-map");
const canvas = root.querySelector("canvas");
const pen = canvas.getContext("2d");
const told = root.querySelector(".told");
const chips = root.querySelector(".genres");
const colours = root.querySelector(".colours");
const youButton = root.querySelector("[data-do=you]");
const REACH = 18;
const STEP = 60;
const still = matchMedia("(prefers-reduced-motion: reduce)");

let genres = [];
let shades = []; // of the genres
let films = [];
let you = null;
let chosen = null;
let genre = null;
let walking = false;
let due = false;
let view = WHOLE;

const frame = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });
const placeOf = ({ x, y }) => toScreen(view, frame(), x, y);
const lit = (film) => isOf(film, genre);
const mayBeNamed = (film) => isNamed(film, genre === null ? view.zoom : 2 * view.zoom);
// films of a genre that is chosen have its colour, and stand out where it is grey
function colourIn(theme, film, ink) {
  const shade = genre === null ? film.shade : shades[genre];
  return genre !== null && isGrey(shade) ? ink : colourOf(shade, theme);
}

function read() {
  const sent = JSON.parse(props.value || '{"genres": [], "films": []}');
  const map = readMap(sent);
  genres = sent.genres;
  films = map.films;
  shades = map.shades;
  chips.replaceChildren(...genres.map((name, at) => chip(name, at, shades[at])));
  colours.textContent = legend(genres, shades);
}

function chip(name, at, shade) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  for (const theme of ["light", "dark"]) button.style.setProperty(`--${theme}`, colourOf(shade, theme));
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    genre = genre === at ? null : at;
    for (const [place, each] of [...chips.children].entries())
      each.setAttribute("aria-pressed", String(place === genre));
    const n = films.filter(lit).length;
    tell(genre === null ? "" : `${n} films are ${genres[genre]}.`);
  });
  return button;
}

function redraw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

function draw() {
  const sharp = devicePixelRatio || 1;
  const size = frame();
  if (!size.width) return;
  canvas.width = size.width * sharp;
  canvas.height = size.height * sharp;
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  const style = getComputedStyle(root);
  const theme = root.closest(".dark") ? "dark" : "light";
  const ink = style.color;
  const paper = style.getPropertyValue("--paper");
  const radius = radiusOf(view.zoom, size.width);
  for (const passed of genre === null ? [true] : [false, true]) // what is highlighted lies on top
    for (let at = films.length - 1; at >= 0; at--) {
      const [across, down] = placeOf(films[at]);
      if (lit(films[at]) !== passed || !isNear(size, across, down, 9)) continue;
      pen.globalAlpha = passed ? 1 : 0.13;
      dot(across, down, at < 150 ? radius * 1.35 : radius, passed ? colourIn(theme, films[at], ink) : ink);
    }
  pen.globalAlpha = 1;
  const taken = [];
  if (you) star(...toScreen(view, size, ...you), style.getPropertyValue("--color-accent"), paper);
  if (you) label("You", ...toScreen(view, size, ...you), 12, ink, paper, taken, true);
  if (chosen) mark(chosen, theme, ink, paper, taken);
  const most = (size.width * size.height) / 14000;
  for (const film of films) {
    if (taken.length > most) break;
    if (lit(film) && film !== chosen && mayBeNamed(film))
      label(film.title, ...placeOf(film), radius + 4, ink, paper, taken);
  }
  if (walking) cross(ink);
}

function dot(across, down, radius, fill) {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(across, down, radius, 0, 7);
  pen.fill();
}

function star(across, down, fill, paper) {
  pen.beginPath();
  for (const [right, below] of cornersOfStar()) pen.lineTo(across + right, down + below);
  pen.closePath();
  pen.lineWidth = 4;
  pen.strokeStyle = paper;
  pen.stroke();
  pen.fillStyle = fill;
  pen.fill();
}

function mark(film, theme, ink, paper, taken) {
  const [across, down] = placeOf(film);
  dot(across, down, 7, paper);
  dot(across, down, 5, colourIn(theme, film));
  pen.lineWidth = 2;
  pen.strokeStyle = ink;
  pen.beginPath();
  pen.arc(across, down, 8, 0, 7);
  pen.stroke();
  label(film.title, across, down, 12, ink, paper, taken, true);
}

function label(text, across, down, beside, ink, paper, taken, always = false) {
  pen.font = `${always ? "600 14px" : "12px"} system-ui, sans-serif`;
  const lengthOf = (part) => pen.measureText(part).width;
  const said = always ? fitted(text, frame().width - 2 * EDGE, lengthOf) : text;
  const found = (always ? pushedInside : labelAt)(frame(), across, down, beside, lengthOf(said));
  if (!found || (!always && taken.some((one) => overlap(found.box, one)))) return;
  taken.push(found.box);
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = paper;
  pen.strokeText(said, found.left, found.down);
  pen.fillStyle = ink;
  pen.fillText(said, found.left, found.down);
}

function cross(ink) {
  pen.lineWidth = 1;
  pen.strokeStyle = ink;
  const [across, down] = middleOf(frame());
  pen.strokeRect(across - 9, down - 9, 18, 18);
}

function tell(text) {
  told.textContent = text || hintFor(Boolean(you));
  redraw();
}

function choose(film) {
  chosen = film;
  tell(film ? aboutFilm(film, films, genres) : "");
}

function filmAt(place, reach = REACH) {
  return nearestTo(place, films.filter(lit), placeOf, reach);
}

function look(from) {
  view = from;
  canvas.style.touchAction = view.zoom > 1 ? "none" : "pan-y"; // a finger scrolls the page past the whole map
  redraw();
}

const zoomAt = (place, factor) => look(zoomed(view, frame(), place, factor));

function flyTo(to) {
  const from = view;
  let start = null;
  const step = (now) => {
    start ??= now; // a frame's time is of its beginning, which may lie before the press that called for it
    const share = still.matches ? 1 : Math.min((now - start) / 350, 1);
    look(underWay(from, to, share));
    if (share < 1 && root.isConnected) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

const fingers = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  canvas.setPointerCapture(event.pointerId);
  moved = fingers.size > 1 ? REACH : 0;
  walking = false;
});
canvas.addEventListener("pointermove", (event) => {
  const here = [event.offsetX, event.offsetY];
  const before = fingers.get(event.pointerId);
  if (!before) {
    const film = event.pointerType === "mouse" && filmAt(here, 10);
    if (film && film !== chosen) choose(film);
    canvas.style.cursor = film ? "pointer" : "grab";
    return;
  }
  if (fingers.size === 2) {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    look(pinched(view, frame(), other, before, here));
  }
  moved += Math.hypot(here[0] - before[0], here[1] - before[1]);
  look(dragged(view, frame(), before, here, fingers.size));
  fingers.set(event.pointerId, here);
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, (event) => {
    if (fingers.delete(event.pointerId) && end === "pointerup" && moved < 6)
      choose(filmAt([event.offsetX, event.offsetY]));
  });
canvas.addEventListener("dblclick", (event) => zoomAt([event.offsetX, event.offsetY], 2));
canvas.addEventListener(
  "wheel",
  (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return; // else the page scrolls, as people expect
    event.preventDefault();
    zoomAt([event.offsetX, event.offsetY], Math.exp(-event.deltaY / 300));
  },
  { passive: false },
);
canvas.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
  if (!way && !factor && event.key !== "0") return;
  event.preventDefault();
  walking = true;
  if (factor) zoomAt(middleOf(frame()), factor);
  else look(way ? walked(view, frame(), way, STEP) : WHOLE);
  choose(filmAt(middleOf(frame()), 200));
});
canvas.addEventListener("blur", () => {
  walking = false;
  redraw();
});
root.querySelector(".zoom").addEventListener("click", (event) => {
  const act = event.target.dataset.do;
  if (act === "in" || act === "out") zoomAt(middleOf(frame()), act === "in" ? 1.6 : 1 / 1.6);
  if (act === "all") flyTo(WHOLE);
  if (act === "you" && you) flyTo({ x: you[0], y: you[1], zoom: 5 });
});
window.filmMap = { find, look: lookForWanted }; // of the component that is here now
function find(title) {
  const film = films.find((each) => each.title === title);
  if (!film && title) tell(notOnMap(title, films.length));
  if (!film) return;
  choose(film);
  flyTo({ x: film.x, y: film.y, zoom: 6 });
}

// a film that the page's address names
function lookForWanted() {
  const title = films.length ? window.filmMapWanted : null;
  if (title) {
    window.filmMapWanted = null;
    find(title);
  }
}
new ResizeObserver(redraw).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

function refresh() {
  you = props.you || null;
  youButton.hidden = !you;
  if (!chosen) tell("");
  redraw();
}
watch("value", () => {
  read();
  refresh();
  lookForWanted();
});
watch("you", refresh);
read();
refresh();
lookForWanted();
