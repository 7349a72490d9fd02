// Fields for films: a combobox whose list the server finds while somebody types. One script for all fields of the page; each
// field's own js_on_load hands over what Gradio gives it. What is pure is in film_search.js.

(() => {
  const PAUSE = 120; // ms without a key, after which the server is asked
  const PATIENCE = 8000; // ms until the server counts as not answering
  const SLOW = 500; // ms after which the reader is told that the search goes on
  const SILENT = "The server does not answer. Try again in a moment.";
  const FULL = (most) => `${most} films are the most: remove one first.`;
  const address = new URL("titles", new URL(".", document.baseURI));
  const answers = new Answers();

  async function ask(typed, control) {
    const url = new URL(address);
    url.searchParams.set("search", typed);
    const lost = setTimeout(() => control.abort(), PATIENCE);
    try {
      const answer = await fetch(url, { signal: control.signal, credentials: "same-origin" });
      const said = await saidBy(answer);
      if (!answer.ok) throw new Error(said.problem || SILENT);
      answers.keep(typed, said);
      return said;
    } catch (reason) {
      throw isSilence(reason) ? new Error(SILENT) : reason;
    } finally {
      clearTimeout(lost);
    }
  }

  // a list that goes while a button of the mouse is down may move what it is about to click
  let isPressed = false;
  const whenReleased = (act) =>
    ["pointerup", "pointercancel"].forEach((end) => {
      window.addEventListener(end, () => setTimeout(act), { once: true, capture: true });
    });
  for (const [event, whether] of [
    ["pointerdown", true],
    ["pointerup", false],
    ["pointercancel", false],
  ])
    window.addEventListener(
      event,
      () => {
        isPressed = whether;
      },
      true,
    );

  const fields = new Map(); // by the id of their inputs
  const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

  class FilmField {
    constructor({ element, props, trigger, watch }) {
      const find = (what) => element.querySelector(what);
      Object.assign(this, { props, trigger, control: null, due: 0, slow: 0 });
      Object.assign(this, { answer: null, answered: null, at: null }); // what is listed, to what, and which row is pointed at
      Object.assign(this, { asked: null, entered: null, wasChosen: false }); // what is to be listed, and taken at once
      this.root = find(".field");
      this.most = Number(this.root.dataset.most); // films that may be chosen; 0: one, which stands in the field
      [this.input, this.popup, this.list] = ["input", ".popup", "[role=listbox]"].map(find);
      [this.nothing, this.status, this.chips, this.clear, this.info] = [
        ...[".nothing", "[role=status]", ".chips", ".clear", ".info"].map(find),
      ];
      this.listen();
      this.own = null; // the value that this script knows of, as text
      watch("value", () => {
        if (this.asText() !== this.own) this.refresh();
      });
      watch("info", () => this.explain());
      this.explain();
      this.refresh();
      fields.set(this.input.id, this);
    }

    get typed() {
      return this.input.value.trim();
    }

    get chosen() {
      const { value } = this.props;
      return Array.isArray(value) ? value : value ? [value] : [];
    }

    listen() {
      const on = (what, event, act) => what.addEventListener(event, act);
      let isFresh = false;
      on(this.input, "focus", () => {
        isFresh = true;
        if (!this.typed) this.search();
      });
      on(this.input, "click", () => {
        if (isFresh) this.input.select();
        else if (this.popup.hidden && !this.isChosen()) this.search();
        isFresh = false;
      });
      on(this.input, "blur", () => this.leave());
      on(this.input, "input", () => this.type());
      on(this.input, "keydown", (event) => this.press(event));
      on(this.list, "pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      on(this.popup, "mousedown", (event) => event.preventDefault());
      on(this.list, "click", (event) => {
        const row = event.target.closest("[role=option]");
        if (row) this.choose(this.answer.films[Number(row.dataset.at)]);
      });
      on(this.clear, "click", () => {
        this.input.value = "";
        this.put(null);
        this.input.focus();
      });
      if (this.chips)
        on(this.chips, "click", (event) => {
          const chip = event.target.closest("button");
          if (chip) this.drop(chip.value);
        });
    }

    isChosen() {
      return !this.most && this.chosen[0] === this.input.value;
    }

    // ---- the value, which handlers read

    explain() {
      this.info.textContent = this.props.info;
    }

    asText() {
      return JSON.stringify(this.chosen);
    }

    refresh() {
      this.own = this.asText();
      if (!this.most) this.input.value = this.chosen[0] || "";
      this.root.classList.toggle("filled", Boolean(this.input.value));
      this.chips?.replaceChildren(...this.chosen.map((title) => this.chip(title)));
    }

    chip(title) {
      const row = made("li", {});
      const name = made("span", { textContent: title, dir: "auto" });
      const button = made("button", { type: "button", value: title, textContent: "×" });
      button.setAttribute("aria-label", `Remove ${title}`);
      row.append(name, button);
      return row;
    }

    put(value) {
      this.wasChosen = false;
      this.props.value = value;
      this.refresh();
      this.trigger("input");
    }

    choose(film) {
      this.close();
      if (!this.most) {
        this.input.value = film.title;
        this.put(film.title);
        this.input.setSelectionRange(film.title.length, film.title.length);
        return;
      }
      this.input.value = "";
      if (this.chosen.length >= this.most) this.say(FULL(this.most), true);
      else if (!this.chosen.includes(film.title)) this.put([...this.chosen, film.title]);
      else this.say(`${film.title} is chosen already.`);
    }

    drop(title) {
      this.put(this.chosen.filter((each) => each !== title));
      this.say(`${title} removed.`);
      this.input.focus();
    }

    // ---- what is typed

    type() {
      this.root.classList.toggle("filled", Boolean(this.input.value));
      if (!this.most && this.chosen.length) {
        this.wasChosen = true;
        this.own = "[]";
        this.props.value = null; // what stands there is no film yet
      }
      this.search();
    }

    search() {
      const { typed } = this;
      this.asked = typed;
      clearTimeout(this.due);
      this.control?.abort();
      this.control = null;
      const known = answers.of(typed);
      if (known) this.show(known);
      else this.due = setTimeout(() => this.send(typed), typed ? PAUSE : 0);
    }

    async send(typed) {
      const control = new AbortController();
      this.control = control;
      clearTimeout(this.slow);
      this.slow = setTimeout(() => this.asked === typed && this.wait("Searching …"), SLOW);
      try {
        const answer = await ask(typed, control);
        if (this.asked === typed) this.show(answer);
      } catch (reason) {
        if (this.asked === typed && this.control === control) this.wait(reason.message);
      } finally {
        if (this.control === control) clearTimeout(this.slow);
      }
    }

    // ---- the list

    isOpen() {
      return !this.popup.hidden;
    }

    show(answer) {
      const { typed } = this;
      const sure = this.entered === typed ? sureOf(answer, typed) : null;
      this.entered = null;
      clearTimeout(this.slow);
      if (sure || document.activeElement !== this.input) {
        if (sure) this.choose(sure);
        else this.settle(answer);
        return;
      }
      this.answer = answer;
      this.answered = typed;
      this.list.replaceChildren(...answer.films.map((film, at) => this.row(film, at)));
      this.popup.dataset.answers = typed;
      this.open(missing(answer, typed));
      this.status.textContent = counted(answer, typed);
    }

    // nothing can be chosen now, and why
    wait(sentence) {
      if (document.activeElement !== this.input) return;
      this.answer = null;
      delete this.popup.dataset.answers;
      this.list.replaceChildren();
      this.open(sentence);
      this.status.textContent = sentence;
    }

    say(sentence, isShown = false) {
      if (isShown) this.wait(sentence);
      else this.status.textContent = sentence;
    }

    open(sentence) {
      this.nothing.textContent = sentence;
      this.nothing.hidden = !sentence;
      this.list.hidden = !this.list.children.length;
      this.popup.hidden = false;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.list.scrollTop = 0;
      this.point(null);
      this.bringIntoView();
    }

    // above the keyboard of a phone
    bringIntoView() {
      if (this.popup.getBoundingClientRect().bottom <= (window.visualViewport?.height || window.innerHeight)) return;
      if (matchMedia("(pointer: coarse)").matches) this.root.scrollIntoView({ block: "start" });
      else this.popup.scrollIntoView({ block: "nearest" });
    }

    close() {
      clearTimeout(this.due);
      clearTimeout(this.slow);
      this.control?.abort();
      this.asked = null;
      this.hide();
      this.input.setAttribute("aria-expanded", "false");
      this.status.textContent = "";
      this.point(null);
    }

    hide() {
      const act = () => {
        this.popup.hidden = true;
      };
      if (isPressed) whenReleased(() => document.activeElement !== this.input && act());
      else act();
    }

    row(film, at) {
      const row = made("li", { id: `${this.list.id}-${at}`, role: "option" });
      row.setAttribute("aria-selected", "false");
      row.setAttribute("aria-label", film.title);
      row.dataset.at = at;
      const title = made("span", { className: "title", dir: "auto" });
      const typed = this.isChosen() ? "" : this.typed;
      for (const [text, isTyped] of partsOf(withoutYear(film), typed))
        title.append(isTyped ? made("b", { textContent: text }) : text);
      row.append(title);
      if (film.title !== withoutYear(film)) row.append(made("span", { className: "year", textContent: film.year }));
      return row;
    }

    point(at) {
      this.at = at;
      for (const row of this.list.children) row.setAttribute("aria-selected", String(Number(row.dataset.at) === at));
      const row = at === null ? null : this.list.children[at];
      row?.scrollIntoView({ block: "nearest" });
      if (row) this.input.setAttribute("aria-activedescendant", row.id);
      else this.input.removeAttribute("aria-activedescendant");
    }

    press(event) {
      const { key } = event;
      const isVertical = key === "ArrowDown" || key === "ArrowUp";
      const rows = this.isOpen() && this.answer ? this.answer.films : [];
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (isVertical && !rows.length) this.search();
      else if (isVertical || (this.at !== null && (key === "Home" || key === "End")))
        this.point(moved(key, this.at, rows.length));
      else if (key === "Enter") this.enter(rows);
      else if (key === "Escape" && this.isOpen()) this.close();
      else if (key === "Escape" && this.input.value && !this.most) {
        this.input.value = "";
        this.put(null);
      } else if (key === "Backspace" && this.most && !this.input.value && this.chosen.length)
        this.drop(this.chosen.at(-1));
      else return;
      event.preventDefault();
    }

    enter(rows) {
      if (this.at !== null) this.choose(rows[this.at]);
      else if (this.isOpen() && rows.length && this.answered === this.typed) {
        const sure = sureOf(this.answer, this.typed);
        if (sure) this.choose(sure);
        else this.point(0);
      } else if (!this.isChosen()) {
        this.entered = this.typed; // faster than the answer
        this.search();
      }
    }

    // ---- what is left standing

    leave() {
      const { typed } = this;
      const known = answers.of(typed);
      if (typed && !known && this.asked === typed)
        this.hide(); // the answer is still to come
      else this.close();
      if (known) this.settle(known);
      if (!typed && this.wasChosen) this.put(null);
    }

    // a title that was typed in full is taken
    settle(answer) {
      const film = this.typed && !this.isChosen() ? calledSo(answer.films, this.typed) : null;
      if (film) this.choose(film);
    }
  }

  window.filmFields = () => {
    for (const given of window.filmFieldsWaiting?.splice(0) || []) new FilmField(given);
  };
  window.filmFields();
  // the field of a component by its elem_id, if it is in the page
  window.filmField = (name) => (document.getElementById(`${name}-input`) ? fields.get(`${name}-input`) : undefined);
})();
