// Asks for the tab My films anew when something of it was changed on this page. Comes as js_on_load of a gr.HTML: `element` and `trigger` are Gradio's.

window.yoursChanges?.abort(); // of a component that was here before
window.yoursChanges = new AbortController();
const anew = (what, event) =>
  document.addEventListener(
    event,
    () => {
      if (element.isConnected) trigger(what);
    },
    { signal: window.yoursChanges.signal },
  );
anew("submit", "films-undone");
anew("input", "films-rated"); // the rows show it already, what is made of them does not
