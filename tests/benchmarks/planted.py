"""Word problems of our own with planted copies: the same problem written or worded otherwise, and other problems alike.

Problem number i follows from (seed, i) alone. Every `EVERY`th problem is a copy of the one before it, by the edits of
`EDITS` in turn.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from pipeline.core.numwords import cardinal

EVERY = 20


def _listed(words: str) -> list[str]:
    return words.split()


_NAMES = _listed(
    """
    Ada Bo Cleo Dan Edda Finn Gus Hana Ivo Jun Kaia Lars Mina Nils Orla Piet Quin Rosa Sven Tove Una
    Vito
    """
)
_THINGS = _listed(
    """
    pears plums nails tiles cups stamps shells ribbons candles buttons marbles beads bricks lamps
    kites coins seeds towels spoons boxes bottles letters pens maps
    """
)
_PLACES = _listed(
    """
    cellar shed attic garden kitchen barn office workshop library station school market harbour
    tower
    """
)
_DAYS = _listed(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
)
_OPENINGS = (
    "{a} keeps {n0} {x} in the {p}.",
    "There are {n0} {x} in the {p} that belongs to {a}.",
    "On {d} {a} counts {n0} {x} in the {p}.",
    "In the {p}, {a} has stacked {n0} {x} into neat rows.",
)
_TURNS = (
    "{b} carries away {n1} of them before noon.",
    "Then {b} brings {n1} {y} and lays them beside the {x}.",
    "A neighbour called {b} borrows {n1} {x} and promises to return them.",
    "Because of the rain, {b} moves {n1} {x} to the {q}.",
    "For every {x} there are {n1} {y} waiting in the {q}.",
)
_LATER = (
    "Later {a} finds {n2} {x} behind the door of the {q}.",
    "At the end of the week {n2} {y} turn out to be broken.",
    "{c} offers to buy {n2} {x} for ${n3} altogether.",
    "After lunch {c} sorts {n2} {y} by colour, which takes {n3} minutes.",
)
_QUESTIONS = (
    "How many {x} are in the {p} now?",
    "What is the number of {y} that {b} and {c} have together?",
    "How many {x} does {a} own in the end?",
    "How many {y} would fill the {q}, if nothing else changes?",
)
_OTHER_WORDS = _listed(
    """
    quietly old wooden soon blue near gladly large round early behind fresh every narrow again
    simple
    """
)


class Planted(NamedTuple):
    """A problem, and how it came from the one before it."""

    question: str
    edit: str
    """Name in `EDITS`, "" for a problem of its own."""


def original(seed: int, number: int) -> str:
    """Problem number `number`; two of them are the same only by accident."""
    dice = random.Random(f"{seed} {number}")
    a, b, c = dice.sample(_NAMES, 3)
    x, y = dice.sample(_THINGS, 2)
    p, q = dice.sample(_PLACES, 2)
    numbers = {f"n{place}": dice.randrange(2, 400) for place in range(4)}
    forms = (dice.choice(forms) for forms in (_OPENINGS, _TURNS, _LATER, _QUESTIONS))
    return " ".join(forms).format(a=a, b=b, c=c, x=x, y=y, p=p, q=q, d=dice.choice(_DAYS), **numbers)


def problem(seed: int, number: int) -> Planted:
    """Problem number `number`, a copy where its turn is."""
    if number % EVERY != EVERY - 1:
        return Planted(original(seed, number), "")
    names = list(EDITS)
    edit = names[number // EVERY % len(names)]
    return Planted(EDITS[edit](original(seed, number - 1), random.Random(f"edit {seed} {number}")), edit)


def _in_words(text: str, _dice: random.Random) -> str:
    return " ".join(cardinal(int(word)) if word.isdigit() else word for word in text.split())


def _words_changed(count: int) -> Callable[[str, random.Random], str]:
    def edit(text: str, dice: random.Random) -> str:
        words = text.split()
        places = [at for at, word in enumerate(words) if word.isalpha()]
        for at in dice.sample(places, count):
            words[at] = dice.choice(_OTHER_WORDS)
        return " ".join(words)

    return edit


def _sentence_added(text: str, dice: random.Random) -> str:
    body, _, question = text.rpartition(". ")
    return f"{body}. The {dice.choice(_OTHER_WORDS)} dog of the house sleeps through all of this. {question}"


def _sentences_swapped(text: str, _dice: random.Random) -> str:
    first, second, *rest = text.split(". ")
    return ". ".join([second, first, *rest])


def _number_changed(text: str, dice: random.Random) -> str:
    words = text.split()
    at = dice.choice([at for at, word in enumerate(words) if word.isdigit()])
    words[at] = str(int(words[at]) + dice.randrange(1, 50))
    return " ".join(words)


def _question_changed(text: str, dice: random.Random) -> str:
    body, _, _ = text.rpartition(". ")
    return f"{body}. Which part of the {dice.choice(_THINGS)} would be left over if all were shared by seven children?"


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "numbers in words": _in_words,
    **{f"{count} words changed": _words_changed(count) for count in (1, 2, 3, 4, 6)},
    "a sentence added": _sentence_added,
    "sentences swapped": _sentences_swapped,
    "one number changed": _number_changed,
    "another question": _question_changed,
}
OTHER_PROBLEMS = ("one number changed", "another question")
"""Edits that make another problem."""
