// Sends what a member answers to whether their ratings may improve everybody's recommendations. Stands before account.js and
// shares its scope.

const KEPT = {
  yes: "Thank you: your ratings count from the next model on.",
  no: "Kept: the next model does not learn from your ratings.",
};
let answering = false; // one answer after the other, so that the last one holds

// biome-ignore lint/correctness/noUnusedVariables: account.js calls it
async function answerConsent(button) {
  if (answering) return;
  answering = true;
  const { consent } = button.dataset;
  const said = await ask("consent", { consent });
  answering = false;
  const place = button.closest(".consent");
  place.querySelector(".told").textContent = said.problem || KEPT[consent];
  if (said.problem) return;
  for (const each of place.querySelectorAll("[data-consent]")) {
    each.setAttribute("aria-pressed", String(each.dataset.consent === consent));
  }
}
