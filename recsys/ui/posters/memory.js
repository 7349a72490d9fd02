// Which films have posters, as far as this page has found out; who has none is not asked for again.

const WAITS = [2500, 8000, 25000]; // ms until a film is asked for once more, whose poster may be on its way

class PosterMemory {
  constructor(waits = WAITS) {
    this.waits = waits;
    this.failures = new Map();
  }

  // whether a film's poster may be there
  mayHave(title) {
    return (this.failures.get(title) || 0) <= this.waits.length;
  }

  came(title) {
    this.failures.delete(title);
  }

  // in how many ms to ask again; null: never
  failed(title) {
    const times = (this.failures.get(title) || 0) + 1;
    this.failures.set(title, times);
    return this.waits[times - 1] ?? null;
  }
}

if (typeof module === "object") module.exports = { PosterMemory };
