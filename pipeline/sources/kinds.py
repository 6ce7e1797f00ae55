"""What was published: the words of every format, to the types of CSL."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = {
    "article-journal": """
        article articlejournal journalarticle jour abst inpr mgzn news ejour journal editorial
        letter comment reviewarticle review articleinpress shortsurvey note erratum casereports
        casereport clinicaltrial randomizedcontrolledtrial journalarticlesreports articlenewspaper
        articlemagazine magazinearticle newspaperarticle electronicarticle j c
    """,
    "paper-conference": """
        inproceedings conference proceedings paperconference conferencepaper proceedingsarticle
        conf cpaper conferenceproceedings conferenceproceeding conferenceabstract congress
        conferencereview proceedingspaper meetingabstract
    """,
    "chapter": """
        chapter incollection inbook chap bookchapter booksection ebookchapter echap entry
        referenceentry bookpart
    """,
    "book": """
        book mvbook edbook ebook collection booklet monograph editedbook referencebook bookset
        bookseries b
    """,
    "thesis": """
        thesis phdthesis mastersthesis thes dissertation doctoralthesis bachelorsthesis
    """,
    "report": """
        report techreport rprt technicalreport reportseries govdoc governmentdocument manual
        standard stand workingpaper reportcomponent
    """,
    "article": "preprint postedcontent eprint unpublished unpb unpublishedwork manuscript",
    "dataset": "dataset data databse dbase datapaper",
    "software": "software computerprogram comp",
    "webpage": "webpage online electronic elec website blog blogpost posthtml postweblog",
    "patent": "patent pat p",
    "speech": "presentation slide speech talk lecture",
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
CSL_TYPES = frozenset(
    """
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic
    collection dataset document entry entry-dictionary entry-encyclopedia event figure graphic
    hearing interview legal_case legislation manuscript map motion_picture musical_score pamphlet
    paper-conference patent performance periodical personal_communication post post-weblog
    regulation report review review-book software song speech standard thesis treaty webpage
    """.split()  # noqa: SIM905  one word a line would hide the list
)


@lru_cache(maxsize=1000)
def kind_of(text: str) -> str | None:
    """Give the CSL type of a format's own word (`JOUR`, `@inproceedings`, `Journal Article`); None
    for a word that says nothing of that (`misc`, `GEN`)."""
    if not text:
        return None
    if text in CSL_TYPES and text != "article":
        return text
    squashed = re.sub(r"[^a-z]", "", text.lower())
    return _KIND_OF.get(squashed)
