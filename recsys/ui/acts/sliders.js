// Fingers and pens on sliders. A browser takes where a swipe begins for a change; here a tap is one, and a way that goes
// further sideways than up or down. What the browser makes of a touch is put back before anybody hears of it, and what
// counts is told by events of our own. Mouse and keyboard are the browser's. For the whole page, whoever made a slider.
// What a way means is in touch_ways.js.

(() => {
  const STILL = 150; // ms without a scroll, after which a touch is not one that stops a fling
  const LATE = 400; // ms after a touch in which a browser may still tell what it made of it

  const touches = new Map(); // by pointer: fingers that are down, and those that were a moment ago
  let scrolled = { at: -Infinity, what: null };
  let ended = 0;

  const isSlider = (target) => target instanceof HTMLInputElement && target.type === "range";
  const isStars = (input) => getComputedStyle(input).getPropertyValue("--drawn-as").trim() === "stars"; // controls.css
  const filmOf = (input) => input.closest("[data-film]")?.dataset.film;
  // lists are drawn anew around a finger: its slider may be gone, or be another film's
  const isSame = ({ input, film }) => input.isConnected && !input.disabled && filmOf(input) === film;
  const moves = (what, input) => (what instanceof Node ? what.contains(input) : true);
  const tell = (input, what) => input.dispatchEvent(new Event(what, { bubbles: true }));

  function show(touch, value) {
    const { input } = touch;
    const old = input.value;
    input.value = value;
    touch.stands = touch.shown = input.value;
    if (input.value !== old) tell(input, "input");
  }

  function follow(touch, event) {
    Object.assign(touch, furthest(touch, event.clientX, event.clientY));
    return meaning(touch);
  }

  function showAt(touch, x) {
    const { input } = touch;
    const [box, min, max] = [input.getBoundingClientRect(), Number(input.min || 0), Number(input.max || 100)];
    show(touch, isStars(input) ? starsAt(x, box, max, Number(input.step)) : valueAt(x, box, min, max));
  }

  function putBack(touch) {
    if (isSame(touch) && touch.shown !== null && touch.input.value === touch.shown) show(touch, touch.before);
  }

  function end(touch) {
    if (touch.input && !touch.over) putBack(touch);
    touch.over = true;
  }

  function begin(event) {
    clearTimeout(ended);
    if (event.isPrimary) touches.clear();
    if (event.pointerType === "mouse") return;
    const input = isSlider(event.target) && !event.target.disabled ? event.target : null;
    const several = touches.size > 0;
    const still = !(performance.now() - scrolled.at < STILL && moves(scrolled.what, input));
    touches.forEach(end);
    if (input) event.preventDefault(); // no events of a mouse follow
    touches.set(event.pointerId, {
      input,
      film: input && filmOf(input),
      before: input?.value,
      stands: input?.value,
      shown: null,
      x: event.clientX,
      y: event.clientY,
      sideways: 0,
      upright: 0,
      still,
      over: several,
      down: true,
    });
  }

  function move(event) {
    const touch = touches.get(event.pointerId);
    if (!touch?.input || touch.over) return;
    const meant = follow(touch, event);
    if (!isSame(touch)) touch.over = true;
    else if (meant === "drag") showAt(touch, event.clientX);
    else putBack(touch);
  }

  function lift(event) {
    const touch = touches.get(event.pointerId);
    if (!touch) return;
    if (touch.input && !touch.over) {
      const meant = follow(touch, event);
      const { input } = touch;
      if (!counts(meant, touch.still)) putBack(touch);
      else if (isSame(touch)) {
        showAt(touch, event.clientX);
        if (input.value !== touch.before) tell(input, "change");
      }
    }
    touch.over = true;
    touch.down = false;
    forgetSoon();
  }

  function forget() {
    touches.forEach((touch, pointer) => {
      if (!touch.down) touches.delete(pointer);
    });
  }

  function forgetSoon() {
    clearTimeout(ended);
    ended = setTimeout(forget, LATE);
  }

  // before the browser makes anything of a touch: what stands may have been drawn anew since
  function remember(event) {
    touches.forEach((touch) => {
      if (touch.input) touch.stands = touch.input.value;
    });
    if (event.touches.length) return;
    touches.forEach((touch) => {
      touch.down = false;
    }); // after a scroll no pointer tells
    forgetSoon();
  }

  function silence(event) {
    const touch = event.isTrusted && [...touches.values()].find(({ input }) => input === event.target);
    if (!touch) return;
    event.stopImmediatePropagation();
    touch.input.value = touch.stands;
  }

  function scroll(event) {
    scrolled = { at: performance.now(), what: event.target };
    touches.forEach((touch) => {
      if (touch.input && moves(event.target, touch.input)) touch.still = false;
    });
  }

  window.sliderTouches?.abort(); // of a component that was here before
  window.sliderTouches = new AbortController();
  const options = { signal: window.sliderTouches.signal, capture: true };
  function on(target, handler, types, more = {}) {
    for (const type of types) target.addEventListener(type, handler, { ...options, ...more });
  }
  on(window, begin, ["pointerdown"]);
  on(window, move, ["pointermove"]);
  on(window, lift, ["pointerup"]);
  on(
    window,
    ({ pointerId }) => {
      if (touches.has(pointerId)) end(touches.get(pointerId));
    },
    ["pointercancel"],
  );
  on(window, remember, ["touchstart", "touchmove", "touchend", "touchcancel"], { passive: true });
  on(window, silence, ["input", "change"]);
  on(window, scroll, ["scroll"], { passive: true });
  if (window.visualViewport) on(window.visualViewport, scroll, ["scroll"], { passive: true });
  on(window, forget, ["keydown"]);
})();
