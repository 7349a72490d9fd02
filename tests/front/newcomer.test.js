// What somebody is shown who comes for the first time.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { isNew, show, welcome } = require("../../recsys/ui/head/newcomer.js");

const KEYS = { guest: "guest", model: "model" };
const keeping = (kept) => () => ({ getItem: (key) => kept[key] ?? null });
const refuses = () => {
  throw new Error("The operation is insecure.");
};
const settings = () => ({
  components: [
    { id: 1, props: { value: "", visible: false } },
    { id: 2, props: { value: 5 } },
  ],
});

test("whoever has nothing kept, or what Gradio keeps of nothing, or cannot keep anything, is new", () => {
  assert.equal(isNew(keeping({}), KEYS), true);
  assert.equal(isNew(keeping({ guest: "x".repeat(69) }), KEYS), true);
  assert.equal(isNew(refuses, KEYS), true);
});

test("whoever has rated, or has chosen a model, is not", () => {
  assert.equal(isNew(keeping({ guest: "x".repeat(89) }), KEYS), false);
  assert.equal(isNew(keeping({ model: "x" }), KEYS), false);
});

test("what is shown is what Gradio begins with, and the rest stays as it is", () => {
  const config = settings();
  show(config, { 1: { value: "<b>films</b>", visible: true } });
  assert.deepEqual(config.components[0].props, { value: "<b>films</b>", visible: true });
  assert.deepEqual(config.components[1].props, { value: 5 });
  assert.equal(config.is_filled, true);
});

test("who comes back sees nothing of it", () => {
  const [fresh, known] = [settings(), settings()];
  const said = { keys: KEYS, parts: { 2: { value: 7 } } };
  welcome(keeping({}), fresh, said);
  welcome(keeping({ guest: "x".repeat(300) }), known, said);
  assert.equal(fresh.components[1].props.value, 7);
  assert.deepEqual(known, settings());
});
