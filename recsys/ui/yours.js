// Lists that were shown: opening one, paging, and times in the reader's own zone.
// Comes as js_on_load of a gr.HTML: `element`, `trigger` and `watch` are Gradio's.

function localTimes() {
  for (const time of element.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list], [data-before], [data-newest]");
  if (button) trigger("select", { list: button.dataset.list || null, before: button.dataset.before || null });
});
window.yoursUndone?.abort(); // of a component that was here before
window.yoursUndone = new AbortController();
document.addEventListener("films-undone", () => { if (element.isConnected) trigger("submit"); }, { signal: window.yoursUndone.signal });
watch("value", localTimes);
localTimes();
