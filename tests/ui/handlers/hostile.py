"""What a browser may send instead of what it was given."""

MARKUP = "<img src=x onerror=alert(1)>"
FILM, OTHER = "Film 8 (1968)", "Film 9 (1969)"
KEPT = [  # in the place of what a guest has said
    None,
    "",
    7,
    float("nan"),
    [],
    [[FILM, 4]],
    {},
    {"ratings": None, "marks": 3, "changes": {}},
    {
        "ratings": {MARKUP: 5, FILM: 10**400},
        "marks": {FILM: [1], MARKUP: "later"},
        "times": {FILM: MARKUP, MARKUP: -1},
        "changes": [["ratings", FILM, MARKUP, -1]],
    },
]
NO_TITLES = ["", MARKUP, 10**6, float("nan"), [], [FILM], {}, {"value": FILM}, True]
EVENTS = [
    None,
    "",
    5,
    [],
    {},
    {"do": MARKUP},
    {"do": ["rate"], "film": FILM},
    {"do": "rate", "film": MARKUP, "stars": 4},
]
