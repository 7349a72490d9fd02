// Posters beside films, as decoration: cards, tiles where they are wide enough, and the panel of a film have room for one
// from the first (posters.css), so nothing moves when it comes or does not. What is remembered of films is in memory.js.

const PLACES = ".cards > li[data-film], .tiles > li[data-film], .film-panel .content > .mine[data-film]";
const WIDTH = 185; // px, as TMDB has them; posters.css says how large they are shown
const HEIGHT = 278;
const address = new URL("posters", new URL(".", document.baseURI));
const memory = new PosterMemory();

function addressOf(title, times) {
  const url = new URL(address);
  url.searchParams.set("film", title);
  if (times) url.hash = String(times); // or a browser takes the same address for the same failure
  return url.href;
}

function posterOf(title) {
  const poster = new Image(WIDTH, HEIGHT);
  Object.assign(poster, { className: "poster", alt: "", loading: "lazy", decoding: "async", draggable: false });
  poster.dataset.of = title;
  let times = 0;
  poster.addEventListener("load", () => {
    memory.came(title);
    poster.classList.add("there");
  });
  poster.addEventListener("error", () => {
    const wait = memory.failed(title);
    times += 1;
    if (wait !== null)
      setTimeout(() => {
        if (poster.isConnected) poster.src = addressOf(title, times);
      }, wait);
  });
  poster.src = addressOf(title, times);
  return poster;
}

// the poster of a panel stands before all that is said there
function dress(place) {
  const title = place.dataset.film;
  const holder = place.matches("li") ? place : place.parentElement;
  const there = holder.querySelector(":scope > .poster");
  if (there?.dataset.of === title) return;
  there?.remove();
  if (memory.mayHave(title)) holder.prepend(posterOf(title));
}

function dressAll() {
  document.querySelectorAll(PLACES).forEach(dress);
}

window.posterPlaces?.disconnect(); // of a component that was here before
window.posterPlaces = new MutationObserver(dressAll);
window.posterPlaces.observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-film"] });
dressAll();
