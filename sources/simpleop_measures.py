"""SimpleOP's word problems on money, time and measures: one operation on amounts with units."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from sources.simpleop_family import Dice, Draft, Family, decimal, exact_digits, grouped, money
from sources.simpleop_words import FOODS, GOODS, LIQUIDS, MATERIALS, PEOPLE, TASKS, of, with_article

_SPEND = (
    "{name} buys {good} for {a} and {good2} for {b}. How much does {she} pay in all?",
    "{name} pays {a} for {good} and {b} for {good2}. How much is that altogether?",
    "{name} spent {a} on Friday and {b} on Saturday. How much did {she} spend in total?",
    "{name} has {a} and earns {b} more. How much money does {she} have now?",
    "{name} saved {a} in May and {b} in June. How much did {she} save in the two months?",
    "{name} orders {good} at {a}, and delivery costs {b}. What is the total cost?",
)
_CHANGE = (
    "{name} has {a} and spends {b} on {good}. How much money is left?",
    "{name} pays with {a} for {good} that costs {b}. How much change does {she} get?",
    "{name} wants {good} that costs {a} and has {b} so far. How much more does {she} need?",
    "{name} had {a} in {her} wallet and gave {b} to a friend. How much does {she} have now?",
    "{name} sold {good} for {a} that had cost {her2} {b}. How much profit did {she} make?",
    "{name} compares two shops: one asks {a} for {good}, the other {b}. What is the difference in price?",
)
_BUY = (
    "{name} buys {n} {goods} at {a} each. How much does {she} pay?",
    "One {good1} costs {a}. How much does {name} pay for {n}?",
    "{name} sells {n} {goods} for {a} apiece. How much money does {she} take in?",
    "{name} earns {a} an hour. How much does {she} earn in {n} hours?",
    "{name} saves {a} every week. How much has {she} saved after {n} weeks?",
    "{name} needs {n} tickets at {a} each. What is the total price?",
)
_UNIT_PRICE = (
    "{name} pays {t} for {n} {goods} that all cost the same. How much does one cost?",
    "{name} splits a bill of {t} equally among {n} people. How much does each person pay?",
    "{name} earned {t} in {n} hours. How much is that an hour?",
    "{name} saved {t} in {n} weeks, the same amount every week. How much was that a week?",
    "{name} buys {n} {goods} for {t}. What is the price of a single one?",
)
_MINUTES_SUM = (
    "{name} spends {a} minutes on {task} and {b} minutes getting home. How many minutes is that in total?",
    "{name} reads for {a} minutes and then draws for {b} minutes. How long does that take in all?",
    "{name} practiced for {a} minutes yesterday and {b} minutes today. How many minutes did {she} practice?",
    "{name} waits {b} minutes for {task} that takes {a} minutes. How many minutes is that altogether?",
)
_MINUTES_LEFT = (
    "{name} has {a} minutes for {task} and has used {b}. How many minutes are left?",
    "{name} ran a course in {a} minutes last year and is {b} minutes faster now. What is {her} time now?",
    "{name} set a timer to {a} minutes. How many minutes remain after {b} minutes?",
    "{name}'s {a}-minute break is over in {b} minutes. How many minutes of it have passed?",
)
_TO_MINUTES = (
    "{name} books {task} of {h} hours and {m} minutes. How many minutes is that?",
    "How many minutes does {name} work if {she} works {h} hours and {m} minutes?",
    "{name} slept for {h} hours and {m} minutes. How many minutes did {she} sleep?",
    "{name} drove for {h} hours and {m} minutes. How long is that in minutes?",
)
_ELAPSED = (
    "{name} leaves at {start} and arrives at {end} on the same morning. How many minutes is {she} on the way?",
    "{name} starts work at {start} a.m. and takes a break at {end} a.m. How many minutes is that?",
    "{name}'s train departs at {start} a.m. and gets in at {end} a.m. How many minutes does the ride take?",
    "{name} goes swimming from {start} to {end} in the morning. How many minutes is that?",
)
_DAYS = (
    "{name} is away for {w} weeks and {d} days. How many days is that?",
    "How many days are there until {name}'s trip, which is {w} weeks and {d} days away?",
    "{name} has been learning the violin for {w} weeks and {d} days. How many days is that?",
)


class Measure(NamedTuple):
    """A unit with what is measured in it."""

    unit: str
    things: tuple[str, ...]


_MEASURES = (
    Measure("meters", MATERIALS),
    Measure("feet", MATERIALS),
    Measure("liters", LIQUIDS),
    Measure("gallons", LIQUIDS),
    Measure("kilograms", FOODS),
    Measure("pounds", FOODS),
)
_AMOUNT_SUM = (
    "{name} has {a} {unit} of {thing} and buys {b} {unit} more. How many {unit} does {she} have now?",
    "{name} used {a} {unit} of {thing} on Monday and {b} {unit} on Tuesday. How many {unit} is that in all?",
    "{name} adds {b} {unit} of {thing} to {a} {unit}. How many {unit} are there then?",
    "{name} needs {a} {unit} of {thing} for one job and {b} {unit} for another. How many {unit} does {she} need?",
)
_AMOUNT_LEFT = (
    "{name} has {a} {unit} of {thing} and uses {b} {unit}. How many {unit} are left?",
    "{name} takes {b} {unit} from {a} {unit} of {thing}. How many {unit} remain?",
    "{name} needs {a} {unit} of {thing} and has {b} {unit}. How many {unit} are missing?",
    "{name} sold {b} of {her} {a} {unit} of {thing}. How many {unit} does {she} still have?",
)
_AMOUNT_TIMES = (
    "{name} buys {n} packs of {thing} with {a} {unit} each. How many {unit} is that?",
    "{name} uses {a} {unit} of {thing} a day. How many {unit} does {she} use in {n} days?",
    "{name} hands out {a} {unit} of {thing} to each of {n} people. How many {unit} does {she} need?",
)
_AMOUNT_SHARE = (
    "{name} divides {t} {unit} of {thing} into {n} equal parts. How many {unit} is each part?",
    "{name} uses up {t} {unit} of {thing} in {n} days, the same amount each day. How many {unit} is that a day?",
    "{name} shares {t} {unit} of {thing} equally among {n} people. How many {unit} does each one get?",
)
_CONVERSIONS = (
    ("meters", "centimeters", 100),
    ("kilometers", "meters", 1000),
    ("kilograms", "grams", 1000),
    ("liters", "milliliters", 1000),
    ("centimeters", "millimeters", 10),
    ("feet", "inches", 12),
    ("yards", "feet", 3),
    ("pounds", "ounces", 16),
    ("gallons", "quarts", 4),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("days", "hours", 24),
)
_CONVERT = (
    "How many {small} are there in {a} {big}?",
    "Convert {a} {big} to {small}.",
    "{a} {big} is how many {small}?",
    "Change {a} {big} into {small}.",
    "What is {a} {big} in {small}?",
    "Write {a} {big} as a number of {small}.",
    "Express {a} {big} in {small}.",
)
_TRAVEL = (
    "{name} rides a train at {a} {unit} an hour for {n} hours. How many {unit} is that?",
    "{name} drives {n} hours at a steady {a} {unit} per hour. How many {unit} does {she} cover?",
    "{name} travels {a} {unit} a day. How many {unit} does {she} travel in {n} days?",
)


def _person(who: int, text: str, **words: object) -> str:
    person = PEOPLE[who]
    object_case = "her" if person.she == "she" else "him"
    return text.format(name=person.name, she=person.she, her=person.her, her2=object_case, **words)


def _goods(dice: Dice) -> dict[str, str]:
    first = dice.below(len(GOODS))
    second = GOODS[(first + dice.between(1, len(GOODS) - 1)) % len(GOODS)]
    return {
        "good": with_article(GOODS[first].one),
        "good1": GOODS[first].one,
        "good2": with_article(second.one),
        "goods": GOODS[first].many,
    }


def _plain(cents: int) -> str:
    return "$" + money(cents).replace(",", "").lstrip("$")


def _cash(texts: Sequence[str], sign: str, digits: Sequence[int], dice: Dice) -> Draft:
    """Two amounts in steps of five cents; below the larger one when the smaller is taken away."""
    template, a, b, who = digits
    b = 5 * (b + 20)
    a = 5 * (a + 20) + (b if sign == "-" else 0)
    result = a + b if sign == "+" else a - b
    question = _person(who, texts[template], a=money(a), b=money(b), **_goods(dice))
    label = "Total" if sign == "+" else "Difference"
    return Draft(question, (f"{label}: {_plain(a)} {sign} {_plain(b)} = {_plain(result)}",), _plain(result)[1:])


def _cash_times(digits: Sequence[int], dice: Dice) -> Draft:
    template, a, n, who = digits
    a, n = 5 * (a + 20), n + 2
    question = _person(who, _BUY[template], a=money(a), n=n, **_goods(dice))
    return Draft(question, (f"Total: {n} * {_plain(a)} = {_plain(a * n)}",), _plain(a * n)[1:])


def _cash_share(digits: Sequence[int], dice: Dice) -> Draft:
    template, a, n, who = digits
    a, n = 5 * (a + 20), n + 2
    question = _person(who, _UNIT_PRICE[template], t=money(a * n), n=n, **_goods(dice))
    return Draft(question, (f"Each: {_plain(a * n)} / {n} = {_plain(a)}",), _plain(a)[1:])


def _minutes(texts: Sequence[str], sign: str, digits: Sequence[int], dice: Dice) -> Draft:
    template, a, b, who = digits
    b += 2
    a += 10 + (b if sign == "-" else 0)
    result = a + b if sign == "+" else a - b
    question = _person(who, texts[template], a=a, b=b, task=TASKS[dice.below(len(TASKS))])
    return Draft(question, (f"Minutes: {a} {sign} {b} = {of(result, 'minutes')}",), str(result))


def _to_minutes(digits: Sequence[int], dice: Dice) -> Draft:
    template, h, m, who = digits
    h, m = h + 2, m + 2
    question = _person(who, _TO_MINUTES[template], h=h, m=m, task=TASKS[dice.below(len(TASKS))])
    steps = (f"Whole hours: {h} * 60 = {60 * h} minutes", f"Total: {60 * h} + {m} = {60 * h + m} minutes")
    return Draft(question, steps, str(60 * h + m))


_FIRST_MINUTE, _LAST_MINUTE = 5 * 60, 12 * 60 - 1


def _elapsed(digits: Sequence[int], _: Dice) -> Draft:
    """Both clock times lie in one morning; the working counts minutes since midnight."""
    template, start, length, who = digits
    start += _FIRST_MINUTE
    end = start + 2 + length
    clocks = {"start": f"{start // 60}:{start % 60:02d}", "end": f"{end // 60}:{end % 60:02d}"}
    steps = (
        f"End: {end // 60} * 60 + {end % 60} = {end} minutes",
        f"Start: {start // 60} * 60 + {start % 60} = {start} minutes",
        f"Minutes: {end} - {start} = {of(end - start, 'minutes')}",
    )
    return Draft(_person(who, _ELAPSED[template], **clocks), steps, str(end - start))


def _days(digits: Sequence[int], _: Dice) -> Draft:
    template, w, d, who = digits
    w, d = w + 2, d + 2
    steps = (f"Whole weeks: {w} * 7 = {7 * w} days", f"Total: {7 * w} + {d} = {7 * w + d} days")
    return Draft(_person(who, _DAYS[template], w=w, d=d), steps, str(7 * w + d))


def _amounts(texts: Sequence[str], sign: str, digits: Sequence[int], dice: Dice) -> Draft:
    template, a, b, kind, who = digits
    measure = _MEASURES[kind]
    left, right = exact_digits(a, 1), exact_digits(b, 1)
    if sign == "-":
        # At least two whole units: nothing is ever "1 meters".
        left += right + 1
    result = left + right if sign == "+" else left - right
    thing = measure.things[dice.below(len(measure.things))]
    question = _person(who, texts[template], a=decimal(left), b=decimal(right), unit=measure.unit, thing=thing)
    label = "Total" if sign == "+" else "Left"
    step = f"{label}: {decimal(left)} {sign} {decimal(right)} = {of(decimal(result), measure.unit)}"
    return Draft(question, (step,), decimal(result))


def _amount_by(texts: Sequence[str], sign: str, digits: Sequence[int], dice: Dice) -> Draft:
    """An amount per part and the number of parts are free."""
    template, a, n, kind, who = digits
    measure, part, n = _MEASURES[kind], exact_digits(a, 1) + 1, n + 2
    thing = measure.things[dice.below(len(measure.things))]
    whole = part * n
    question = _person(who, texts[template], a=decimal(part), t=decimal(whole), n=n, unit=measure.unit, thing=thing)
    if sign == "*":
        return Draft(question, (f"Total: {decimal(part)} * {n} = {decimal(whole)} {measure.unit}",), decimal(whole))
    return Draft(question, (f"Each: {decimal(whole)} / {n} = {decimal(part)} {measure.unit}",), decimal(part))


def _convert(digits: Sequence[int], _: Dice) -> Draft:
    template, tenths, kind = digits
    amount = Fraction(tenths + 11, 10)
    big, small, factor = _CONVERSIONS[kind]
    result = decimal(amount * factor)
    question = _CONVERT[template].format(a=decimal(amount), big=big, small=small)
    return Draft(question, (f"{small.capitalize()}: {decimal(amount)} * {factor} = {result} {small}",), result)


def _travel(digits: Sequence[int], _: Dice) -> Draft:
    template, a, n, unit, who = digits
    a, n, name = a + 4, n + 2, ("kilometers", "miles")[unit]
    question = _person(who, _TRAVEL[template], a=grouped(a), n=n, unit=name)
    return Draft(question, (f"Distance: {a} * {n} = {a * n} {name}",), str(a * n))


_WHO = len(PEOPLE)


def _family(
    name: str, kind: str, slots: int, texts: Sequence[str], sizes: tuple[int, ...], write: Callable[..., Draft]
) -> Family:
    return Family(f"{name} {kind}", kind, name, slots, (len(texts), *sizes), write)


FAMILIES = (
    _family("addition", "money", 20, _SPEND, (1990, 990, _WHO), partial(_cash, _SPEND, "+")),
    _family("subtraction", "money", 20, _CHANGE, (1990, 990, _WHO), partial(_cash, _CHANGE, "-")),
    _family("multiplication", "money", 17, _BUY, (400, 19, _WHO), _cash_times),
    _family("division", "money", 13, _UNIT_PRICE, (400, 11, _WHO), _cash_share),
    _family("addition", "time", 10, _MINUTES_SUM, (110, 90, _WHO), partial(_minutes, _MINUTES_SUM, "+")),
    _family("subtraction", "time", 10, _MINUTES_LEFT, (80, 60, _WHO), partial(_minutes, _MINUTES_LEFT, "-")),
    _family("conversion", "time", 8, _TO_MINUTES, (11, 58, _WHO), _to_minutes),
    _family("elapsed", "time", 12, _ELAPSED, (240, _LAST_MINUTE - _FIRST_MINUTE - 241, _WHO), _elapsed),
    Family("days time", "time", "conversion", 1, (len(_DAYS), 50, 5, _WHO), _days),
    _family("addition", "measure", 10, _AMOUNT_SUM, (400, 400, 6, _WHO), partial(_amounts, _AMOUNT_SUM, "+")),
    _family("subtraction", "measure", 10, _AMOUNT_LEFT, (400, 400, 6, _WHO), partial(_amounts, _AMOUNT_LEFT, "-")),
    _family(
        "multiplication", "measure", 10, _AMOUNT_TIMES, (200, 19, 6, _WHO), partial(_amount_by, _AMOUNT_TIMES, "*")
    ),
    _family("division", "measure", 10, _AMOUNT_SHARE, (200, 11, 6, _WHO), partial(_amount_by, _AMOUNT_SHARE, "/")),
    _family("conversion", "measure", 6, _CONVERT, (990, len(_CONVERSIONS)), _convert),
    _family("travel", "measure", 6, _TRAVEL, (96, 11, 2, _WHO), _travel),
)
