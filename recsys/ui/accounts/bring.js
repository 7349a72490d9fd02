// A file with ratings goes to the server; what became of it is shown. Comes as js_on_load of a gr.HTML: `element` is Gradio's.

const LARGEST = 10000000; // bytes

async function bring(file) {
  if (file.size > LARGEST) return { problem: "This file has more than 10 MB: choose a smaller one." };
  const url = new URL("account/import", new URL(".", document.baseURI));
  try {
    const answer = await fetch(url, {
      method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file, credentials: "same-origin",
    });
    return await answer.json();
  } catch {
    return { problem: "The server does not answer: check the connection and try again." };
  }
}

const plural = (n, one) => `${n.toLocaleString()} ${one}${n === 1 ? "" : "s"}`;

function told(said) {
  const parts = [`${plural(said.read, "rating")} read from ${said.source}, ${said.new.toLocaleString()} of them new or changed.`];
  if (said.marked) parts.push(`${plural(said.marked, "film")} marked.`);
  if (said.rounded) parts.push(`${plural(said.rounded, "rating")} rounded to the nearest stars that can be given here.`);
  if (said.n_unknown) parts.push(`${plural(said.n_unknown, "film")} not known here: ${said.unknown.join("; ")}${said.n_unknown > said.unknown.length ? "; …" : ""}`);
  return parts.join(" ");
}

element.addEventListener("change", async (event) => {
  const input = event.target, place = element.querySelector(".brought");
  if (input.type !== "file" || !input.files.length) return;
  place.textContent = "Reading …";
  const said = await bring(input.files[0]);
  input.value = "";
  place.replaceChildren(Object.assign(document.createElement("p"), { textContent: said.problem || told(said) }));
  if (said.problem) return;
  const show = Object.assign(document.createElement("button"), { className: "plain", type: "button", textContent: "Show me films" });
  show.addEventListener("click", () => location.reload());
  const undo = Object.assign(document.createElement("button"), { className: "plain", type: "button", textContent: "Undo" });
  undo.dataset.do = "undo"; // acts.js sees to it
  undo.addEventListener("click", () => { undo.disabled = true; });
  place.append(show);
  if (said.new || said.marked) place.append(" ", undo);
});
