"""PDF files: their text layer, their title by its size, and those that have none."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter

from pipeline.drafts import read_draft
from pipeline.errors import InputError

from .made_pdf import made_pdf, show

TITLE = "Transport of Great Mass"
PAGE = [
    show("arXiv:2401.01234v1 [cs.LG] 2 Jan 2024", size=20, x=30, y=300, turned=True),
    show("Journal of Mass, Volume 3", size=8, y=760),
    show("Transport of", size=17, y=730),
    show("Great Mass", size=17, y=710),
    show("A. Body, The Institute", size=11, y=690),
    show("Abstract", size=12, y=660),
    show("We study self-supervised trans-", y=640),
    show("port of mass, with self-", y=628),
    show("supervised maps and a state-of-the-", y=616),
    show("art solver for \x93naïve\x94 clouds.".replace("\x93", "“").replace("\x94", "”"), y=604),
    show("1 Introduction", size=12, y=580),
    show("Long ago mass moved.", y=560),
]
ABSTRACT = (
    "We study self-supervised transport of mass, with self-supervised maps and a "
    "state-of-the-art solver for “naïve” clouds."
)


@pytest.fixture
def draft(tmp_path):
    def read(content):
        path = tmp_path / "draft.bin"
        path.write_bytes(content)
        return read_draft(path)

    return read


def test_title_and_abstract_of_a_paper(draft):
    found = draft(made_pdf([PAGE]))
    assert (found.title, found.text) == (TITLE, ABSTRACT)
    assert found.told == "used the title and the abstract"
    assert not found.is_whole


def test_the_file_s_own_title_counts_where_page_1_shows_it(draft):
    small_capitals = [
        show("T", size=17, x=72, y=730),
        show("RANSPORT", size=13, x=83, y=730),
        show("OF", size=13, x=170, y=730),
        *PAGE[4:],
    ]
    assert draft(made_pdf([small_capitals], title="Transport of")).title == "Transport of"
    for title in ("main.dvi", "Microsoft Word - paper_final", "untitled", "Another Title", "x"):
        assert draft(made_pdf([PAGE], title=title)).title == TITLE


def test_words_in_small_capitals_are_whole(draft):
    page = [
        show("T", size=17, x=72, y=730),
        show("RANSPORT", size=13, x=84, y=730),
        *PAGE[4:],
    ]
    assert draft(made_pdf([page])).title == "TRANSPORT"


def test_an_abstract_may_stand_on_a_later_page(draft):
    cover = [show("Transport of Great Mass", size=20), show("A thesis by A. Body", y=600)]
    found = draft(made_pdf([cover, PAGE[4:]]))
    assert (found.title, found.text) == (TITLE, ABSTRACT)


def test_without_an_abstract_the_text_behind_the_title_is_read(draft):
    page = [row for row in PAGE if row[2] not in ("Abstract", "1 Introduction")]
    found = draft(made_pdf([page]))
    assert found.title == TITLE
    assert found.text.startswith("A. Body, The Institute We study self-supervised transport")
    assert found.told == "used the title and the text"


def test_the_first_pages_of_a_book_are_read(draft):
    prose = [show("Mass moves along geodesics of the plane.", y=700 - 12 * i) for i in range(50)]
    found = draft(made_pdf([PAGE[:5], *[prose] * 30]))
    assert found.told.startswith("used the title and the first 4,0") or "characters" in found.told
    assert not found.is_whole


def test_letters_are_measured_as_printed(draft):
    """A font of size 1 in a matrix of 17 is as large as one of 17."""
    page = [*PAGE[5:]]
    page.insert(0, ("17 0 0 17 72 730", 1, TITLE))
    page.insert(1, ("1 0 0 1 72 700", 11, "A. Body"))
    assert draft(made_pdf([page])).title == TITLE


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (made_pdf([PAGE], password="s" * 8), "this PDF is encrypted"),
        (made_pdf([[]]), "no text in this PDF, which looks scanned"),
        (made_pdf([[show("p. 1")]]), "no text in this PDF, which looks scanned"),
        (made_pdf([]), "this PDF has no pages"),
        (b"%PDF-1.7\n", "this PDF is damaged"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 4000, "this PDF is damaged"),
        (made_pdf([PAGE])[:300], "this PDF is damaged"),
    ],
    ids=["encrypted", "scanned", "hardly a word", "no page", "a mark alone", "noise", "cut"],
)
def test_what_cannot_be_read_is_one_line(draft, content, says, capfd):
    with pytest.raises(InputError) as caught:
        draft(content)
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert capfd.readouterr() == ("", "")


def test_a_pdf_that_anybody_may_open_is_read_though_encrypted(draft):
    assert draft(made_pdf([PAGE], password="")).title == TITLE


def test_what_can_be_mended_is_read_without_a_warning(draft, capfd):
    content = made_pdf([PAGE])
    broken = content.replace(b"startxref\n", b"startxref\n9")
    assert draft(broken).title == TITLE
    assert draft(b"\n\n" + content).title == TITLE
    assert capfd.readouterr() == ("", "")


def test_a_program_s_pdf_is_read_too(draft):
    """matplotlib embeds its own font and places letters by its own matrices."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0.1, 0.9, TITLE, fontsize=20)
    figure.text(0.1, 0.8, "Abstract", fontsize=12)
    figure.text(0.1, 0.7, "We study transport of mass along geodesics.", fontsize=9)
    held = io.BytesIO()
    FigureCanvasPdf(figure).print_pdf(held)
    found = draft(held.getvalue())
    assert (found.title, found.text) == (TITLE, "We study transport of mass along geodesics.")


def test_pages_without_any_content_are_no_mistake(draft):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    held = io.BytesIO()
    writer.write(held)
    with pytest.raises(InputError, match="looks scanned"):
        draft(held.getvalue())
