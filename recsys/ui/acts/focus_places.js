// Who has the focus once what had it is gone. Knows nothing of the page; stands before focus.js and shares its scope.

// id of what is gone -> selector of what goes on from there
const HEIRS = new Map([
  ["add", "#film-input"], // another film is rated next
  ["rate-clear", "#rate-filters button"],
  ["genre-clear", "#wishes button"],
  ["near-clear", "#near-filters button"],
  ["no-surprise", "#surprise-me"],
  ["rate-anew", "#for-you .title"],
]);
const heirOf = (id) => HEIRS.get(id) ?? null;

// of what stands in a place now, that which took the turn of what is gone, or else the last; undefined: there is nothing
// at: where it stood among them
const inTurn = (all, at) => all[Math.min(Math.max(at, 0), all.length - 1)];

if (typeof module === "object") module.exports = { HEIRS, heirOf, inTurn };
