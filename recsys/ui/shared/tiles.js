// Tiles of films. A finger's tap on a title shows the stars of its tile, and a mouse's click goes to its slider. Stands after
// film_actions.js and shares its scope.

const byFinger = window.matchMedia("(pointer: coarse)");

function openTile(tile) {
  for (const each of document.querySelectorAll(".tiles > [data-film]")) {
    const isOpen = each === tile && !each.classList.contains("open");
    each.classList.toggle("open", isOpen);
    if (byFinger.matches) each.querySelector("[data-tile]")?.setAttribute("aria-expanded", String(isOpen));
  }
}

document.addEventListener(
  "click",
  (event) => {
    const title = event.target.closest?.("[data-tile]");
    if (!title) {
      if (!event.target.closest?.(".tiles .giving")) openTile(null);
    } else if (byFinger.matches) openTile(title.closest("[data-film]"));
    else title.closest("[data-film]").querySelector("input").focus();
  },
  options,
);
document.addEventListener("films-kept", () => openTile(null), options); // another film takes its place
