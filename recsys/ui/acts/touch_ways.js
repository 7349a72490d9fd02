// What a finger's way over a slider means. Knows nothing of the page; stands before sliders.js and shares its scope.

const SLOP = 10; // CSS px that a finger moves in a tap
const THUMB = 20; // CSS px, the width of a slider's thumb, whose middle the value is at

// the furthest that a way has gone from where it began
function furthest(way, x, y) {
  return {
    sideways: Math.max(way.sideways, Math.abs(x - way.x)),
    upright: Math.max(way.upright, Math.abs(y - way.y)),
  };
}

function meaning({ sideways, upright }) {
  if (Math.max(sideways, upright) < SLOP) return "tap";
  return sideways > upright ? "drag" : "scroll";
}

// whether it changes the slider when the finger is lifted; a tap that stops a fling does not
function counts(meant, isStill) {
  return meant === "drag" || (meant === "tap" && isStill);
}

// the value under x, not yet rounded to a step
function valueAt(x, { left, width }, min, max) {
  const share = (x - left - THUMB / 2) / Math.max(1, width - THUMB);
  return min + Math.min(1, Math.max(0, share)) * (max - min);
}

// the same of a slider that is drawn as stars, from 0: those up to the one under x, or to its half where halves count
function starsAt(x, { left, width }, max, step) {
  const share = Math.min(1, Math.max(0, (x - left) / Math.max(1, width)));
  return Math.max(step, Math.ceil((share * max) / step) * step);
}

if (typeof module === "object") module.exports = { SLOP, THUMB, furthest, meaning, counts, valueAt, starsAt };
