"""What the REST API takes and gives: every field with its meaning and examples.

How many films there may be, and which numbers, is written into the document from here; the functions that answer check
it, and say it in words that name a film they know.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from recsys.recommend.answers import LIST_LENGTH, MOST_FOUND, MOST_RATINGS
from recsys.recommend.group.listing import FEWEST_PEOPLE, HOWS, MEAN, MOST_PEOPLE

Number = Annotated[float, Field(strict=True)]


def described(text: str, *examples: Any, **limits: Any) -> Any:
    """What a field means, as the document has it; a refusal of its value ends with the same words.

    Args:
        text: a sentence.
        examples: of its values.
        limits: words of JSON Schema for what is checked by the functions that answer.
    """
    return Field(description=text, examples=[*examples], json_schema_extra=limits or None)


def as_number(said: object) -> object:
    """The same, unless it is a text, which pydantic would read as a number; a ValueError then."""
    if isinstance(said, str | bytes | bool):
        raise ValueError("a number is no text")
    return said


Ratings = Annotated[
    dict[str, Number],
    described(
        f'Titles and stars, such as {{"Fargo (1996)": 5}}, of 1 to {MOST_RATINGS:,} films. A title may lack its year, '
        "article or accents; stars are on the scale of the ratings that the model has learned from.",
        {"Fargo (1996)": 5, "Star Wars (1977)": 3},
        minProperties=1,
        maxProperties=MOST_RATINGS,
    ),
]
AnyRatings = Annotated[
    dict[str, Number] | None,
    described(
        f'Titles and stars, such as {{"Fargo (1996)": 5}}, of up to {MOST_RATINGS:,} films; or nothing.',
        {"Fargo (1996)": 5},
        maxProperties=MOST_RATINGS,
    ),
]
RatingsOfOne = Annotated[
    dict[str, Number], Field(json_schema_extra={"minProperties": 1, "maxProperties": MOST_RATINGS})
]
People = Annotated[
    list[RatingsOfOne],
    described(
        f"Titles and stars of each of {FEWEST_PEOPLE} to {MOST_PEOPLE} people, such as "
        '[{"Fargo (1996)": 5}, {"Casino (1995)": 4}]; 1 film or more of each.',
        [{"Fargo (1996)": 5}, {"Casino (1995)": 4}],
        minItems=FEWEST_PEOPLE,
        maxItems=MOST_PEOPLE,
    ),
]
How = Annotated[
    str,
    described(
        'How to choose for all: "mean", what they like on average; "least misery", what nobody dislikes; or "fair", a '
        "mix in which who got least so far counts most.",
        MEAN,
        enum=[*HOWS],
    ),
]
SeenToo = Annotated[
    bool,
    described("Whether to list films that somebody has rated, but not everybody: true or false.", False),
]
AnyGenres = Annotated[
    list[str] | None,
    described(
        'Genres, such as ["Comedy", "War"], of which a film has one or more; or nothing.', ["Comedy"], minItems=1
    ),
]
Exclude = Annotated[
    list[str] | None,
    described(f"Titles of up to {MOST_RATINGS:,} films not to list.", ["Casino (1995)"], maxItems=MOST_RATINGS),
]
Titles = Annotated[
    list[str],
    described(
        f'Titles of 1 to {MOST_RATINGS:,} films, such as ["Casino (1995)"].',
        ["Casino (1995)", "star wars"],
        minItems=1,
        maxItems=MOST_RATINGS,
    ),
]
Genres = Annotated[
    list[str],
    described('At least one genre, such as ["Comedy", "War"]; a film has one of them or more.', ["Comedy"], minItems=1),
]
Period = Annotated[
    str | None, described('When the films were released, a decade such as "1990s"; or nothing.', "1990s")
]
Adventure = Annotated[
    Number,
    described(
        "A number from 0, what fits best, to 1, what is liked further out and known to fewer.",
        0.5,
        minimum=0,
        maximum=1,
    ),
]
SomeGenres = Annotated[
    list[str],
    described('Genres, such as ["Comedy", "War"], of which a film has one or more; none: any.', ["Comedy"]),
]
AllOfThem = Annotated[
    bool, Field(strict=True), described("Whether a film has to have all of the genres: true or false.", False)
]
Decades = Annotated[
    list[str],
    described('Decades, such as ["1980s", "1990s"], from one of which a film is; none: any.', ["1980s", "1990s"]),
]
Whole = Annotated[int, BeforeValidator(as_number)]
LeastRatings = Annotated[Whole, described("A whole number: so many people, or more, rated a film.", 100, minimum=0)]
MostRatings = Annotated[
    Whole | None, described("A whole number: so many people, or fewer, rated a film; or nothing.", 100, minimum=1)
]
Title = Annotated[str, described("A title, which may lack its year, article or accents.", "Fargo (1996)")]
Search = Annotated[
    str,
    described("A title or a part of one, mistyped or not; or nothing, for the most rated films.", "star war"),
]
HowMany = Annotated[
    int,
    described(
        f"A whole number from 1 to {MOST_FOUND}: so many films at most.", LIST_LENGTH, minimum=1, maximum=MOST_FOUND
    ),
]


def with_example(**fields: Any) -> ConfigDict:
    """Settings of what has an example in the document.

    Args:
        fields: of the example.
    """
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Body(BaseModel):
    """What is asked; a field that it does not know is refused, since it may be a mistyped one."""

    model_config = ConfigDict(extra="forbid")


class FilmFilters(Body):
    """What films must be; what is left out does not matter."""

    model_config = with_example(genres=["Comedy", "War"], all_of_them=True, decades=["1990s"], least_ratings=100)

    genres: SomeGenres = []
    all_of_them: AllOfThem = False
    decades: Decades = []
    least_ratings: LeastRatings = 0
    most_ratings: MostRatings = None


AnyFilters = Annotated[
    FilmFilters | None,
    described('What films must be, such as {"genres": ["Comedy"], "least_ratings": 100}; or nothing.'),
]


class ToRecommend(Body):
    """Whom to recommend films to."""

    model_config = with_example(ratings={"Fargo (1996)": 5, "Star Wars (1977)": 3}, exclude=["Casino (1995)"])

    ratings: Ratings
    exclude: Exclude = None
    adventure: Adventure = 0.0
    filters: AnyFilters = None


class InGenres(Body):
    """Which genres to recommend films of, and to whom."""

    model_config = with_example(genres=["Comedy", "War"], ratings={"Fargo (1996)": 5}, period="1990s")

    genres: Genres
    ratings: AnyRatings = None
    period: Period = None
    adventure: Adventure = 0.0


class ForGroup(Body):
    """Whom to recommend films to together."""

    model_config = with_example(people=[{"Fargo (1996)": 5}, {"Casino (1995)": 4}], how="fair")

    people: People
    how: How = MEAN
    exclude: Exclude = None
    seen_too: SeenToo = False
    genres: AnyGenres = None
    period: Period = None
    filters: AnyFilters = None


class ToPredict(Body):
    """Whose stars to predict, of which films."""

    model_config = with_example(ratings={"Fargo (1996)": 5}, titles=["Casino (1995)", "star wars"])

    ratings: Ratings
    titles: Titles


class NearTo(Body):
    """Near which film."""

    title: Title


class ToFind(Body):
    """Which films to find."""

    search: Search = ""
    k: HowMany = LIST_LENGTH


FIELDS: dict[str, str] = {
    name: field.description or ""
    for asked in (FilmFilters, ToRecommend, InGenres, ForGroup, ToPredict, NearTo, ToFind)
    for name, field in asked.model_fields.items()
}


class Film(BaseModel):
    """One film of an answer, as recsys.recommend.answers.Suggestion has it."""

    model_config = with_example(
        item_id=127,
        title="The Godfather (1972)",
        genres=["Action", "Crime", "Drama"],
        predicted_stars=4.28,
        chances=[0.001, 0.013, 0.121, 0.429, 0.435],
        mean_stars=4.28,
        n_ratings=413,
        reason="you gave Star Wars (1977) 5 stars",
    )

    item_id: int = Field(description="The film's number in the data.")
    title: str = Field(description="With the year.")
    genres: list[str] = Field(description="As the data call them.")
    predicted_stars: float | None = Field(
        description="What this person might give; nothing where the model, or this answer, predicts none."
    )
    chances: list[float] = Field(
        description="The chance of every star, the lowest first; empty where there are no predicted stars, or the "
        "model does not say how sure it is."
    )
    mean_stars: float | None = Field(description="What people gave on average; nothing where too few did to say.")
    n_ratings: int = Field(description="How many people rated the film.")
    reason: str = Field(description='Why it is listed, as the end of a sentence that begins with "Because"; or empty.')


class Model(BaseModel):
    """What answers."""

    model_config = with_example(model="hybrid-vae", version="80ca9ade3184", number=3, n_films=1682, problem=None)

    model: str = Field(description="The model's name.")
    version: str = Field(
        description="Which model of its name it is: a digest of what it has learned. Other answers have it as the "
        "header Model-Version."
    )
    number: int | None = Field(description="Its number among the versions of this page, where there are any.")
    n_films: int = Field(description="How many films it knows.", ge=1)
    problem: str | None = Field(
        description="Why not the version answers that was promoted last, in a sentence; nothing where it does."
    )


class GroupFilm(Film):
    """One film of an answer for several people; its predicted stars are what they would give on average."""

    model_config = with_example(
        item_id=127,
        title="The Godfather (1972)",
        genres=["Action", "Crime", "Drama"],
        predicted_stars=4.28,
        chances=[],
        mean_stars=4.28,
        n_ratings=413,
        reason="person 1 gave Fargo (1996) 5 stars",
        each_ones_stars=[4.4, 4.16],
        chosen_for=1,
    )

    each_ones_stars: list[float] = Field(
        description="What each would give, in the order of the people; empty where the model predicts none."
    )
    chosen_for: int | None = Field(
        description="In a fair mix, the number of the person for whom the film is there, from 1; else nothing."
    )


class Refusal(BaseModel):
    """Why there is no answer."""

    detail: str = Field(description="A sentence: what came, what was expected, and what to do.", min_length=1)
