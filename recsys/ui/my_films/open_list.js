// Which list that was shown is open, or is to be. Knows nothing of the page; stands before my_films.js and shares its scope.

class OpenList {
  constructor() {
    this.ids = ""; // of lists that are shown together, with blanks between; "": their overview
  }

  // what somebody asks for, as an event has it
  press({ list, before }) {
    this.ids = list || "";
    return { list: list || null, before: before || null };
  }

  // what an address asks for, if it is not shown; else null
  lead(ids, isOverview) {
    const differs = ids !== this.ids;
    this.ids = ids;
    return differs || (ids && isOverview) ? { list: ids || null, before: null } : null;
  }

  // what to ask for once lists were drawn anew, as the overview is whenever the tab is opened; else null
  redrawn(isOverview) {
    return this.ids && isOverview ? { list: this.ids, before: null } : null;
  }
}

if (typeof module === "object") module.exports = { OpenList };
