"""The names, things and places that SimpleOP's stories are filled with, with their grammar.

Lists may grow only together with `simpleop.VERSION`: the same index would give another story.
"""

from typing import NamedTuple


class Person(NamedTuple):
    """A first name and the pronouns that go with it."""

    name: str
    she: str
    her: str
    """Possessive: "her books"."""


class Noun(NamedTuple):
    """A countable thing."""

    one: str
    many: str

    def of(self, count: int) -> str:
        """The form that goes with a count: 1 apple, 2 apples, 0 apples, -1 degrees."""
        return self.one if count == 1 else self.many


_SHE = "Amara Beatrix Carmen Dalia Elena Farah Greta Hana Imani Jasmine Keiko Leila Maya Nadia Olga Priya Rosa Sofia \
Tamara Uma Vera Willa Yara Zoe Astrid Bianca Chloe Freya Ingrid Noor"
_HE = "Ahmed Boris Carlos Diego Emeka Felix Gabriel Hugo Idris Jamal Kofi Liam Mateo Nikhil Omar Pavel Quentin Rafael \
Samir Tomas Umar Viktor Wei Yusuf Zane Anton Bruno Callum Dmitri Enzo"

PEOPLE = (
    *(Person(name, "she", "her") for name in _SHE.split()),
    *(Person(name, "he", "his") for name in _HE.split()),
)


def _nouns(text: str) -> tuple[Noun, ...]:
    """Nouns from "apple box/boxes child/children": a regular plural needs no second form."""
    pairs = (word.replace("_", " ").partition("/") for word in text.split())
    return tuple(Noun(one, many or one + "s") for one, _, many in pairs)


THINGS = _nouns(
    "apple orange lemon peach/peaches plum cookie muffin pretzel cupcake bagel walnut chestnut strawberry/strawberries "
    "carrot potato/potatoes tomato/tomatoes marble sticker stamp coin card button bead seashell pebble crayon pencil "
    "pen eraser notebook balloon ribbon key badge postcard comic_book toy_car magnet feather acorn candle flower "
    "tulip rose leaf/leaves ticket token puzzle_piece brick tile screw bolt battery/batteries bottle_cap envelope "
    "photo paper_clip"
)
"""Small things that a person may own, give away, pack and share."""

BOXES = _nouns("box/boxes bag basket jar tray packet crate bucket drawer tin bowl case pouch/pouches carton bin")
"""What small things are packed into."""

GROUPS = _nouns("friend cousin classmate neighbor teammate guest child/children student player visitor")
"""Those among whom things are shared."""

GOODS = _nouns(
    "sandwich/sandwiches mug scarf/scarves lamp puzzle board_game backpack umbrella plant poster wallet hat T-shirt "
    "cushion blanket teapot kite football helmet novel dictionary/dictionaries frame clock toolbox/toolboxes "
    "water_bottle phone_case picture_book cake pizza melon"
)
"""What has a price."""

DEAR_GOODS = _nouns(
    "jacket bicycle tablet camera guitar armchair desk watch/watches suitcase printer coat tent mirror "
    "bookshelf/bookshelves drill radio saddle phone telescope keyboard"
)
"""What costs tens or hundreds of dollars."""

LIQUIDS = ("water", "milk", "orange juice", "lemonade", "olive oil", "paint", "soup", "tea", "syrup", "petrol")
MATERIALS = ("ribbon", "rope", "wire", "fabric", "string", "pipe", "cable", "hose", "chain", "tape")
FOODS = ("rice", "flour", "sugar", "coffee", "cheese", "salt", "oats", "lentils", "pasta", "honey", "butter", "nuts")
PLACES = ("library", "museum", "bakery", "farm", "factory", "school", "theater", "zoo", "market", "stadium")
CITIES = (
    "Oslo",
    "Riga",
    "Bergen",
    "Calgary",
    "Helsinki",
    "Warsaw",
    "Sapporo",
    "Denver",
    "Chicago",
    "Munich",
    "Turin",
    "Harbin",
)
"""Where it freezes in winter."""
TASKS = (
    "a film",
    "a train ride",
    "a swimming lesson",
    "a piano practice",
    "a bus trip",
    "a football match",
    "a meeting",
    "a hike",
    "a concert",
    "a flight",
    "a workshop",
    "a museum tour",
)


def of(count: object, units: str) -> str:
    """A count with its unit: "1 foot", "2.5 feet"."""
    one = {"feet": "foot", "inches": "inch"}.get(units, units.removesuffix("s"))
    return f"{count} {one if str(count) in ('1', '-1') else units}"


def with_article(noun: str) -> str:
    """The noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
