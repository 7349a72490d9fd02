// A way to the films of genres at the foot of a small screen, as long as they are further down. Comes as js_on_load of a
// gr.HTML: `element` is Gradio's. What needs no page is in sight.js.

const LIST = "of-genres";
const TRIES = 50; // the list may come later than this script
const button = element.querySelector("button");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

window.genreSight?.disconnect(); // of a component that was here before
window.genreSight = new IntersectionObserver(
  (entries) => {
    const { isIntersecting, boundingClientRect, target } = entries.at(-1);
    const hasFilms = target.querySelector(".cards") !== null;
    button.hidden = !isFurtherDown({ hasFilms, isIntersecting, top: boundingClientRect.top });
  },
  { rootMargin: "0px 0px -20% 0px" },
);

// a list that is drawn anew is looked at anew
function follow(left = TRIES) {
  const list = document.getElementById(LIST);
  if (!list && left > 0) setTimeout(follow, 100, left - 1);
  if (!list) return;
  const again = () => {
    window.genreSight.disconnect();
    window.genreSight.observe(list);
  };
  new MutationObserver(again).observe(list, { childList: true, subtree: true });
  again();
}

button.addEventListener("click", () => {
  document.getElementById(LIST)?.scrollIntoView({ behavior: calm() ? "auto" : "smooth" });
});
follow();
