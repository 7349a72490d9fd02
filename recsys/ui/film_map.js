// The map of films: a canvas that is dragged, pinched, zoomed and walked over by keyboard.
// Comes as js_on_load of a gr.HTML: `element`, `props` and `watch` are Gradio's. Titles are drawn or set as text only.

const root = element.querySelector(".film-map");
const canvas = root.querySelector("canvas");
const pen = canvas.getContext("2d");
const told = root.querySelector(".told");
const chips = root.querySelector(".genres");
const youButton = root.querySelector("[data-do=you]");
// as many colours as are told apart; the rest of the genres share the last
const COLOURS = [
  "#4e79c4",
  "#e0812b",
  "#3fa34d",
  "#d6494b",
  "#9467bd",
  "#c49a1a",
  "#d264a8",
  "#2aa7b0",
  "#8c6d4f",
  "#7ab53c",
  "#6a6ae0",
  "#b8563b",
  "#5f9ea0",
];
const OTHER = "#8a8f98";
const HALF = 1060;
const CLOSEST = 24;
const REACH = 18;
const STEP = 60;
const still = matchMedia("(prefers-reduced-motion: reduce)");

let genres = [];
let films = [];
let you = null;
let chosen = null;
let genre = null;
let walking = false;
let due = false;
let view = { x: 0, y: 0, zoom: 1 };

const width = () => canvas.clientWidth;
const height = () => canvas.clientHeight;
const toScreen = (x, y) => [
  width() / 2 + ((x - view.x) * view.zoom * width()) / (2 * HALF),
  height() / 2 - ((y - view.y) * view.zoom * height()) / (2 * HALF),
];
const toMap = (across, down) => [
  view.x + ((across - width() / 2) * 2 * HALF) / (width() * view.zoom),
  view.y - ((down - height() / 2) * 2 * HALF) / (height() * view.zoom),
];
const colour = (film) => (film.genres.length ? COLOURS[film.shade] || OTHER : OTHER);
const lit = (film) => genre === null || film.genres.includes(genre);

function read() {
  const sent = JSON.parse(props.value || '{"genres": [], "films": []}');
  genres = sent.genres;
  films = sent.films.map(([title, x, y, of]) => ({ title, x, y, genres: of, shade: Math.max(...of) }));
  // a film has the colour of its rarest genre, which says most; the genres that colour most films get colours
  const counts = genres.map((_, at) => films.filter((film) => film.shade === at).length);
  const ranks = genres.map((_, at) => at).sort((a, b) => counts[b] - counts[a]);
  for (const film of films) film.shade = ranks.indexOf(film.shade);
  chips.replaceChildren(...genres.map((name, at) => chip(name, at, COLOURS[ranks.indexOf(at)] || OTHER)));
}

function chip(name, at, shade) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.style.setProperty("--shade", shade);
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
  if (!width()) return;
  canvas.width = width() * sharp;
  canvas.height = height() * sharp;
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  const style = getComputedStyle(root);
  const ink = style.color;
  const paper = style.getPropertyValue("--paper");
  const size = Math.min(2.2 + view.zoom * 0.45, 6) * (width() < 500 ? 0.85 : 1);
  for (const passed of genre === null ? [true] : [false, true]) // what is highlighted lies on top
    for (let at = films.length - 1; at >= 0; at--) {
      const film = films[at];
      const [across, down] = toScreen(film.x, film.y);
      if (lit(film) !== passed || across < -9 || down < -9 || across > width() + 9 || down > height() + 9) continue;
      pen.globalAlpha = passed ? 0.85 : 0.13;
      dot(across, down, at < 150 ? size * 1.35 : size, passed ? colour(film) : ink);
    }
  pen.globalAlpha = 1;
  const taken = [];
  if (you) star(...toScreen(...you), style.getPropertyValue("--color-accent"), paper);
  if (you) label("You", ...toScreen(...you), 12, ink, paper, taken, true);
  if (chosen) mark(chosen, ink, paper, taken);
  const most = (width() * height()) / 14000;
  for (const film of films) {
    if (taken.length > most) break;
    if (lit(film) && film !== chosen) label(film.title, ...toScreen(film.x, film.y), size + 1, ink, paper, taken);
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
  for (let at = 0; at < 10; at++) {
    const radius = at % 2 ? 5 : 12;
    const angle = (at * Math.PI) / 5 - Math.PI / 2;
    pen.lineTo(across + radius * Math.cos(angle), down + radius * Math.sin(angle));
  }
  pen.closePath();
  pen.lineWidth = 4;
  pen.strokeStyle = paper;
  pen.stroke();
  pen.fillStyle = fill;
  pen.fill();
}

function mark(film, ink, paper, taken) {
  const [across, down] = toScreen(film.x, film.y);
  dot(across, down, 7, paper);
  dot(across, down, 5, colour(film));
  pen.lineWidth = 2;
  pen.strokeStyle = ink;
  pen.beginPath();
  pen.arc(across, down, 8, 0, 7);
  pen.stroke();
  label(film.title, across, down, 12, ink, paper, taken, true);
}

function label(text, across, down, beside, ink, paper, taken, always = false) {
  pen.font = `${always ? "600 14px" : "12px"} system-ui, sans-serif`;
  const long = pen.measureText(text).width;
  if (across < 0 || down < 8 || across > width() || down > height() - 8) return;
  const left = across + beside + long < width() ? across + beside : across - beside - long;
  const box = [left - 3, down - 9, left + long + 3, down + 9];
  const hits = (one) => box[0] < one[2] && one[0] < box[2] && box[1] < one[3] && one[1] < box[3];
  if (!always && (left < 0 || taken.some(hits))) return;
  taken.push(box);
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = paper;
  pen.strokeText(text, left, down);
  pen.fillStyle = ink;
  pen.fillText(text, left, down);
}

function cross(ink) {
  pen.lineWidth = 1;
  pen.strokeStyle = ink;
  pen.strokeRect(width() / 2 - 9, height() / 2 - 9, 18, 18);
}

function tell(text) {
  told.textContent = text || hint();
  redraw();
}

const hint = () =>
  you
    ? "The star is your taste. Touch a dot to see what it is; drag and zoom to look around."
    : "Touch a dot to see what it is; drag and zoom to look around. Rate films, and your taste appears as a star.";

function choose(film) {
  chosen = film;
  if (!film) return tell("");
  const far = (other) => (other.x - film.x) ** 2 + (other.y - film.y) ** 2;
  const near = films
    .filter((other) => other !== film)
    .sort((a, b) => far(a) - far(b))
    .slice(0, 3);
  const names = film.genres.map((at) => genres[at]).join(", ");
  tell(`${film.title}${names && ` · ${names}`} · next to it: ${near.map((other) => other.title).join(", ")}`);
}

function filmAt(across, down, reach = REACH) {
  let best = null;
  let least = reach ** 2;
  for (const film of films) {
    const [x, y] = toScreen(film.x, film.y);
    const far = (x - across) ** 2 + (y - down) ** 2;
    if (far < least && lit(film)) [best, least] = [film, far];
  }
  return best;
}

function look(x, y, zoom) {
  const room = HALF * (1 - 1 / zoom); // the map never leaves the frame
  view = { x: Math.min(Math.max(x, -room), room), y: Math.min(Math.max(y, -room), room), zoom };
  canvas.style.touchAction = zoom > 1 ? "none" : "pan-y"; // a finger scrolls the page past the whole map
  redraw();
}

function zoomAt(across, down, factor) {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), CLOSEST);
  const [x, y] = toMap(across, down);
  const share = view.zoom / zoom; // what is under the pointer stays there
  look(x + (view.x - x) * share, y + (view.y - y) * share, zoom);
}

function flyTo(x, y, zoom) {
  const from = { ...view };
  let start = null;
  const step = (now) => {
    start ??= now; // a frame's time is of its beginning, which may lie before the press that called for it
    const done = still.matches ? 1 : Math.min((now - start) / 350, 1);
    const eased = done * (2 - done);
    const between = (a, b) => a + (b - a) * eased;
    look(between(from.x, x), between(from.y, y), between(from.zoom, zoom));
    if (done < 1 && root.isConnected) requestAnimationFrame(step);
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
    const film = event.pointerType === "mouse" && filmAt(...here, 10);
    if (film && film !== chosen) choose(film);
    canvas.style.cursor = film ? "pointer" : "grab";
    return;
  }
  if (fingers.size === 2) {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
    zoomAt((here[0] + other[0]) / 2, (here[1] + other[1]) / 2, apart(here) / apart(before));
  }
  moved += Math.hypot(here[0] - before[0], here[1] - before[1]);
  const [x, y] = toMap(...here);
  const [oldX, oldY] = toMap(...before);
  look(view.x - (x - oldX) / fingers.size, view.y - (y - oldY) / fingers.size, view.zoom);
  fingers.set(event.pointerId, here);
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, (event) => {
    if (fingers.delete(event.pointerId) && end === "pointerup" && moved < 6)
      choose(filmAt(event.offsetX, event.offsetY));
  });
canvas.addEventListener("dblclick", (event) => zoomAt(event.offsetX, event.offsetY, 2));
canvas.addEventListener(
  "wheel",
  (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return; // else the page scrolls, as people expect
    event.preventDefault();
    zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY / 300));
  },
  { passive: false },
);
canvas.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
  if (!way && !factor && event.key !== "0") return;
  event.preventDefault();
  walking = true;
  if (factor) zoomAt(width() / 2, height() / 2, factor);
  else if (!way) look(0, 0, 1);
  else if (view.zoom === 1) zoomAt(width() / 2, height() / 2, 2); // the whole map has nowhere to move to
  if (way) look(...toMap(width() / 2 + way[0] * STEP, height() / 2 + way[1] * STEP), view.zoom);
  choose(filmAt(width() / 2, height() / 2, 200));
});
canvas.addEventListener("blur", () => {
  walking = false;
  redraw();
});
root.querySelector(".zoom").addEventListener("click", (event) => {
  const act = event.target.dataset.do;
  if (act === "in" || act === "out") zoomAt(width() / 2, height() / 2, act === "in" ? 1.6 : 1 / 1.6);
  if (act === "all") flyTo(0, 0, 1);
  if (act === "you" && you) flyTo(...you, 5);
});
root.addEventListener("find", (event) => {
  const film = films.find((each) => each.title === event.detail);
  if (!film) return;
  choose(film);
  flyTo(film.x, film.y, 6);
});
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
});
watch("you", refresh);
read();
refresh();
