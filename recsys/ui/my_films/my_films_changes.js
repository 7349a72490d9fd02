// Asks for the tab My films anew when something of it was changed on this page. Comes as js_on_load of a gr.HTML: `element` and `trigger` are Gradio's.

window.yoursChanges?.abort(); // of a component that was here before
window.yoursChanges = new AbortController();
const anew = (what, event, isDue = () => true) =>
  document.addEventListener(
    event,
    () => {
      if (element.isConnected && isDue()) trigger(what);
    },
    { signal: window.yoursChanges.signal },
  );
anew("submit", "films-undone");
// rows show what is done with them, what is made of them does not
anew("input", "films-kept", () => document.getElementById("yours")?.checkVisibility());
