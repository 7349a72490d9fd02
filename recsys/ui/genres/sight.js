// Whether there are films to go to. Knows nothing of the page; stands before see_films.js and shares its scope.

// top: of the list, in px from the top of the screen, above which it is where somebody has scrolled past it
const isFurtherDown = ({ hasFilms, isIntersecting, top }) => hasFilms && !isIntersecting && top > 0;

if (typeof module === "object") module.exports = { isFurtherDown };
