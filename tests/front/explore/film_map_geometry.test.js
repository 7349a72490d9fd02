// Where things of the film map are, at any view and in any frame.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const map = require("../../../recsys/ui/explore/film_map_geometry.js");
const { draws } = require("../draws.js");

const FRAME = { width: 800, height: 500 };

function assertClose(found, expected, what) {
  assert.equal(found.length, expected.length);
  for (const [at, each] of found.entries())
    assert.ok(Math.abs(each - expected[at]) < 1e-6, `${what}: ${found}, not ${expected}`);
}

function assertGrows(numbers) {
  for (const [at, each] of numbers.slice(1).entries()) assert.ok(numbers[at] <= each, `${each} after ${numbers[at]}`);
}

// what somebody may see: any place, any zoom, and a frame of any size
function views(n) {
  const { between } = draws(7);
  return Array.from({ length: n }, () => {
    const view = map.within({ x: between(-map.HALF, map.HALF), y: between(-map.HALF, map.HALF), zoom: between(1, 24) });
    const frame = { width: between(200, 1600), height: between(200, 900) };
    return { view, frame, place: [between(0, frame.width), between(0, frame.height)], factor: between(0.3, 3) };
  });
}

const fills = ({ x, y, zoom }) => Math.max(Math.abs(x), Math.abs(y)) <= map.HALF * (1 - 1 / zoom) + 1e-9;

test("the whole map fills the frame, its middle in the middle, up at the top", () => {
  assert.deepEqual(map.toScreen(map.WHOLE, FRAME, 0, 0), [400, 250]);
  assert.deepEqual(map.toScreen(map.WHOLE, FRAME, -map.HALF, map.HALF), [0, 0]);
  assert.deepEqual(map.toScreen(map.WHOLE, FRAME, map.HALF, -map.HALF), [800, 500]);
});

test("a view has its own place in the middle, and shows twice as large what it enlarges twice", () => {
  const view = { x: 100, y: 200, zoom: 2 };
  assert.deepEqual(map.toScreen(view, FRAME, 100, 200), [400, 250]);
  assert.deepEqual(map.toScreen(view, FRAME, 100 + map.HALF / 2, 200), [800, 250]);
});

test("from the frame to the map and back is where one was", () => {
  for (const { view, frame, place } of views(200))
    assertClose(map.toScreen(view, frame, ...map.toMap(view, frame, ...place)), place, "back");
});

test("the map never leaves the frame", () => {
  assert.deepEqual(map.within({ x: 5000, y: -5000, zoom: 2 }), { x: map.HALF / 2, y: -map.HALF / 2, zoom: 2 });
  assert.deepEqual(map.within({ x: 100, y: -200, zoom: 2 }), { x: 100, y: -200, zoom: 2 });
  const { x, y } = map.within({ x: 500, y: -500, zoom: 1 });
  assert.deepEqual([Math.abs(x), Math.abs(y)], [0, 0]);
});

test("zooming about a place keeps what lies there, where the map has room", () => {
  let kept = 0;
  for (const { view, frame, place, factor } of views(300)) {
    const closer = map.zoomed(view, frame, place, factor);
    const under = map.toMap(view, frame, ...place);
    assert.ok(fills(closer), `leaves the frame: ${JSON.stringify(closer)}`);
    if (Math.max(Math.abs(closer.x), Math.abs(closer.y)) >= map.HALF * (1 - 1 / closer.zoom) - 1e-9) continue;
    assertClose(map.toScreen(closer, frame, ...under), place, "under the pointer");
    kept += 1;
  }
  assert.ok(kept > 100);
});

test("zooming in never pushes what lies under the pointer away", () => {
  for (const { view, frame, place } of views(200)) {
    const under = map.toMap(view, frame, ...place);
    assertClose(map.toScreen(map.zoomed(view, frame, place, 1.6), frame, ...under), place, "under the pointer");
  }
});

test("zoom stays between the whole map and the closest", () => {
  assert.equal(map.zoomed(map.WHOLE, FRAME, [10, 10], 0.1).zoom, 1);
  assert.equal(map.zoomed({ x: 0, y: 0, zoom: 20 }, FRAME, [10, 10], 10).zoom, map.CLOSEST);
  assert.equal(map.zoomed({ x: 0, y: 0, zoom: 4 }, FRAME, [10, 10], 1.5).zoom, 6);
});

test("what lies under one finger goes with it", () => {
  const view = { x: 0, y: 0, zoom: 4 };
  const under = map.toMap(view, FRAME, 300, 200);
  const after = map.dragged(view, FRAME, [300, 200], [350, 170], 1);
  assertClose(map.toScreen(after, FRAME, ...under), [350, 170], "under the finger");
  assert.equal(after.zoom, 4);
});

test("of two fingers each moves its share", () => {
  const view = { x: 0, y: 0, zoom: 4 };
  const whole = map.dragged(view, FRAME, [300, 200], [360, 240], 1);
  const half = map.dragged(view, FRAME, [300, 200], [360, 240], 2);
  assert.ok(whole.x < 0 && whole.y > 0);
  assertClose([2 * half.x, 2 * half.y], [whole.x, whole.y], "half");
});

test("the whole map is not dragged away", () => {
  const { x, y, zoom } = map.dragged(map.WHOLE, FRAME, [300, 200], [700, 20], 1);
  assert.deepEqual([Math.abs(x), Math.abs(y), zoom], [0, 0, 1]);
});

test("two fingers that go twice as far apart enlarge twice, about what lies between them", () => {
  const view = { x: 0, y: 0, zoom: 4 };
  const after = map.pinched(view, FRAME, [300, 200], [400, 200], [500, 200]);
  assert.equal(after.zoom, 8);
  assertClose(map.toScreen(after, FRAME, ...map.toMap(view, FRAME, 400, 200)), [400, 200], "between");
});

test("fingers on one place do not divide by nothing", () => {
  const after = map.pinched({ x: 0, y: 0, zoom: 4 }, FRAME, [300, 200], [300, 200], [303, 204]);
  assert.equal(after.zoom, 20);
});

test("a step by keyboard goes so many px, up and down as the arrows point", () => {
  const view = { x: 0, y: 0, zoom: 4 };
  for (const way of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ]) {
    const after = map.walked(view, FRAME, way, 60);
    assertClose(map.toScreen(view, FRAME, after.x, after.y), [400 + 60 * way[0], 250 + 60 * way[1]], "one step");
    assert.equal(after.zoom, 4);
  }
});

test("a step on the whole map comes closer first, for it has nowhere to move to", () => {
  const after = map.walked(map.WHOLE, FRAME, [1, 0], 60);
  assert.equal(after.zoom, 2);
  assert.ok(after.x > 0);
});

test("a flight begins where one is, ends where it leads, and never turns back", () => {
  const from = { x: -300, y: 100, zoom: 3 };
  const to = { x: 200, y: -150, zoom: 6 };
  assert.deepEqual(map.underWay(from, to, 0), from);
  assert.deepEqual(map.underWay(from, to, 1), to);
  const zooms = Array.from({ length: 21 }, (_, at) => map.underWay(from, to, at / 20).zoom);
  assertGrows(zooms);
  assert.ok(map.underWay(from, to, 0.5).zoom > 4.5, "most of the way is done early");
});

test("dots have a radius, which grows with the zoom up to a limit, and are smaller on a phone", () => {
  const radii = Array.from({ length: map.CLOSEST }, (_, at) => map.radiusOf(at + 1, 800));
  assert.ok(radii[0] > 2);
  assertGrows(radii);
  assertClose([radii[0], radii[3], radii.at(-1)], [2.65, 4, 6], "radii");
  for (const [at, radius] of radii.entries()) assertClose([map.radiusOf(at + 1, 499)], [0.85 * radius], "on a phone");
  assert.equal(map.radiusOf(2, 500), map.radiusOf(2, 800));
  assert.ok(map.radiusOf(1, 0) > 0);
});

test("what is drawn lies in the frame or just outside it", () => {
  assert.ok(map.isNear(FRAME, -9, -9, 9));
  assert.ok(map.isNear(FRAME, 809, 509, 9));
  for (const [across, down] of [
    [-10, 0],
    [0, -10],
    [810, 0],
    [0, 510],
  ])
    assert.ok(!map.isNear(FRAME, across, down, 9), `${across}, ${down}`);
});

test("a label stands to the right of its dot, and to the left where there is no room", () => {
  assert.deepEqual(map.labelAt(FRAME, 100, 50, 6, 80), { left: 106, down: 50, box: [103, 41, 189, 59] });
  assert.deepEqual(map.labelAt(FRAME, 750, 50, 6, 80), { left: 664, down: 50, box: [661, 41, 747, 59] });
  assert.equal(map.labelAt(FRAME, 710, 50, 6, 80).left, 716);
  assert.equal(map.labelAt(FRAME, 711, 50, 6, 80).left, 625);
});

test("a label that would be cut at an edge is none", () => {
  assert.equal(map.labelAt(FRAME, 10, 50, 6, 900), null);
  for (let across = 0; across <= 800; across += 7)
    for (let down = 0; down <= 500; down += 7) {
      const found = map.labelAt(FRAME, across, down, 6, 400);
      if (!found) continue;
      assert.ok(found.left >= map.EDGE && found.left + 400 <= 800 - map.EDGE, `${across}`);
      assert.ok(down >= map.TALL && down <= 500 - map.TALL, `${down}`);
    }
});

test("what lies outside the frame or at its upper or lower edge has no label", () => {
  for (const [across, down] of [
    [-1, 50],
    [801, 50],
    [50, 8],
    [50, 492],
  ])
    assert.equal(map.labelAt(FRAME, across, down, 6, 80), null, `${across}, ${down}`);
  for (const [across, down] of [
    [0, 50],
    [800, 50],
    [50, 9],
    [50, 491],
  ])
    assert.notEqual(map.labelAt(FRAME, across, down, 6, 80), null, `${across}, ${down}`);
});

test("a label that has to stand is pushed inside whole", () => {
  assert.deepEqual(map.pushedInside(FRAME, 100, 50, 12, 80), { left: 112, down: 50, box: [109, 41, 195, 59] });
  assert.equal(map.pushedInside(FRAME, 790, 50, 12, 80).left, 698);
  for (const across of [0, 20, 400, 780, 800])
    for (const down of [0, 3, 250, 499]) {
      const { left, down: at } = map.pushedInside(FRAME, across, down, 12, 700);
      assert.ok(left >= map.EDGE && left + 700 <= 800 - map.EDGE, `${across}`);
      assert.ok(at >= map.TALL && at <= 500 - map.TALL, `${down}`);
    }
});

test("a text that is too long is cut with an ellipsis", () => {
  const lengthOf = (text) => 10 * text.length;
  assert.equal(map.fitted("Fargo (1996)", 120, lengthOf), "Fargo (1996)");
  assert.equal(map.fitted("Fargo (1996)", 119, lengthOf), "Fargo (199…");
  assert.equal(map.fitted("Fargo (1996)", 70, lengthOf), "Fargo…");
  assert.equal(map.fitted("Fargo (1996)", 1, lengthOf), "F…");
});

test("boxes overlap where they share a place, not where they touch", () => {
  const box = [10, 10, 20, 20];
  assert.ok(map.overlap(box, [19, 19, 30, 30]));
  assert.ok(map.overlap(box, [12, 12, 14, 14]));
  assert.ok(map.overlap([12, 12, 14, 14], box));
  for (const other of [
    [20, 10, 30, 20],
    [0, 10, 10, 20],
    [10, 20, 20, 30],
    [10, 0, 20, 10],
  ]) {
    assert.ok(!map.overlap(box, other), `${other}`);
    assert.ok(!map.overlap(other, box), `${other}`);
  }
});

test("a star has five points, the first upwards", () => {
  const corners = map.cornersOfStar();
  assertClose(corners[0], [0, -12], "the first");
  assertClose(corners[5], [0, 5], "opposite");
  assertClose(
    corners.reduce(([x, y], corner) => [x + corner[0], y + corner[1]], [0, 0]),
    [0, 0],
    "as many to every side",
  );
  assert.deepEqual(
    corners.map(([right, below]) => Math.round(Math.hypot(right, below))),
    [12, 5, 12, 5, 12, 5, 12, 5, 12, 5],
  );
});
