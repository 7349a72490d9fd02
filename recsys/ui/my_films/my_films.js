// Lists that were shown: opening one, paging, and days and times in the reader's own zone. Which one is open stands in the
// page's address.
// Comes as js_on_load of a gr.HTML: `element`, `trigger` and `watch` are Gradio's.

const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric" };

function localTimes() {
  for (const time of element.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const isInRow = time.closest("[data-list]") !== null;
    if (Number.isNaN(at.getTime())) continue;
    if ("day" in time.dataset) time.textContent = at.toLocaleDateString(undefined, DAY);
    else if (isInRow) time.textContent = at.toLocaleTimeString(undefined, { timeStyle: "short" });
    else time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
  const days = [...element.querySelectorAll("time[data-day]")];
  const begins = beginDays(days.map((time) => new Date(time.dateTime)));
  days.forEach((time, place) => {
    time.parentElement.hidden = !begins[place];
  });
}

const open = new OpenList();
const isOverview = () => !element.querySelector("[data-newest]") || element.querySelector("[data-list]") !== null;
const ask = (asked) => asked && trigger("select", asked);
const note = () => window.addresses?.note("films/lists", ["list"], [open.ids], [""]);

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list], [data-before], [data-newest]");
  if (!button) return;
  ask(open.press(button.dataset));
  note();
});
window.lists = {
  look() {
    const wanted = window.listWanted ?? open.ids;
    window.listWanted = null;
    ask(open.lead(wanted, isOverview()));
  },
  // there is no such list, or it cannot be had
  failed() {
    open.press({});
    note();
  },
};
watch("value", () => {
  localTimes();
  ask(open.redrawn(isOverview()));
});
localTimes();
window.lists.look();
