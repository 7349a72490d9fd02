"""HTML of the operator's page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from recsys.loop.words import TITLE, TOO_FEW, Table
from recsys.ui import browser
from recsys.ui.markup import NOTHING, joined

STYLES = browser.styles("operator/operator.css")  # no sign in them means anything in HTML


def page(answering: str, body: Markup) -> Markup:
    """The whole page.

    Args:
        answering: which model answers now.
        body: what there is to tell.
    """
    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} – Movie VAE</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        '<link rel="icon" type="image/svg+xml" href="favicon.svg"><style>{styles}</style></head>'
        '<body><main><p class="back"><a href="./">Back to the films</a></p><h1>{title}</h1>'
        '<p class="answering">Now answers: <b>{answering}</b></p>{body}</main></body></html>\n'
    ).format(title=TITLE, answering=answering, body=body, styles=STYLES)


def told(about: str, made_at: datetime, parts: Markup, state: Markup) -> Markup:
    """A report.

    Args:
        about: what it is about, and who.
        made_at: when it was made.
        parts: all of it.
        state: what is to be said of a newer one.
    """
    return Markup('{state}<p class="about">{about}</p><p class="about">Worked out {made}.</p>{parts}').format(
        state=state, about=about, made=moment(made_at), parts=parts
    )


def moment(at: datetime) -> str:
    """Such as on 3 Mar 2026 at 14:05 UTC."""
    there = at.astimezone(UTC)
    return f"on {there.day} {there:%b %Y at %H:%M} UTC"


def state(sentence: str) -> Markup:
    """What there is to say before all else."""
    return Markup('<p class="state" role="status">{}</p>').format(sentence)


def part(name: str, tables: list[Table]) -> Markup:
    """A version, or all together; a sentence where there is no table."""
    shown = joined(table(each, name) for each in tables) if tables else Markup("<p>{}</p>").format(TOO_FEW)
    return Markup('<section><h2>{}</h2><div class="tables">{}</div></section>').format(name, shown)


def table(of: Table, whose: str) -> Markup:
    """A table with its head; whose: what the part is called that it belongs to."""
    return Markup(
        '<figure><figcaption><h3>{title}</h3>{about}</figcaption><div class="wide" tabindex="0" role="region" '
        'aria-label="{title}: {whose}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        "</figure>"
    ).format(
        title=of.title,
        whose=whose,
        about=Markup("<p>{}</p>").format(of.about) if of.about else NOTHING,
        head=joined(Markup('<th scope="col">{}</th>').format(cell) for cell in of.head),
        rows=joined(map(row, of.rows)),
    )


def row(cells: Sequence[str]) -> Markup:
    """A row, which its first cell names."""
    named = joined(Markup('<th scope="row">{}</th>').format(cell) for cell in cells[:1])
    return Markup("<tr>{}{}</tr>").format(named, joined(Markup("<td>{}</td>").format(cell) for cell in cells[1:]))
