"""What a bibliography needs of a paper beside its fields: volume, pages, kind of publication."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.papers import Paper
from pipeline.papers.plain import one_line

_NAMES = {
    "volume": "volume vol",
    "issue": "issue issuenumber",
    "pages": "pages page pagerange",
    "first": "pagestart startpage firstpage beginningpage",
    "last": "pageend endpage lastpage endingpage",
    "publisher": "publisher publishername",
    "issn": "issn eissn",
    "isbn": "isbn isbns",
}
_SEVERAL = frozenset({"issn"})  # in print and online: neither is the other
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_CONFERENCE = re.compile(
    r"\b(?:proceedings|proc|conference|conf|workshop|symposium|congress)\b", re.IGNORECASE
)
_CONFERENCES = frozenset(
    """
    3dv aaai aamas accv acl aistats bmvc ccs chi cikm coling colm colt conll corl cvpr eacl ecai
    eccv ecir ecml emnlp focs iccv icdm iclr icml icra ijcai interspeech iros isit kdd mlsys naacl
    neurips nips recsys rss sigir sigmod soda stoc uai usenix vldb wacv wsdm www
    """.split()  # noqa: SIM905  one word a line would hide the list
)


@dataclass(frozen=True, slots=True)
class Details:
    """What stands in a bibliography about where a paper appeared; "" for what is not known."""

    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    issn: str = ""
    isbn: str = ""


def details_of(paper: Paper) -> Details:
    """What the other columns of the paper's source say, by the names that exports use."""
    found: dict[str, str] = {}
    for column, text in paper.extra:
        field = _FIELD_OF.get(re.sub(r"[^a-z]", "", column.lower()))
        if field:
            # Spreadsheets write the numbers of a column with gaps as `12.0`.
            told = re.sub(r"^(\d+)\.0$", r"\1", one_line(text))
            if field in _SEVERAL and told not in found.get(field, told):
                found[field] += f", {told}"
            found.setdefault(field, told)
    first, last = found.pop("first", ""), found.pop("last", "")
    if first:
        found.setdefault("pages", f"{first}-{last}" if last else first)
    return Details(**found)


def kind_of(paper: Paper) -> str | None:
    """The paper's kind, a type of CSL; where its source is silent, what its venue looks like."""
    if paper.kind:
        return paper.kind
    if paper.venue:
        words = re.findall(r"[a-z0-9]+", paper.venue.lower())
        is_conference = _CONFERENCE.search(paper.venue) or _CONFERENCES.intersection(words)
        return "paper-conference" if is_conference else "article-journal"
    return "article" if paper.arxiv_id else None


def listed_keywords(paper: Paper) -> str:
    """`moss; bogs`; one keyword with a comma in it ends in `;`, or it would be taken for two."""
    told = "; ".join(map(one_line, paper.keywords))
    return f"{told};" if len(paper.keywords) == 1 and "," in told else told


def status_note(paper: Paper) -> str:
    """What a reader must know before citing the paper: `Retracted`; "" for nothing."""
    return (paper.status or "").capitalize()


def address_of(paper: Paper) -> str:
    """The address that its source gives, else that at arXiv; "" for none.

    Blanks within it are `%20` (RFC 3986, section 2.1); of several addresses it is the first.
    """
    if paper.url:
        first, *_ = re.split(r"\s+(?=https?://)", one_line(paper.url))
        return first.replace(" ", "%20")
    return f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else ""
