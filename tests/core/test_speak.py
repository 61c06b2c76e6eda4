from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import differ, read
from pipeline.core.speak import residue, speak
from pipeline.errors import Reason


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He has 48 clips.", "He has forty eight clips."),
        ("It costs $2.50, or $.75 each.", "It costs two dollars and fifty cents, or seventy five cents each."),
        ("He owes 350$ and £5.50.", "He owes three hundred fifty dollars and five pounds and fifty pence."),
        ("It made $2.5 million.", "It made two point five million dollars."),
        ("A $20 bill and a $300 lens", "A twenty dollar bill and a three hundred dollar lens"),
        ("25% off, then .5%", "Twenty five percent off, then zero point five percent"),
        ("Eat 3/4 of 1 1/2 pies.", "Eat three quarters of one and a half pies."),
        ("1/2 of it, not 2/3", "Half of it, not two thirds"),
        ("from 5:30 pm to 6:00", "from five thirty PM to six o'clock"),
        ("at 6:05 a.m. and 14:30", "at six oh five AM and fourteen thirty hours"),
        ("the 21st of May 5, 2020", "the twenty first of May fifth, twenty twenty"),
        (
            "In 1998, he sold 1998 cars.",
            "In nineteen ninety eight, he sold one thousand nine hundred ninety eight cars.",
        ),
        ("a ratio of 3:4", "a ratio of three to four"),
        ("5kg, 10 cm and 12 oz.", "Five kilograms, ten centimeters and twelve ounces."),
        ("8 m2, and 30 cm3", "Eight square meters, and thirty cubic centimeters"),
        ("20 Mbps, not 5 MBps", "Twenty megabits per second, not five megabytes per second"),
        ("3 2/4 cups", "Three and two quarters cups"),
        ("60 km/h or 30mph", "Sixty kilometers per hour or thirty miles per hour"),
        ("a 6-foot man, 5'2\" wide", "a six-foot man, five feet two inches wide"),
        ("$5/hour, 3 miles/hour", "Five dollars per hour, three miles per hour"),
        ("10-15 minutes", "Ten to fifteen minutes"),
        ("10-4 = 6", "Ten minus four equals six"),
        ("3x + 2 = 11", "Three x plus two equals eleven"),
        ("x² - 4 > y", "x squared minus four is greater than y"),
        ("3 x 4 and 4x as many", "Three times four and four times as many"),
        ("70(.30) = 21", "Seventy times zero point three zero equals twenty one"),
        ("(10 - 5) * 2 = 10", "the quantity ten minus five, times two equals ten"),
        ("The boys (all 5) ran.", "The boys, all five, ran."),
        ("$x and x%", "x dollars and x percent"),
        ("48/2 = 24", "Forty eight divided by two equals twenty four"),
        ("M&Ms and true/false", "M and Ms and true or false"),
        ("Mr. Lee vs. Dr. Ray", "Mister Lee versus Doctor Ray"),
        ("- 5 pears\n- 6 figs", "Five pears. Six figs"),
        ("5 6 7", "Five, six, seven"),
        ("20 5-pound bags", "Twenty, five-pound bags"),
        ("100 and 50", "One hundred, and fifty"),
        ("#5 and No. 7", "number five and number seven"),
        ("-5°C", "Negative five degrees Celsius"),
        (r"If $x^2 = 9$, find $\frac{x}{3}$.", "If x squared equals nine, find x over three."),
    ],
)
def test_a_text_is_said_as_a_person_reads_it(written: str, said: str) -> None:
    spoken = speak(written)
    assert isinstance(spoken, str)
    assert spoken[0].lower() + spoken[1:] == said[0].lower() + said[1:]


def test_words_stay_as_they_are() -> None:
    text = "Ann's mother, who is well-known, said: take half; then twice that!"
    assert speak(text) == text


@pytest.mark.parametrize(
    ("text", "named"), [("5 她", "她"), ("a | b", "|"), (r"\unknowncommand{3}", "unknowncommand"), ("😀", "")]
)
def test_what_has_no_spoken_form_is_refused_by_name(text: str, named: str) -> None:
    refused = speak(text)
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.UNREADABLE
    assert named in refused.detail


def test_a_drawn_figure_is_refused() -> None:
    refused = speak("Find x. [asy] draw((0,0)--(1,1)); [/asy]")
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.NEEDS_FIGURE


@pytest.mark.parametrize(
    ("text", "left"), [("five apples", None), ("5 apples", "5"), ("five + six", "+"), ("“Five,” he said", None)]
)
def test_residue_names_the_first_sign_left(text: str, left: str | None) -> None:
    assert residue(text) == left


def check(text: str) -> None:
    spoken = speak(text)
    if isinstance(spoken, str):
        assert residue(spoken) is None
        assert speak(spoken) == spoken
    else:
        assert spoken.detail


@settings(deadline=None)
@given(st.text())
def test_any_unicode_text_is_said_in_words_or_refused(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789 .,:;/%$€£¢-–+*=<>()[]'\"^#&@°½²x×÷\nabcmkgft"))
def test_any_heap_of_signs_is_said_in_words_or_refused(text: str) -> None:
    check(text)


WORDS = """
a of in ft sq fl lb Jan No St. Mr. x V half third dozen one and point p.m. minus percent dollars inches m C squared over
between th k e 7 12 100 1998 3.5 .5 1,000 12:30 3/4 10-15 2.0.1
"""
PIECES = st.one_of(st.sampled_from(WORDS.split()), st.just(" "), st.sampled_from("$%€¢°'\"/:;.,!?()-+*=^×–½²√…№\n"))


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
@example("9 ! , ? 3,000 4.0.6")
@example("5/8-Mr. 204")
@example(".5 6:05six p.m.")
@example("2/3 FL$ oversee")
@example("thirty 2,000.4.0.6")
@example("9 2.5 6:05−in004 ")
@example("? ;Mr. 3000")
def test_any_heap_of_words_and_numbers_is_said_in_words_or_refused(text: str) -> None:
    check(text)


NUMBERS = st.one_of(
    st.integers(0, 10**12).map(str),
    st.integers(1000, 10**9).map(lambda n: f"{n:,}"),
    st.decimals(0, 10**6, places=2).map(str),
    st.integers(0, 999).map(lambda n: f".{n:03d}"),
)
MONEY = st.one_of(
    st.decimals(0, 10**6, places=2).map(lambda d: f"${d:,}"),
    st.integers(1, 10**6).map(lambda n: f"${n}"),
    st.integers(1, 99).map(lambda n: f"{n}¢"),
    st.integers(1, 99).map(lambda n: f"€{n}"),
)
FRACTIONS = (
    st.tuples(st.integers(1, 30), st.integers(2, 40)).filter(lambda p: p[0] < p[1]).map(lambda p: f"{p[0]}/{p[1]}")
)
QUANTITIES = st.one_of(
    NUMBERS,
    MONEY,
    FRACTIONS,
    NUMBERS.map(lambda n: f"{n}%"),
    st.tuples(st.integers(1, 99), FRACTIONS).map(lambda p: f"{p[0]} {p[1]}"),
    st.tuples(st.integers(1, 12), st.integers(0, 59)).map(lambda p: f"{p[0]}:{p[1]:02d} pm"),
    st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda p: f"{p[0]}:{p[1]:02d}"),
    st.integers(1, 5000).map(
        lambda n: f"{n}{'th' if n % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"
    ),
    st.tuples(
        st.integers(0, 500).map(str), st.sampled_from(["kg", " kg", "cm", " ft", " mph", " km/h", " sq ft", "°F"])
    ).map("".join),
    st.tuples(st.integers(2, 99), st.integers(2, 9)).map(lambda p: f"{p[0]}^{p[1]}"),
    st.tuples(st.integers(1, 9), st.integers(2, 20)).map(lambda p: f"{p[0]} x 10^{p[1]}"),
    st.integers(-999, -1).map(str),
)


@settings(deadline=None)
@given(QUANTITIES)
def test_the_quantity_that_is_said_is_the_one_written(written: str) -> None:
    sentence = f"Now there is {written}, he says."
    spoken = speak(sentence)
    assert isinstance(spoken, str)
    assert read(sentence)
    assert differ(read(sentence), read(spoken)) is None


@settings(deadline=None)
@example(["$1", "$0.01"], " and ")
@given(st.lists(QUANTITIES, min_size=2, max_size=5), st.sampled_from([", ", " and ", " or ", ", and ", " of the "]))
def test_neighbouring_quantities_stay_apart(written: list[str], between: str) -> None:
    sentence = f"There are {between.join(written)}."
    spoken = speak(sentence)
    assert isinstance(spoken, str)
    assert differ(read(sentence), read(spoken)) is None


@settings(deadline=None)
@given(st.tuples(st.integers(1, 500), st.integers(1, 500)), st.sampled_from(["ratio of {}:{}", "{}-{} days in all"]))
def test_both_terms_of_ratios_and_ranges_are_said(terms: tuple[int, int], form: str) -> None:
    sentence = "It has a " + form.format(*terms)
    spoken = speak(sentence)
    assert isinstance(spoken, str)
    assert differ(read(sentence), read(spoken)) is None
    values = [term for q in read(sentence) for term in (q.value, q.second) if term is not None]
    assert values == [Fraction(term) for term in terms]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("A $8 pen and a 11-foot pole.", "An eight dollar pen and an eleven-foot pole."),
        ("She owes ten euros... no, 12.", "She owes ten euros, no, twelve."),
        ("Well... Now 3 are left.", "Well. Now three are left."),
        ("Add 1, 2, ..., 9.", "Add one, two, and so on, nine."),
    ],
)
def test_articles_and_dots_are_said_as_a_speaker_would(written: str, spoken: str) -> None:
    assert speak(written) == spoken


def test_both_signs_keep_the_number_as_it_is() -> None:
    spoken = speak("t = ±7")

    assert isinstance(spoken, str)
    assert differ(read("t = ±7"), read(spoken)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Tag Jan .",
        "6sq.$",
        "0a.m. then",
        "ratio 1 1/2 : sq.",
        '9\n"\n.=',
        "e.g.one e.g.",
        "four\nkb",
        "7' 6\" In",
        "c 6w/k",
    ],
)
def test_words_that_meet_when_signs_go_are_spoken_at_once(text: str) -> None:
    spoken = speak(text)
    assert isinstance(spoken, str)
    assert speak(spoken) == spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Is |x - 4| = 9?", "Is the absolute value of the quantity x minus four, equals nine?"),
        ("|y| = 2", "the absolute value of y, equals two"),
        ("-2 < y <= 6", "Negative two is less than y, which is at most six"),
        ("What is 6!? It is 6!/1.", "What is six factorial? It is six factorial divided by one."),
        ("We won 6! Hooray!", "We won six! Hooray!"),
        ("∛8 = 2 and 10⁻² m", "the cube root of eight equals two and ten to the power of negative two m"),
        ("△PQR ~ △STU", "triangle PQR is similar to triangle STU"),
        ("It has 5.2×10^6 kg.", "It has five point two times ten to the power of six kilograms."),
        ("about 4.1e7 stars", "about four point one times ten to the power of seven stars"),
        ("3' 4\" by 5' 6\" by 9 in.", "Three feet four inches by five feet six inches by nine inches."),
        ('He wrote "21" on it.', "He wrote twenty one on it."),
        ("She weighs 9 st 3 lb, he owns 9 stones.", "She weighs nine stone three pounds, he owns nine stones."),
        ("It takes 3 h 20 min and 8 s.", "It takes three hours twenty minutes and eight seconds."),
        ("A = πr², θ = 30°", "A equals pi r squared, theta equals thirty degrees"),
        ("2√3 and √(y + 1) = 2", "Two times the square root of three and the square root of the quantity y plus one, "
         "equals two"),
        ("a 5-12-13 triangle", "a five, twelve, thirteen triangle"),
        ("a 2x4 in a 5K race", "a two by four in a five K race"),
        ("On Nov. 3rd, 1998 it ran 24 hrs./day.", "On November third, nineteen ninety eight it ran twenty four hours "
         "per day."),
        ("y ≥ 5 & y ≤ 9", "y is at least five and y is at most nine"),
        ("In A.D. 79 it blew.", "In AD seventy nine it blew."),
        ("Read pp. 3-9 of Vol. II.", "Read pages three to nine of volume two."),
        ("The years 1914-1918", "The years nineteen fourteen to nineteen eighteen"),
        ("He has 1914-1918 = -4.", "He has one thousand nine hundred fourteen minus one thousand nine hundred eighteen "
         "equals negative four."),
        ("It is €1.250,75.", "It is one thousand two hundred fifty euros and seventy five cents."),
    ],
)  # fmt: skip
def test_what_school_books_write_is_said(written: str, said: str) -> None:
    spoken = speak(written)
    assert spoken == said
    assert differ(read(written), read(said)) is None
    assert speak(said) == said
