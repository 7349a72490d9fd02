"""The component that tells who is here."""

from dataclasses import dataclass

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import Request, Shelves, has_ended
from recsys.serve.sentences import without_folders
from recsys.ui.account.bar import bar_for


@dataclass(frozen=True, eq=False)
class AccountBar:
    """The component, and what it shows.

    Attributes:
        bar: the component.
        hugging_face: whether people can sign in with an account there.
    """

    bar: gr.HTML
    hugging_face: bool

    def shown(self, shelves: Shelves, request: Request) -> Markup:
        """What it shows to whoever makes a request."""
        members = shelves.members
        try:
            person = shelves.person(request)
            if person is not None:
                return bar_for(person.name, warning=members.warning, own=members.store.accounts.has_password(person))
            return self.guest(members, members.problem or "")
        except DataError as reason:
            return self.guest(members, without_folders(str(reason)), ended=has_ended(reason))

    def guest(self, members: Members, problem: str, ended: bool = False) -> Markup:
        """What it shows to a guest.

        Args:
            members: say how long accounts are kept.
            problem: why nobody can sign in, or what went wrong; "" if nothing did.
            ended: whether the guest's session has ended.
        """
        sentence = problem[:1].upper() + problem[1:]
        return bar_for(None, sentence, members.warning, hugging_face=self.hugging_face, ended=ended)
