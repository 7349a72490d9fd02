// Which films of lists are shown in their places although something was done with them, and which of these acts the first
// undo takes back. Knows nothing of the page; stands before film_actions.js and shares its scope.

const MARKS = ["hidden", "later", "seen"];
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
  // renewed: the list that the server draws anew after every act, with films that were marked in it in their places
  constructor(renewed) {
    this.renewed = renewed;
    this.acts = []; // oldest first
  }

  // list: where it was done; null: nowhere that shows it
  did({ do: what, film }, list = null) {
    if (what === "unseen") return; // there is nothing to undo
    if (what === "undo") this.acts.pop();
    else {
      const isMark = MARKS.includes(what);
      if (!isMark) this.leave(this.renewed);
      this.acts = [...this.acts, { what, film, list: isMark || list !== this.renewed ? list : null }].slice(-MOST_DONE);
    }
  }

  // film -> what was done with it last, in a list
  in(list) {
    return new Map(this.acts.filter((act) => list && act.list === list).map(({ film, what }) => [film, what]));
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

  // a list is drawn anew: what is no longer in it, or in a list that begins anew, is not shown there any more
  drawn(list, films) {
    if (list !== this.renewed) this.leave(list);
    else for (const act of this.acts) if (act.list === list && !films.includes(act.film)) act.list = null;
  }

  leave(list) {
    for (const act of this.acts) if (act.list === list) act.list = null;
  }
}

if (typeof module === "object") module.exports = { DoneFilms, SAID, MOST_DONE };
