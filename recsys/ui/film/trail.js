// Which film is open, by which films somebody came there, and which answer is awaited. Knows nothing of the page; stands
// before panel.js and shares its scope.

class Trail {
  // number: of the last question; another page in this tab counts on from elsewhere
  constructor(number) {
    this.number = number;
    this.titles = [];
    this.isAwaited = false;
  }

  get film() {
    return this.titles.length ? this.titles[this.titles.length - 1] : null;
  }

  get canGoBack() {
    return this.titles.length > 1;
  }

  go(title) {
    if (title !== this.film) this.titles.push(title);
  }

  back() {
    if (this.canGoBack) this.titles.pop();
  }

  // the film has another name than it was asked for by
  rename(title) {
    this.titles.pop();
    if (this.film !== title) this.titles.push(title);
  }

  leave() {
    this.titles = [];
    this.isAwaited = false;
  }

  // the next question, after which no other's answer counts
  ask() {
    this.number += 1;
    this.isAwaited = true;
    return { film: this.film, seq: this.number };
  }

  isAnswer(number) {
    return this.isAwaited && number === this.number;
  }

  answered() {
    this.isAwaited = false;
  }
}

if (typeof module === "object") module.exports = { Trail };
