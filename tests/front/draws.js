// Numbers that look drawn by chance, and are the same in every run (a linear congruential generator, Numerical Recipes).

function draws(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, between: (least, most) => least + (most - least) * next(), below: (n) => Math.floor(n * next()) };
}

module.exports = { draws };
