"""SimpleOP's fractions and percentages, plain and in small stories."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from math import gcd, lcm

from sources.simpleop_family import Dice, Draft, Family, capital, decimal, fraction, grouped, money
from sources.simpleop_words import DEAR_GOODS, PEOPLE, THINGS, with_article

FRACTIONS = tuple(Fraction(a, b) for b in (*range(2, 11), 12) for a in range(1, 20) if gcd(a, b) == 1)
"""Fractions in lowest terms whose common denominators can be said in a breath."""
PROPER = tuple(value for value in FRACTIONS if value < 1)
SMALL = tuple(value for value in PROPER if value.denominator <= 6)

_ADD = (
    "What is {a} + {b}?",
    "What is {a} plus {b}?",
    "Add {a} and {b}.",
    "Find the sum of {a} and {b}.",
    "Work out {a} + {b}.",
    "Calculate {a} plus {b}.",
    "How much is {a} plus {b}?",
    "What do you get when you add {b} to {a}?",
)
_SUBTRACT = (
    "What is {a} - {b}?",
    "What is {a} minus {b}?",
    "Subtract {b} from {a}.",
    "Work out {a} - {b}.",
    "Calculate {a} minus {b}.",
    "How much is {a} minus {b}?",
    "Take {b} away from {a}. What is left?",
)
_MULTIPLY = (
    "What is {a} × {b}?",
    "What is {a} times {b}?",
    "Multiply {a} by {b}.",
    "Find the product of {a} and {b}.",
    "Work out {a} times {b}.",
    "Calculate {a} × {b}.",
    "What is {a} of {b}?",
)
_DIVIDE = (
    "What is {a} ÷ {b}?",
    "What is {a} divided by {b}?",
    "Divide {a} by {b}.",
    "Work out {a} divided by {b}.",
    "Calculate {a} ÷ {b}.",
    "What do you get when you divide {a} by {b}?",
)
_PART = (
    "What is {a} of {b}?",
    "Work out {a} of {b}.",
    "Find {a} of {b}.",
    "How much is {a} of {b}?",
    "Calculate {a} of {b}.",
    "Can you tell me what {a} of {b} is?",
)
_PART_STORIES = (
    "{name} has {b} {things} and gives away {a} of them. How many {things} does {she} give away?",
    "Of the {b} {things} in {name}'s collection, {a} are new. How many {things} are new?",
    "{name} has packed {a} of {her} {b} {things}. How many {things} has {she} packed?",
    "There are {b} {things} on the table, and {a} of them belong to {name}. How many {things} are {name}'s?",
    "{name} bought {b} {things} and used {a} of them. How many {things} did {she} use?",
    "{name} painted {a} of {b} {things}. How many {things} did {she} paint?",
)
_SIMPLIFY = (
    "Write {a}/{b} in lowest terms.",
    "Simplify the fraction {a}/{b}.",
    "Reduce {a}/{b} as far as possible.",
    "What is {a}/{b} in simplest form?",
)
_PERCENT = (
    "What is {a}% of {b}?",
    "Work out {a}% of {b}.",
    "Find {a}% of {b}.",
    "How much is {a}% of {b}?",
    "Calculate {a}% of {b}.",
    "Can you tell me what {a} percent of {b} is?",
    "What is {a} percent of {b}?",
    "What number is {a}% of {b}?",
)
_WHAT_PERCENT = (
    "What percent of {b} is {a}?",
    "{a} is what percent of {b}?",
    "What percentage of {b} is {a}?",
    "Out of {b}, what percent is {a}?",
    "Express {a} as a percentage of {b}.",
)
_TIPS = (
    "A meal costs {b} and {name} leaves a {a}% tip. How much is the tip?",
    "{name} leaves a tip of {a}% on a bill of {b}. How many dollars is the tip?",
    "{name}'s bill comes to {b}. What is a {a}% tip on that?",
    "{name} takes a taxi for {b} and tips the driver {a}%. How much does {she} tip?",
)
_SHARES = (
    "{name} buys {a_good} that costs {b} before tax. How much is the sales tax at {a}%?",
    "{name} earns {a}% commission on a sale of {b}. How much commission is that?",
    "{name}'s savings account holds {b} and pays {a}% interest a year. How much interest is that in one year?",
    "{name} puts aside {a}% of a {b} paycheck. How much does {she} put aside?",
    "{name} sells {a_good} for {b} and pays a fee of {a}%. How much is the fee?",
)
_DISCOUNTS = (
    "{name} wants {a_good} that costs {b}. It is on sale at {a}% off. What is the sale price?",
    "{name} buys {a_good} marked {b} with a {a}% discount. How much does {she} pay?",
    "{name}'s shop cuts the price of {a_good} by {a}% from {b}. What is the new price?",
    "{name} has a coupon for {a}% off {a_good} priced at {b}. What does {she} pay with the coupon?",
)
_RAISES = (
    "{name}'s shop raises the price of {a_good} by {a}% from {b}. What is the new price?",
    "{name} earns {b} a week and gets a raise of {a}%. What does {she} earn a week now?",
    "{name}'s rent of {b} a month goes up by {a}%. What is the new rent?",
    "{name} pays {b} for a hotel room plus {a}% tax. How much is that in total?",
)
_SCORES = (
    "{name} answered {part} of {whole} questions correctly. What percent did {she} get right?",
    "{name} made {part} of {her} {whole} free throws. What percent is that?",
    "{name} has read {part} of the {whole} pages of a book. What percentage has {she} read?",
    "{name} planted {whole} seeds and {part} of them sprouted. What percent sprouted?",
)

_LABELS = {"+": "Sum", "-": "Difference", "*": "Product", "/": "Quotient"}


def mixed(value: Fraction) -> str:
    """A mixed number "2 1/2", a fraction or an integer."""
    whole, rest = divmod(value, 1)
    return f"{whole} {fraction(rest)}" if whole and rest else fraction(value)


def _end(result: Fraction) -> str:
    """How an equation ends: an improper result goes on to its mixed number, which is how it is said."""
    return fraction(result) if result < 1 or result.denominator == 1 else f"{fraction(result)} = {mixed(result)}"


def _working(sign: str, a: Fraction, b: Fraction) -> tuple[str, Fraction]:
    """The line that works out `a sign b` and its result."""
    start = f"{_LABELS[sign]}: {fraction(a)} {sign} {fraction(b)}"
    if sign == "*":
        return f"{start} = {_end(a * b)}", a * b
    if sign == "/":
        start = f"{_LABELS[sign]}: ({fraction(a)}) / ({fraction(b)})"
        return f"{start} = {fraction(a)} * {fraction(1 / b)} = {_end(a / b)}", a / b
    result = a + b if sign == "+" else a - b
    if a.denominator == b.denominator:
        return f"{start} = {_end(result)}", result
    common = lcm(a.denominator, b.denominator)
    return f"{start} = {a * common}/{common} {sign} {b * common}/{common} = {_end(result)}", result


def _pair(texts: Sequence[str], sign: str, digits: Sequence[int], _: Dice) -> Draft:
    a, b = FRACTIONS[digits[1]], FRACTIONS[digits[2]]
    line, result = _working(sign, a, b)
    return Draft(texts[digits[0]].format(a=fraction(a), b=fraction(b)), (line,), mixed(result))


_FALLING = tuple((a, b) for a in FRACTIONS for b in FRACTIONS if a > b)


def _falling_pair(digits: Sequence[int], _: Dice) -> Draft:
    a, b = _FALLING[digits[1]]
    line, result = _working("-", a, b)
    return Draft(_SUBTRACT[digits[0]].format(a=fraction(a), b=fraction(b)), (line,), mixed(result))


def _improper(value: Fraction) -> tuple[str, ...]:
    whole, rest = divmod(value, 1)
    return (f"Improper fraction: {whole} + {fraction(rest)} = {fraction(value)}",) if rest else ()


def _mixed_pair(texts: Sequence[str], sign: str, digits: Sequence[int], _: Dice) -> Draft:
    a, b = 1 + digits[1] + SMALL[digits[2]], 1 + digits[3] + SMALL[digits[4]]
    if sign == "-":
        # Second number and result are free, so that the result is never negative.
        a = a + b
    line, result = _working(sign, a, b)
    lines = (*_improper(a), *_improper(b), line)
    return Draft(texts[digits[0]].format(a=mixed(a), b=mixed(b)), lines, mixed(result))


def _part(digits: Sequence[int], _: Dice) -> Draft:
    share = PROPER[digits[1]]
    whole = share.denominator * (1 + digits[2])
    step = f"Part: {fraction(share)} * {whole} = {share * whole}"
    return Draft(_PART[digits[0]].format(a=fraction(share), b=whole), (step,), str(share * whole))


def _part_story(digits: Sequence[int], _: Dice) -> Draft:
    template, part, times, who, what = digits
    share = PROPER[part]
    # At least two of the things on either side of the question, so that every plural is right.
    whole = share.denominator * (2 + times)
    person, things = PEOPLE[who], THINGS[what].many
    question = _PART_STORIES[template].format(
        name=person.name, she=person.she, her=person.her, things=things, a=fraction(share), b=whole
    )
    step = f"{capital(things)}: {fraction(share)} * {whole} = {share * whole} {things}"
    return Draft(question, (step,), str(share * whole))


def _simplify(digits: Sequence[int], _: Dice) -> Draft:
    value, factor = FRACTIONS[digits[1]], 2 + digits[2]
    a, b = value.numerator * factor, value.denominator * factor
    step = f"Divide both by {factor}: {a}/{b} = {fraction(value)}"
    return Draft(_SIMPLIFY[digits[0]].format(a=a, b=b), (step,), fraction(value))


def _percent(digits: Sequence[int], _: Dice) -> Draft:
    percent, base = 1 + digits[1], 1 + digits[2]
    result = decimal(Fraction(percent * base, 100))
    step = f"Part: {percent}/100 * {base} = {result}"
    return Draft(_PERCENT[digits[0]].format(a=percent, b=grouped(base)), (step,), result)


_EASY_BASES = (20, 25, 40, 50, 60, 75, 80, 120, 125, 150, 160, 200, 240, 250, 300, 320, 400, 500, 600, 800)


def _what_percent(digits: Sequence[int], _: Dice) -> Draft:
    """Percent and base are free; the part is a multiple of a fifth of a percent, always a short decimal."""
    percent, base = 1 + digits[1], _EASY_BASES[digits[2]]
    part = decimal(Fraction(percent * base, 100))
    step = f"Percentage: {part} / {base} * 100 = {percent}"
    return Draft(_WHAT_PERCENT[digits[0]].format(a=part, b=base), (step,), str(percent))


def _dollars(cents: int) -> str:
    return money(cents).replace(",", "").lstrip("$")


def _price_story(texts: Sequence[str], change: int, digits: Sequence[int], dice: Dice) -> Draft:
    """Percent in fives and a price in whole dollars: exact to the cent. `change` is 0 for the part alone."""
    template, fives, dollars, who = digits
    percent, price, person = 5 * (1 + fives), 20 + dollars, PEOPLE[who]
    good = with_article(DEAR_GOODS[dice.below(len(DEAR_GOODS))].one)
    question = texts[template].format(a=percent, b=money(price * 100), name=person.name, she=person.she, a_good=good)
    value = percent * price
    steps = [f"{'Change' if change else 'Amount'}: {percent}/100 * ${price} = ${_dollars(value)}"]
    if change:
        value = price * 100 + change * value
        sign = "+" if change > 0 else "-"
        steps.append(f"New amount: ${price} {sign} ${_dollars(percent * price)} = ${_dollars(value)}")
    return Draft(question, tuple(steps), _dollars(value))


def _score_story(digits: Sequence[int], _: Dice) -> Draft:
    template, fives, twenties, who = digits
    percent, whole, person = 5 * (1 + fives), 20 * (1 + twenties), PEOPLE[who]
    part = percent * whole // 100
    question = _SCORES[template].format(name=person.name, she=person.she, her=person.her, part=part, whole=whole)
    return Draft(question, (f"Percentage: {part} / {whole} * 100 = {percent}",), str(percent))


def _fractions(name: str, operation: str, slots: int, texts: Sequence[str], sign: str) -> Family:
    radices = (len(texts), len(FRACTIONS), len(FRACTIONS))
    return Family(name, "fraction", operation, slots, radices, partial(_pair, texts, sign))


def _mixed(name: str, operation: str, slots: int, texts: Sequence[str], sign: str) -> Family:
    radices = (len(texts), 12, len(SMALL), 12, len(SMALL))
    return Family(name, "fraction", operation, slots, radices, partial(_mixed_pair, texts, sign))


def _prices(name: str, slots: int, texts: Sequence[str], change: int) -> Family:
    radices = (len(texts), 10 if change else 6, 299, len(PEOPLE))
    return Family(name, "percent", "percent", slots, radices, partial(_price_story, texts, change))


_PEOPLE, _THINGS = len(PEOPLE), len(THINGS)

FAMILIES = (
    _fractions("addition/fractions", "addition", 12, _ADD, "+"),
    Family("subtraction/fractions", "fraction", "subtraction", 8, (len(_SUBTRACT), len(_FALLING)), _falling_pair),
    _fractions("multiplication/fractions", "multiplication", 10, _MULTIPLY, "*"),
    _fractions("division/fractions", "division", 8, _DIVIDE, "/"),
    _mixed("addition/mixed numbers", "addition", 8, _ADD, "+"),
    _mixed("subtraction/mixed numbers", "subtraction", 6, _SUBTRACT, "-"),
    Family("part/plain", "fraction", "part", 8, (len(_PART), len(PROPER), 200), _part),
    Family(
        "part/story",
        "fraction",
        "part",
        12,
        (len(_PART_STORIES), len(PROPER), 40, _PEOPLE, _THINGS),
        _part_story,
    ),
    Family("simplify", "fraction", "simplify", 3, (len(_SIMPLIFY), len(FRACTIONS), 39), _simplify),
    Family("percent/plain", "percent", "percent", 16, (len(_PERCENT), 100, 1000), _percent),
    Family(
        "percent/which",
        "percent",
        "percent",
        3,
        (len(_WHAT_PERCENT), 200, len(_EASY_BASES)),
        _what_percent,
    ),
    _prices("percent/tip", 12, _TIPS, 0),
    _prices("percent/share", 12, _SHARES, 0),
    _prices("percent/discount", 11, _DISCOUNTS, -1),
    _prices("percent/raise", 10, _RAISES, 1),
    Family("percent/score", "percent", "percent", 7, (len(_SCORES), 19, 15, _PEOPLE), _score_story),
)
