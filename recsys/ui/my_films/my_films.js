// Lists that were shown: opening one, paging, and times in the reader's own zone.
// Comes as js_on_load of a gr.HTML: `element`, `trigger` and `watch` are Gradio's.

function localTimes() {
  for (const time of element.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime()))
      time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list], [data-before], [data-newest]");
  if (button) trigger("select", { list: button.dataset.list || null, before: button.dataset.before || null });
});
watch("value", localTimes);
localTimes();
