// What is done with films waits here to be told to the server, one act after the other. Knows nothing of the page; stands
// before film_actions.js and shares its scope.

// stars: null where the slider stands below the scale
function actOf(what, film, stars, isInList) {
  const isRated = what === "rate" && stars !== null;
  return {
    do: what === "rate" && !isRated ? "remove" : what,
    film,
    stars: isRated ? stars : null,
    in_list: isInList,
    staying: [],
    still: false,
    seq: 0,
  };
}

class ActQueue {
  // number: of the last act; another page in this tab counts on from elsewhere
  constructor(number) {
    this.number = number;
    this.waiting = new Map(); // by film and kind: of several the last counts
    this.sent = null; // what has no answer yet
    this.nUndone = 0;
  }

  // rest: what the page needs to know when there is an answer
  add(act, rest = {}) {
    this.waiting.set(this.keyOf(act), { ...rest, act });
  }

  keyOf({ do: what, film }) {
    if (what === "undo") {
      this.nUndone += 1;
      return `undo ${this.nUndone}`;
    }
    return `${what === "rate" || what === "remove" ? "stars" : "mark"} ${film}`;
  }

  // the first that waits, numbered, or null as long as another has no answer
  next() {
    if (this.sent || !this.waiting.size) return null;
    const [[key, first]] = this.waiting;
    this.waiting.delete(key);
    this.number += 1;
    first.act.seq = this.number;
    this.sent = first;
    return first;
  }

  isAnswer(number) {
    return this.sent !== null && this.sent.act.seq === number;
  }

  // what there is an answer to; null if nothing was sent
  answered() {
    const { sent } = this;
    this.sent = null;
    return sent;
  }

  // what waits is not sent
  drop() {
    this.waiting.clear();
  }
}

// ---- how a slider shows stars

function starsInWords(stars, lowest, none) {
  return stars <= lowest ? none : `${stars} star${stars === 1 ? "" : "s"}`;
}

function shareOf(value, min, max) {
  return (value - min) / (max - min);
}

// where a slider stands that nobody has moved: at the lowest stars that a like has
function restOf({ min, max, step }) {
  const steps = Math.ceil((0.75 * (max - min)) / step - 1e-6);
  return Number(min) + steps * step;
}

if (typeof module === "object") module.exports = { actOf, ActQueue, starsInWords, shareOf, restOf };
