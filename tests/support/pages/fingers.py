"""Fingers and pens on a page in chromium, through its own recogniser of gestures; lengths in CSS px, times in ms."""

QUIET = """(quiet) => new Promise((resolve) => {
  let waits = setTimeout(done, quiet);
  const again = () => { clearTimeout(waits); waits = setTimeout(done, quiet); };
  const options = { capture: true, passive: true }, kinds = { subtree: true, childList: true, attributes: true };
  const changes = new MutationObserver(again);
  function done() { changes.disconnect(); window.removeEventListener("scroll", again, options); resolve(); }
  window.addEventListener("scroll", again, options);
  changes.observe(document.body, kinds);
})"""


class Fingers:
    """What somebody does with one finger, or several, on an emulated touch screen."""

    def __init__(self, page):
        self.page = page
        self._devtools = page.context.new_cdp_session(page)

    def touch(self, kind, *points):
        """touchStart, touchMove, touchEnd or touchCancel; points: (x, y) of every finger that is down."""
        places = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        self._devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    def along(self, way, hold=0, pause=0):
        """One finger along (x, y), after holding still."""
        self.touch("touchStart", way[0])
        self.page.wait_for_timeout(hold)
        for point in way[1:]:
            self.touch("touchMove", point)
            self.page.wait_for_timeout(pause)
        self.touch("touchEnd")

    def swipe(self, start, by, steps=6, hold=0, pause=0):
        """One finger straight from a place by (right, down)."""
        (x, y), (right, down) = start, by
        self.along([(x + right * n / steps, y + down * n / steps) for n in range(steps + 1)], hold, pause)

    def tap(self, place):
        """Down and up again."""
        self.along([place])

    def scroll(self, start, by, speed=1200):
        """A swipe as the browser itself makes one up; speed in px a second."""
        (x, y), (right, down) = start, by
        self._devtools.send(
            "Input.synthesizeScrollGesture",
            {"x": x, "y": y, "xDistance": right, "yDistance": down, "speed": speed, "gestureSourceType": "touch"},
        )

    def pen(self, way):
        """A pen along (x, y)."""
        kinds = ["mousePressed"] + ["mouseMoved"] * (len(way) - 2) + ["mouseReleased"]
        for kind, (x, y) in zip(kinds, way, strict=True):
            said = {"type": kind, "x": x, "y": y, "button": "left", "buttons": int(kind != "mouseReleased")}
            self._devtools.send("Input.dispatchMouseEvent", said | {"clickCount": 1, "pointerType": "pen"})

    def zoom(self, scale):
        """As two fingers can."""
        self._devtools.send("Emulation.setPageScaleFactor", {"pageScaleFactor": scale})

    def wait_until_still(self, quiet=200):
        """Until nothing has scrolled or changed for so long."""
        self.page.evaluate(QUIET, quiet)
