// Which films of lists are shown in their places although something was done with them, and which of these acts the first
// undo takes back. Knows nothing of the page; stands before film_actions.js and shares its scope.

const STARS = ["rate", "remove"];
const PASSING = ["unseen", "asked"]; // with films to rate, in no list
const MARKS = ["hidden", "later", "seen"];
const TAKEN = "taken"; // many films at once
const MOST_DONE = 50; // acts that are remembered: as many as a guest can undo
const SAID = {
  rate: "Rated",
  remove: "Stars removed",
  hidden: "Not shown again",
  later: "Saved to Watch later",
  seen: "",
  unmark: "Done",
};

class DoneFilms {
  // renewed: the list that the server draws anew after every act, with films that were marked in it in their places. Stars
  // that are given in it would put all others elsewhere, so it stays as it is from then on, until somebody wants a new one.
  constructor(renewed) {
    this.renewed = renewed;
    this.acts = []; // oldest first
  }

  // list: where it was done; null: nowhere that shows it
  did({ do: what, film, stars }, list = null) {
    if (PASSING.includes(what)) return; // the first undo does not know of it
    if (what === "undo") this.acts.pop();
    else {
      const isSeen = MARKS.includes(what) || STARS.includes(what);
      if (!MARKS.includes(what) && !(isSeen && list === this.renewed)) this.leave(this.renewed);
      const where = isSeen || list !== this.renewed ? list : null;
      this.acts = [...this.acts, { what, film, stars, list: where }].slice(-MOST_DONE);
    }
  }

  // many films were rated at once, as by a file: what stays in its place may be out of date
  taken() {
    for (const act of this.acts) act.list = null;
    this.acts = [...this.acts, { what: TAKEN, film: null, stars: null, list: null }].slice(-MOST_DONE);
  }

  // whether the first undo takes back what lists do not show film by film: many films, or what was done before this page
  undoesMany() {
    return (this.acts.at(-1)?.what ?? TAKEN) === TAKEN;
  }

  // film -> what was done with it last, in a list, and with which stars
  in(list) {
    return new Map(this.acts.filter((act) => list && act.list === list).map((act) => [act.film, act]));
  }

  // whether the list that is drawn anew is to stay as it is with an act
  isStill({ do: what }, list) {
    const isOld = this.acts.some((act) => act.list === this.renewed && STARS.includes(act.what));
    if (what === "undo") return isOld && this.acts.at(-1).list === this.renewed;
    return list === this.renewed && (STARS.includes(what) || (isOld && MARKS.includes(what)));
  }

  // whether the first undo takes back what was done with a film in a list
  isLast(list, film) {
    const last = this.acts.at(-1);
    return Boolean(last?.list) && last.list === list && last.film === film;
  }

  // what is to stay in the list that is drawn anew after an act
  staying({ do: what, film }, list) {
    const acts = what === "undo" ? this.acts.slice(0, -1) : this.acts;
    const isKept = what === "undo" || (MARKS.includes(what) && list === this.renewed);
    if (!isKept) return [];
    const there = acts.filter((act) => act.list === this.renewed).map((act) => act.film);
    return [...new Set(what === "undo" ? there : [...there, film])];
  }

  // a list is drawn anew: what is no longer in it, or has stars, which it then shows itself, or was done in a list that
  // begins anew, is not shown there any more
  drawn(list, films) {
    const stays = ({ what, film }) => list === this.renewed && films.includes(film) && !STARS.includes(what);
    for (const act of this.acts) if (act.list === list && !stays(act)) act.list = null;
  }

  leave(list) {
    for (const act of this.acts) if (act.list === list) act.list = null;
  }
}

if (typeof module === "object") module.exports = { DoneFilms, SAID, MOST_DONE };
