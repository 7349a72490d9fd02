// Lists that were shown: opening one, paging, and days and times in the reader's own zone.
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

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list], [data-before], [data-newest]");
  if (button) trigger("select", { list: button.dataset.list || null, before: button.dataset.before || null });
});
watch("value", localTimes);
localTimes();
