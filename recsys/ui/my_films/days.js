// Which of some moments, the newest first, are the first of a day by the reader's own clock. Knows nothing of the page; stands
// before my_films.js and shares its scope.

const dayOf = (at) => `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;

function beginDays(moments) {
  return moments.map((at, place) => place === 0 || dayOf(at) !== dayOf(moments[place - 1]));
}

if (typeof module === "object") module.exports = { beginDays };
