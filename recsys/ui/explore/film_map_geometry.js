// Where things of the film map are. Of the map: x and y, at most HALF from its middle. Of the frame that shows it: px across
// and down from its top left; a frame is { width, height }. A view is what lies in the middle of the frame, and how much the
// map is enlarged: { x, y, zoom }. Knows nothing of the page; stands before film_map.js and shares its scope.

const HALF = 1060;
const CLOSEST = 24;
const TALL = 9; // half of a label's height
const EDGE = 4; // between a label and the edge
const WHOLE = { x: 0, y: 0, zoom: 1 };

const clamped = (value, least, most) => Math.min(Math.max(value, least), most);
const middleOf = (frame) => [frame.width / 2, frame.height / 2];

function toScreen(view, frame, x, y) {
  return [
    frame.width / 2 + ((x - view.x) * view.zoom * frame.width) / (2 * HALF),
    frame.height / 2 - ((y - view.y) * view.zoom * frame.height) / (2 * HALF),
  ];
}

function toMap(view, frame, across, down) {
  return [
    view.x + ((across - frame.width / 2) * 2 * HALF) / (frame.width * view.zoom),
    view.y - ((down - frame.height / 2) * 2 * HALF) / (frame.height * view.zoom),
  ];
}

// the map never leaves the frame
function within({ x, y, zoom }) {
  const room = HALF * (1 - 1 / zoom);
  return { x: clamped(x, -room, room), y: clamped(y, -room, room), zoom };
}

// what is under the pointer stays there, as far as the map fills the frame
function zoomed(view, frame, [across, down], factor) {
  const zoom = clamped(view.zoom * factor, 1, CLOSEST);
  const [x, y] = toMap(view, frame, across, down);
  const share = view.zoom / zoom;
  return within({ x: x + (view.x - x) * share, y: y + (view.y - y) * share, zoom });
}

// what was under the finger goes with it; of several fingers each moves its share
function dragged(view, frame, before, here, nFingers) {
  const [oldX, oldY] = toMap(view, frame, ...before);
  const [x, y] = toMap(view, frame, ...here);
  return within({ x: view.x - (x - oldX) / nFingers, y: view.y - (y - oldY) / nFingers, zoom: view.zoom });
}

// one of two fingers moves, the other one stays
function pinched(view, frame, other, before, here) {
  const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
  const between = [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2];
  return zoomed(view, frame, between, apart(here) / apart(before));
}

// a step of so many px; the whole map has nowhere to move to, so that it comes closer first
function walked(view, frame, [right, down], step) {
  const [across, upright] = middleOf(frame);
  const closer = view.zoom === 1 ? zoomed(view, frame, [across, upright], 2) : view;
  const [x, y] = toMap(closer, frame, across + right * step, upright + down * step);
  return within({ x, y, zoom: closer.zoom });
}

// after a share of the way, which slows down towards its end
function underWay(from, to, share) {
  const eased = share * (2 - share);
  const between = (one, other) => one + (other - one) * eased;
  return within({ x: between(from.x, to.x), y: between(from.y, to.y), zoom: between(from.zoom, to.zoom) });
}

// px of a dot's radius
function radiusOf(zoom, width) {
  return Math.min(2.2 + zoom * 0.45, 6) * (width < 500 ? 0.85 : 1);
}

function isNear(frame, across, down, margin) {
  return across >= -margin && down >= -margin && across <= frame.width + margin && down <= frame.height + margin;
}

// where a text of a length goes that stands so far beside a place: to the right if there is room, else to the left, whole
// within the frame; null: nowhere
function labelAt(frame, across, down, beside, long) {
  if (across < 0 || down < TALL || across > frame.width || down > frame.height - TALL) return null;
  const right = across + beside;
  const left = right + long <= frame.width - EDGE ? right : across - beside - long;
  return left < EDGE ? null : { left, down, box: boxOf(left, down, long) };
}

// the same of a text that has to stand: it is pushed inside, and is not longer than the frame
function pushedInside(frame, across, down, beside, long) {
  const most = Math.max(frame.width - EDGE - long, EDGE);
  const left = across + beside <= most ? across + beside : across - beside - long;
  const [inside, at] = [clamped(left, EDGE, most), clamped(down, TALL, frame.height - TALL)];
  return { left: inside, down: at, box: boxOf(inside, at, long) };
}

const boxOf = (left, down, long) => [left - 3, down - TALL, left + long + 3, down + TALL];

// a text as long as there is room for, cut with an ellipsis; lengthOf: (text) -> px
function fitted(text, room, lengthOf) {
  if (lengthOf(text) <= room) return text;
  let cut = text.length - 1;
  while (cut > 1 && lengthOf(`${text.slice(0, cut)}…`) > room) cut -= 1;
  return `${text.slice(0, cut).trimEnd()}…`;
}

function overlap(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

// [across, down] of the corners, from its middle
function cornersOfStar() {
  return Array.from({ length: 10 }, (_, at) => {
    const radius = at % 2 ? 5 : 12;
    const angle = (at * Math.PI) / 5 - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

if (typeof module === "object") {
  module.exports = {
    ...{ HALF, CLOSEST, WHOLE, middleOf, toScreen, toMap, within, zoomed, dragged, pinched, walked, underWay },
    ...{ radiusOf, isNear, labelAt, pushedInside, fitted, overlap, cornersOfStar, EDGE, TALL },
  };
}
