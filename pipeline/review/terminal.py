"""`smp3m show DIR ID`: a row in the terminal. Colours help; without them the marks say the same.

Texts come from data sets: control characters in them are shown, never sent to the terminal, and brackets are no markup.
"""

import re
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from pipeline.core.schedule import Stream
from pipeline.review.texts import Change, Segment, Words
from pipeline.review.timeline import Role, Timeline, TimelineToken
from pipeline.review.view import RowView
from schemas.rows import Review

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_STYLES = {Stream.RESPONSE: "bold green", Stream.REASONING: "cyan", Stream.PAD: "bright_black", Stream.SWITCH: "yellow"}
_LETTERS = {Stream.RESPONSE: "O", Stream.REASONING: "R", Stream.PAD: "_", Stream.SWITCH: ">"}
_PAIR_STYLES = ("bold magenta", "bold blue", "bold yellow", "bold cyan", "bold green")
_CHANGES = {Change.REPLACED: "yellow", Change.MISSED: "red", Change.ADDED: "red"}
_LEGEND = "O response, R reasoning, _ pads, > switch; {1} claim 1 is said, {→1} its result is reasoned"


def show_view(view: RowView, said: Sequence[Review], console: Console) -> None:
    """Print a row and what reviewers said of it."""
    console.print(Group(*_blocks(view, said)), highlight=False)


def _blocks(view: RowView, said: Sequence[Review]) -> Iterator[RenderableType]:
    state = "accepted" if view.accepted else f"refused by {view.stage}: {view.reason}"
    yield Text.assemble(
        (view.id, "bold"), "  ", (state, "bold green" if view.accepted else "bold red"), f"  {plain(view.source)} "
    ) + _text(f"row {view.source_id}")
    yield _text(view.why)
    for what, sound in (("question", view.sound), ("response", view.response_sound)):
        if sound:
            yield _text(f"{what} spoken by {sound.voice}, {sound.duration_s:.1f} s")
    yield from _section("Question", _segments(view.question))
    yield from _section("Spoken question", _segments(view.spoken_question))
    if view.transcript:
        yield from _section(f"Heard (word error rate {view.transcript.wer:.3f})", _heard(view.transcript.words))
    yield from _section("Reasoning", _text(view.reasoning))
    yield from _section("Response", _text(view.response))
    if view.timeline:
        yield from _section("Timeline", Group(_text(_LEGEND, "bright_black"), _timeline(view.timeline)))
        if view.timeline.claims:
            yield from _section("Claims", _claims(view.timeline))
    for title, pairs in (
        ("Row", view.facts), ("Judge", view.judge), ("Provenance", view.provenance), ("What there was", view.payload)
    ):  # fmt: skip
        if pairs:
            yield from _section(title, _pairs(pairs))
    if said:
        yield from _section("Reviewers", _pairs([(f"{r.reviewer} {r.time[:10]}", _verdict(r)) for r in said]))


def _section(title: str, content: RenderableType) -> Iterator[RenderableType]:
    if isinstance(content, Text) and not content.plain:
        return
    yield Rule(title, align="left", characters="─", style="bright_black")
    yield Padding(content, (0, 0, 0, 1), expand=False)


def plain(text: str) -> str:
    """The text with control characters as the pictures that Unicode has of them."""
    return _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 0x20 else "\ufffd", text)


def _text(text: str, style: str = "") -> Text:
    return Text(plain(text), style=style)


def _segments(segments: Sequence[Segment]) -> Text:
    out = Text()
    for segment in segments:
        if not segment.pairs:
            out.append_text(_text(segment.text))
        else:
            style = "bold red underline" if segment.alone else _PAIR_STYLES[segment.pairs[0] % len(_PAIR_STYLES)]
            mark = f"[{','.join(map(str, segment.pairs))}{' unmatched' if segment.alone else ''}]"
            out.append_text(_text(segment.text, style)).append(mark, "bright_black")
    return out


def _heard(words: Sequence[Words]) -> Text:
    out = Text()
    for part in words:
        if part.change is Change.SAME:
            out.append_text(_text(f"{part.spoken} "))
        else:
            shown = {
                Change.MISSED: f"[-{part.spoken}-]",
                Change.ADDED: f"{{+{part.heard}+}}",
                Change.REPLACED: f"[-{part.spoken}-]{{+{part.heard}+}}",
            }[part.change]
            out.append_text(_text(f"{shown} ", _CHANGES[part.change]))
    return out


def _timeline(timeline: Timeline) -> Text:
    out = Text()
    begun: set[int] = set()
    for run in timeline.runs:
        stream = run[0].stream
        out.append(f"{_LETTERS[stream]}|", "bright_black")
        if stream is Stream.PAD:
            out.append(f"x{len(run)} ", _STYLES[stream])
            continue
        for token in run:
            out.append_text(_token(token, begun))
            begun.update(token.claims if token.role is Role.SAID else ())
        out.append(" ")
    return out


def _token(token: TimelineToken, begun: set[int]) -> Text:
    text = plain(token.text.replace("\n", "⏎"))
    style = _STYLES[token.stream]
    if token.role is Role.NONE:
        return Text(text, "bright_black" if token.control else style)
    if token.role is Role.REASONED:
        return Text(f"{text}{{→{','.join(map(str, token.claims))}}}", f"{style} reverse")
    first = [str(number) for number in token.claims if number not in begun]
    bare = text.lstrip()
    mark = f"{{{','.join(first)}}}" if first else ""
    return Text(text[: len(text) - len(bare)] + mark).append(bare, f"{style} reverse")


def _claims(timeline: Timeline) -> Table:
    table = Table("", "says", "value", "basis", "said at", "reasoned at", "slack", box=box.SIMPLE_HEAD)
    for claim in timeline.claims:
        negative = claim.slack is not None and claim.slack < 0
        table.add_row(
            str(claim.number),
            _text(claim.said),
            _text(claim.value),
            claim.basis,
            str(claim.said_at),
            "-" if claim.reasoned_at is None else str(claim.reasoned_at),
            Text("-" if claim.slack is None else str(claim.slack), "bold red" if negative else ""),
        )
    return table


def _pairs(pairs: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in pairs:
        table.add_row(_text(name, "bright_black"), _text(value))
    return table


def _verdict(review: Review) -> str:
    return " ".join(part for part in (review.verdict, review.reason, review.note) if part)
