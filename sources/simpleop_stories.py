"""SimpleOP's word problems on counted things: one operation, told in many ways.

Every template names the person, the thing and both numbers, so that no two members read the same; containers and second
persons are drawn freely.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sources.simpleop_family import Dice, Draft, Family, capital, grouped, spelled
from sources.simpleop_words import BOXES, CITIES, GROUPS, PEOPLE, PLACES, THINGS, Noun, of


class Told(NamedTuple):
    """A template and what its result is called."""

    text: str
    label: str
    unit: str = "things"
    """Which noun is counted: things, boxes, or none."""


_ADD = (
    Told("{name} has {a_things} and gets {b} more. How many {things} does {she} have now?", "{Things} now"),
    Told(
        "{name} has {a_things} and {other} has {b}. How many {things} do they have altogether?", "{Things} altogether"
    ),
    Told(
        "{name} counted {a_things} in the morning and {b} in the afternoon. How many {things} is that in all?",
        "{Things} in all",
    ),
    Told(
        "{name}'s red {box} holds {a_things} and the blue one holds {b}. How many {things} are there in all?",
        "{Things} in all",
    ),
    Told(
        "{name} packed {a_things} on Monday and {b_things} on Tuesday. How many {things} did {she} pack in total?",
        "Total {things}",
    ),
    Told(
        "{name} had {a_things}. Then {other} gave {name} {b} more. How many {things} does {name} have now?",
        "{Things} now",
    ),
    Told(
        "{name} has {a_things}. {other} has {b} more {things} than {name}. How many {things} does {other} have?",
        "{Things} of {other}",
    ),
    Told(
        "After giving away {b_things}, {name} has {a} left. How many {things} did {she} have at first?",
        "{Things} at first",
    ),
    Told(
        "{name} needs {a_things} for one class and {b} for another. How many {things} does {she} need altogether?",
        "{Things} needed",
    ),
    Told(
        "{name} sold {a_things} last week and {b_things} this week. What is the total number of {things} sold?",
        "Total {things}",
    ),
    Told(
        "At the {place}, {name} counted {a_things} on one shelf and {b} on another. How many {things} were there?",
        "{Things} there",
    ),
    Told("How many {things} does {name} have if {she} adds {b} to {her} {a}?", "{Things}"),
)
_SUBTRACT = (
    Told("{name} has {a_things} and gives away {b}. How many {things} are left?", "{Things} left"),
    Told(
        "{name} had {a_things}. {She} lost {b} of them. How many {things} does {she} have now?",
        "{Things} now",
    ),
    Told(
        "{name} sold {b} of {her} {a_things}. How many {things} does {she} have left?",
        "{Things} left",
    ),
    Told(
        "{name} has {a_things} and {other} has {b}. How many more {things} does {name} have than {other}?",
        "Difference",
    ),
    Told(
        "{name} needs {a_things} and has {b} so far. How many more {things} does {she} need?",
        "{Things} missing",
    ),
    Told(
        "{name}'s {box} holds {a_things}. {She} takes out {b}. How many {things} stay in the {box}?",
        "{Things} left",
    ),
    Told(
        "{name} and {other} have {a_things} together. Of these, {b} are {other}'s. How many {things} are {name}'s?",
        "{Things} of {name}",
    ),
    Told("If {name} uses {b} of {a_things}, how many {things} remain?", "{Things} left"),
    Told(
        "The {place} ordered {a_things} from {name}, and {b} have arrived. How many {things} are still to come?",
        "{Things} to come",
    ),
    Told(
        "{name} gave {other} {b_things} and had {a} before that. How many {things} does {name} have after that?",
        "{Things} left",
    ),
)
_MULTIPLY = (
    Told("{name} has {a_boxes} with {b_things} in each. How many {things} does {she} have in all?", "{Things} in all"),
    Told("{name} fills {a_boxes} with {b_things} each. How many {things} is that altogether?", "{Things} altogether"),
    Told(
        "Each of {name}'s {a_boxes} holds {b_things}. How many {things} are there in total?",
        "Total {things}",
    ),
    Told("{name} sells {b_things} a day. How many {things} does {she} sell in {a} days?", "{Things} sold"),
    Told(
        "{name} gives {b_things} to each of {a} {group}. How many {things} does {she} give away?",
        "{Things} given away",
    ),
    Told("{name} lays out {a} rows of {b_things}. How many {things} does {she} lay out?", "{Things} in all"),
    Told(
        "{other} has {b_things}. {name} has {a} times as many. How many {things} does {name} have?",
        "{Things} of {name}",
    ),
    Told(
        "{name} plans {b_things} for every visitor of the {place}. How many {things} does {she} need for {a} visitors?",
        "{Things} needed",
    ),
    Told("If {name} packs {b_things} an hour, how many {things} are packed after {a} hours?", "{Things} packed"),
)
_DIVIDE = (
    Told(
        "{name} shares {a_things} equally among {b} {group}. How many {things} does each one get?",
        "{Things} each",
    ),
    Told("{name} puts {a_things} into {b} equal piles. How many {things} are in each pile?", "{Things} in each pile"),
    Told(
        "{name} packs {a_things} with {b} to a {box}. How many {boxes} does {she} need?",
        "{Boxes} needed",
        "boxes",
    ),
    Told(
        "{name} divides {a_things} evenly between {b} {boxes}. How many {things} go into each {box}?",
        "{Things} in each {box}",
    ),
    Told("{name} lays {a_things} in {b} equal rows. How many {things} are in a row?", "{Things} in a row"),
    Told(
        "{name} gives away {b_things} a day. How many days do {a_things} last?",
        "Days",
        "days",
    ),
    Told(
        "{name} has {a_things}, which is {b} times as many as {other} has. How many {things} does {other} have?",
        "{Things} of {other}",
    ),
    Told(
        "It took {name} {b} hours to pack {a_things}, the same number every hour. How many {things} was that an hour?",
        "{Things} an hour",
    ),
)
_LEFT_OVER = (
    Told(
        "{name} packs {a_things} into {boxes} of {b} until no full {box} can be made. How many {things} are left over?",
        "Left over",
    ),
    Told(
        "{name} shares {a_things} equally among {b} {group} and keeps the rest. How many {things} does {she} keep?",
        "Left over",
    ),
    Told("{name} lays {a_things} in full rows of {b}. How many {things} do not fit into a row?", "Left over"),
)
_TEMPERATURE = (
    "It was {a} in {city} in the morning, and by night it was {b} degrees colder. What was it at night?",
    "The temperature in {city} was {a} and fell by {b} degrees. What is the temperature now?",
    "In {city} a thermometer shows {a}. What does it show after dropping {b} degrees?",
    "A freezing wind cools {city} from {a} by another {b} degrees. How cold does it get?",
)
_ACCOUNT = (
    "{name}'s account holds ${a}, and a bill of ${b} is taken from it. What is the balance in dollars?",
    "{name} has ${a} in the bank and writes a check for ${b}. What is {her} balance after that?",
    "A payment of ${b} leaves {name}'s account, which held ${a}. What is the new balance?",
    "{name} scored {a} points and then lost {b} points. What is {her} score now?",
)


def _tell(told: Told, a: int, b: int, sign: str, result: int, who: int, what: int, dice: Dice) -> Draft:
    person, thing = PEOPLE[who], THINGS[what]
    # Never the person itself: a step of 1..n-1 around the list.
    other = PEOPLE[(who + dice.between(1, len(PEOPLE) - 1)) % len(PEOPLE)]
    box = BOXES[dice.below(len(BOXES))]
    number = spelled if dice.below(4) == 0 else grouped
    words = {
        "name": person.name,
        "she": person.she,
        "She": capital(person.she),
        "her": person.her,
        "other": other.name,
        "a": number(a),
        "b": number(b),
        "things": thing.many,
        "Things": capital(thing.many),
        "a_things": f"{number(a)} {thing.of(a)}",
        "b_things": f"{number(b)} {thing.of(b)}",
        "box": box.one,
        "boxes": box.many,
        "Boxes": capital(box.many),
        "a_boxes": f"{number(a)} {box.of(a)}",
        "group": GROUPS[dice.below(len(GROUPS))].many,
        "place": PLACES[dice.below(len(PLACES))],
    }
    unit = {"things": thing, "boxes": box, "days": Noun("day", "days")}[told.unit].of(result)
    step = f"{told.label.format_map(words)}: {a} {sign} {b} = {result} {unit}"
    return Draft(told.text.format_map(words), (step,), str(result))


def _add(low: int, digits: Sequence[int], dice: Dice) -> Draft:
    template, a, b, who, what = digits
    a, b = a + low, b + 1
    return _tell(_ADD[template], a, b, "+", a + b, who, what, dice)


def _subtract(low: int, digits: Sequence[int], dice: Dice) -> Draft:
    """The number taken away and the rest are free."""
    template, rest, b, who, what = digits
    rest, b = rest + low, b + 2
    return _tell(_SUBTRACT[template], rest + b, b, "-", rest, who, what, dice)


def _multiply(digits: Sequence[int], dice: Dice) -> Draft:
    template, a, b, who, what = digits
    return _tell(_MULTIPLY[template], a + 2, b + 1, "*", (a + 2) * (b + 1), who, what, dice)


def _divide(digits: Sequence[int], dice: Dice) -> Draft:
    """The divisor and the result are free."""
    template, result, b, who, what = digits
    return _tell(_DIVIDE[template], (result + 1) * (b + 2), b + 2, "/", result + 1, who, what, dice)


def _left_over(digits: Sequence[int], dice: Dice) -> Draft:
    template, a, b, who, what = digits
    a, b = a + 12, b + 3
    times, rest = divmod(a, b)
    draft = _tell(_LEFT_OVER[template], a, b, "-", rest, who, what, dice)
    thing = THINGS[what]
    used = f"Used: {b} * {times} = {b * times} {thing.of(b * times)}"
    return Draft(draft.question, (used, f"Left over: {a} - {b * times} = {rest} {thing.of(rest)}"), str(rest))


def _temperature(digits: Sequence[int], _: Dice) -> Draft:
    template, a, b, city = digits
    a, b = a - 10, b + 2
    step = f"Temperature: {a} - {b} = {of(a - b, 'degrees')}"
    return Draft(_TEMPERATURE[template].format(a=_degrees(a), b=b, city=CITIES[city]), (step,), str(a - b))


def _degrees(value: int) -> str:
    return f"minus {of(-value, 'degrees')}" if value < 0 else of(value, "degrees")


def _account(digits: Sequence[int], _: Dice) -> Draft:
    """The balance and the payment are free, so that half of the balances are below zero."""
    template, a, b, who = digits
    a, b, person = a + 2, b + 2, PEOPLE[who]
    question = _ACCOUNT[template].format(a=a, b=b, name=person.name, her=person.her)
    step = f"{'Score' if 'points' in _ACCOUNT[template] else 'Balance'}: {a} - {b} = {a - b}"
    return Draft(question, (step,), str(a - b))


_WHO = (len(PEOPLE), len(THINGS))

FAMILIES = (
    Family("addition/story", "word", "addition", 30, (len(_ADD), 99, 99, *_WHO), partial(_add, 1)),
    Family("addition/story large", "word", "addition", 25, (len(_ADD), 4900, 900, *_WHO), partial(_add, 100)),
    Family("subtraction/story", "word", "subtraction", 30, (len(_SUBTRACT), 80, 80, *_WHO), partial(_subtract, 0)),
    Family(
        "subtraction/story large", "word", "subtraction", 25, (len(_SUBTRACT), 4900, 900, *_WHO), partial(_subtract, 80)
    ),
    Family("multiplication/story", "word", "multiplication", 50, (len(_MULTIPLY), 58, 120, *_WHO), _multiply),
    Family("division/story", "word", "division", 42, (len(_DIVIDE), 120, 38, *_WHO), _divide),
    Family("division/left over", "word", "remainder", 10, (len(_LEFT_OVER), 288, 10, *_WHO), _left_over),
    Family(
        "subtraction/temperature", "signed", "subtraction", 6, (len(_TEMPERATURE), 41, 40, len(CITIES)), _temperature
    ),
    Family("subtraction/balance", "signed", "subtraction", 8, (len(_ACCOUNT), 400, 400, len(PEOPLE)), _account),
)
