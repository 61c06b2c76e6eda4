"""Rows as HTML: escaped, complete in itself, and linked without loose ends."""

import base64
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.review.dataset import index_of, places_of
from pipeline.review.looking import Looking
from pipeline.review.page import desk_html, page_html, row_html
from pipeline.review.texts import Change, Segment, Words
from pipeline.review.view import RowView, Sound, Transcript

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Page(HTMLParser):
    """The tags of a page, its ids and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name == "src":
                self.sources.append(value or "")
            elif name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def views(built: Path) -> list[RowView]:
    """All rows of the build, the first with audio and a transcript."""
    looking = Looking.at(built)
    views = looking.views(places_of(index_of(looking.build)))
    words = (Words(Change.REPLACED, "beans", "beams"), Words(Change.SAME, "are left", "are left"))
    sound = Sound(b"fLaC\x00\xff", "audio/flac", "nanotts/en-GB", 3.5)
    return [replace(views[0], sound=sound, transcript=Transcript(words, 0.1)), *views[1:]]


def test_a_page_is_complete_and_its_links_lead_somewhere(views: list[RowView]) -> None:
    page = Page(page_html([(view, ()) for view in views], title="Beans", about="All of them."))
    assert page.tags["article"] == len(views)
    assert page.tags["main"] == page.tags["nav"] == page.tags["h1"] == page.tags["header"] == page.tags["footer"] == 1
    assert len(set(page.ids)) == len(page.ids)
    assert {link[:1] for link in page.links} == {"#"}
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert all(source.startswith("data:audio/flac;base64,") for source in page.sources)


def test_the_audio_is_inside(views: list[RowView]) -> None:
    page = Page(page_html([(views[0], ())], title="Beans", about=""))
    [source] = page.sources
    assert base64.b64decode(source.partition(",")[2]) == b"fLaC\x00\xff"
    assert "1 rows, 4 s of audio" in page.text
    both = replace(views[0], response_sound=Sound(b"OggS", "audio/ogg", "nanotts/en-US", 2.5))
    page = Page(page_html([(both, ())], title="Beans", about=""))
    assert [source.partition(";")[0] for source in page.sources] == ["data:audio/flac", "data:audio/ogg"]
    assert "1 rows, 6 s of audio" in page.text


def test_nothing_is_asked_of_a_network(views: list[RowView]) -> None:
    html = page_html([(view, ()) for view in views], title="Beans", about="")
    assert not re.search(r"https?:|//\w|@import|url\(", html)
    assert "default-src 'none'" in html


def test_whatever_a_row_holds_is_escaped(views: list[RowView]) -> None:
    evil = replace(
        views[0],
        source=EVIL,
        why=EVIL,
        question=(Segment(EVIL, (1,)),),
        spoken_question=(Segment(EVIL),),
        reasoning=EVIL,
        response=EVIL,
        facts=((EVIL, EVIL),),
        judge=((EVIL, EVIL),),
        payload=((EVIL, EVIL),),
        transcript=Transcript((Words(Change.REPLACED, EVIL, EVIL),), 0.5),
        sound=Sound(b"x", EVIL, EVIL, 1.0),
    )
    html = page_html([(evil, ())], title=EVIL, about=EVIL)
    harmless = page_html([(views[0], ())], title="a", about="b")
    assert Page(html).tags["script"] == 1
    assert Page(html).tags["img"] == len(Page(html).handlers) == 0
    assert Page(html).tags["article"] == Page(harmless).tags["article"]
    assert EVIL in Page(html).text


def test_a_claim_links_both_ways(views: list[RowView]) -> None:
    view = views[0]
    assert view.timeline is not None
    page = Page(row_html(view, (), title="Row", anchor="r"))
    for claim in view.timeline.claims:
        assert page.ids.count(f"r-said-{claim.number}") == 1
        assert (f"r-reasoned-{claim.number}" in page.ids) == (claim.reasoned_at is not None)


def test_colours_are_not_all_that_tells_the_streams_apart(views: list[RowView]) -> None:
    text = Page(row_html(views[0], (), title="Row", anchor="r")).text
    for word in ("response: ", "reasoning: ", "pad: "):
        assert word in text
    assert "not heard: beans" in text
    assert "heard instead: beams" in text


def test_the_desk_offers_verdicts_only_on_what_can_be_judged(views: list[RowView]) -> None:
    about = {"message": "", "status": "", "mine": None}
    row = row_html(views[0], (), title="Row", anchor="r")
    assert 'data-do="good"' in desk_html(row, can_be_judged=True, **about)
    assert 'data-do="good"' not in desk_html(row, can_be_judged=False, **about)
    assert "no row" in desk_html(None, message="no row", status="", can_be_judged=False, mine=None)
