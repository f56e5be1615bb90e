"""What the office needs of a press: a Word template and facts in, a document out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.office.campaign import FormField
from service.office.finding import Problem
from service.office.mark import Mark


class Typeset(Protocol):
    """Text that brings its own look, escaped when it was made: docxtpl's RichText and Listing are such."""

    xml: str

    def __html__(self) -> str:
        """Word's XML."""
        ...


# What a template may be given: plain data, or text with a look of its own; no objects of ours.
Value = str | int | bool | None | Typeset | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Imprint:
    """What is put into a document besides its template's text: the code's carriers and field bookmarks."""

    code: str = ""
    fields: tuple[FormField, ...] = ()
    title: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)  # further custom properties: campaign, item
    known: Mapping[str, str] = field(default_factory=dict)  # answers to put into empty fields, by field key
    mark: Mark | None = None  # drawn beside the printed code, for scans and photographs


@dataclass(frozen=True, slots=True)
class Trial:
    """Facts that a template is tried with besides its own; `whom` ends a sentence: 给没有联系人的单位."""

    whom: str
    facts: Mapping[str, Value]


class PressError(Exception):
    """A template could not be rendered; `problem` names paragraph and remedy."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of a batch: the document under a file name that every disk takes, or why there is none."""

    line: int  # of the data, counted from 1
    name: str
    document: bytes | None
    say: str = ""


class Press(Protocol):
    """Renders Word templates."""

    def render(
        self, template: bytes, name: str, facts: Mapping[str, Value], imprint: Imprint | None = None
    ) -> bytes:
        """One document, the same bytes for the same input; raises PressError, never loses text silently."""
        ...

    def refill(
        self, form: bytes, fields: Sequence[FormField], answers: Mapping[str, str], wrong: Collection[str]
    ) -> bytes | None:
        """A form as it was sent, with answers typed in and the `wrong` fields left open and marked.

        None where it cannot be opened as a Word file.
        """
        ...

    def lint(
        self,
        template: bytes,
        name: str,
        facts: Mapping[str, Value],
        trials: Sequence[Trial] = (),
        fields: Sequence[FormField] = (),
    ) -> tuple[Problem, ...]:
        """Everything wrong in a template, by paragraph, with a trial render against `facts` and each trial.

        `fields`: what the campaign asks for in this form, to be compared with the form's own labels.
        """
        ...
