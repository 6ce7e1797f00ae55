"""What the headings of tables mean: the words of catalogues, reference managers and people.

A heading is compared without case, accents, spaces and signs: `Paper Title`, `paper_title` and
`PAPER-TITLE` are one, `Título` is `titulo`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from pipeline.papers import folded

# Of each field its headings, best first: a table that has several is read by the first of them.
# Those before the bar stand in for each other: where a row's `Journal` is empty its `Book title`
# is read. Those behind the bar mean something else as often, and are read only where the table has
# none of the others: `Source` is a journal to one maker, the name of the catalogue to another.
_FIELDS: dict[str, str] = {
    "id": """id, paper id, record id, uid, uuid, key, cite key, citation key, entry id, lens id,
        publication id, covidence #, item key, bibtex key, |
        identifier, record number""",
    "title": """title, ti, paper title, document title, article title, item title, primary title,
        work title, original title, translated title, titel, titre, título,
        titolo, tytuł, titulo del artículo, título do artigo, titre de l'article,
        titolo dell'articolo, artikeltitel, titel des artikels, beitragstitel, 标题, 題名,
        标题 title, 题名, 题目, 篇名, 論文題目, 論文名, タイトル, 제목, заглавие, название,
        display name, | name, headline""",
    "abstract": """abstract, abstracts, abstract text, abstract note, paper abstract, ab,
        original abstract, english abstract, | zusammenfassung, kurzfassung, kurzzusammenfassung,
        résumé, resumen, resumo, riassunto, sommario, samenvatting, streszczenie, 摘要,
        中文摘要, 摘要 abstract, 抄録, 要旨, 要約, 概要, 초록, аннотация, abstrakt, summary,
        description, beschreibung""",
    "authors": """author full names, authors full names, author names, authors, author, author/s,
        author(s), author list, author editor or organization,
        autor herausgeber oder institution, creators, creator, au, autoren, autor, verfasser,
        auteurs, auteur, autores, autor(es), autore, autori, 作者, 著者, 著者名, 저자, авторы,
        автор, authorships.author.display_name, authorships.raw_author_name, | full names,
        inventors""",
    "affiliations": """affiliations, affiliation, author affiliations, authors affiliations,
        institutions, addresses, author addresses, authorships.institutions.display_name, 机构,
        所属""",
    "year": """year, publication year, pub year, published year, year published, py, jahr,
        erscheinungsjahr, publikationsjahr, veröffentlichungsjahr, année, année de publication, año,
        año de publicación, ano, ano de publicação, anno, anno di pubblicazione, jaar, rok,
        年, 年份, 年度, 出版年, 発行年, 발행년, 연도, год""",
    "date": """date, publication date, date published, published date, published, date of
        publication, release date, published at, cover date, online date, submitted, issue date,
        datum, erscheinungsdatum, veröffentlichungsdatum, date de publication, fecha, fecha de
        publicación, data, data de publicação, data di pubblicazione, 发表时间, 出版日期, 日期""",
    "venue": """venue, journal, source title, publication title, journal name, journal title,
        journal/book, container title, publication name, primary_location.source.display_name,
        host_venue.display_name, so, proceedings title, book title, conference, conference name,
        conference title, secondary title, zeitschrift, fachzeitschrift, revue, revista, rivista,
        periódico, tijdschrift, 期刊, 刊名, 来源, 杂志, 雑誌名, 掲載誌, 저널, журнал, quelle, |
        publication, source, fuente, fonte, anthology title, series title""",
    "keywords": """author keywords, keywords, keyword, keywords author, key words,
        keywords.display_name, manual tags, tags, schlagwörter, schlagworte, stichwörter,
        stichworte, schlüsselwörter, mots-clés, mots clés, palabras clave, palavras-chave, parole
        chiave, trefwoorden, słowa kluczowe, 关键词, 關鍵詞, キーワード, 키워드, ключевые слова, |
        keywords plus, index keywords, ieee terms, mesh terms, subjects, topics, automatic tags""",
    "url": """url, link, paper url, article url, url link, landing page url, doi link, pdf link,
        pdf url, source url, full text link, dimensions url, external url, source linkout, urls,
        full text url, primary_location.landing_page_url, lien, enlace, 链接, 网址, | site,
        website""",
    "doi": "doi, item doi, doi number, digital object identifier, ids.doi",
    "arxiv_id": "arxiv id, arxiv, arxiv number, eprint",
    "category": """category, categories, primary category, arxiv category, kategorie, catégorie,
        categoría, 分类""",
    "code": "code, has code, code available",
    "score": "score, rating",
    "kind": """document type, kind, item type, type, publication type, article type, entry type,
        reference type, dokumenttyp, publikationstyp, type de document, tipo, tipo de documento,
        文献类型, 文献类型 document type""",
    "language": """language, article language, language of original document, lang, la, sprache,
        langue, idioma, lingua, 语言, 言語""",
    "status": "is retracted, retracted, status",
    "identifiers": "identifiers",
    "pmid": "pmid, pubmed id, pubmedid, medline pmid, ids.pmid",
    "pmcid": "pmcid, pmc id, pmc, ids.pmcid",
    "openalex": "openalex id, openalex, ids.openalex",
    "openreview": "openreview id, openreview",
    "corpusid": "corpus id, s2 corpus id",
    "mag": "microsoft academic id, mag id, ids.mag",
    "dblp": "dblp key, dblp id",
    "scopus": "eid, scopus eid, scopus id",
    "wos": "ut (unique wos id), ut (unique id), ut, wos id, wos uid",
}
# Columns that no field of `Paper` is read from, by the names under which exporters look for them.
_EXTRAS: dict[str, str] = {
    "volume": """volume, vol, vol., volume number, journal volume, biblio.volume, band, jahrgang,
        tome, volumen, 卷""",
    "issue": """issue, issue number, journal issue, number, biblio.issue, heft, ausgabe, numéro,
        número, numero, fascicolo, 期""",
    "pages": "pages, page, page range, pagination, seiten, páginas, pagine, 页码, ページ",
    "first page": "page start, start page, first page, beginning page, startpage, "
    "biblio.first_page",
    "last page": "page end, end page, last page, ending page, endpage, biblio.last_page",
    "publisher": "publisher, book publisher, verlag, herausgeber verlag, éditeur, editorial, "
    "editora, editore, 出版社, 出版者",
    "issn": "issn, issns, print issn, issn (print)",
    "isbn": "isbn, isbns, print isbn",
}


class Meaning(NamedTuple):
    """What a heading says: the field; its place among that field's headings, from 0; and whether
    the column stands in where a better one is empty."""

    field: str
    rank: int
    stands_in: bool


def squash(heading: str) -> str:
    """The letters and digits of a heading, of any script, without case and accents."""
    if heading.isascii():
        return "".join(filter(str.isalnum, heading.lower()))
    return "".join(filter(str.isalnum, folded(heading)))


def _meanings(table: dict[str, str]) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for field, headings in table.items():
        good, _, doubtful = headings.partition("|")
        listed = [(name, True) for name in good.split(",")]
        listed += [(name, False) for name in doubtful.split(",")]
        for rank, (name, stands_in) in enumerate(listed):
            if squashed := squash(name):
                found.setdefault(squashed, Meaning(field, rank, stands_in=stands_in))
    return found


_MEANINGS = _meanings(_FIELDS)
_EXTRA_MEANINGS = _meanings(_EXTRAS)


@lru_cache(maxsize=10_000)  # objects of one source have the same keys again and again
def meaning_of(heading: str) -> Meaning | None:
    """Give the field that a column of this heading holds, or None."""
    return _MEANINGS.get(squash(heading))


@lru_cache(maxsize=10_000)
def extra_name(heading: str) -> str:
    """Give the name under which a column that is no field is kept: `volume` for `Vol.`, else its
    own; "first page" and "last page" make `pages`."""
    known = _EXTRA_MEANINGS.get(squash(heading))
    return known.field if known else " ".join(heading.split())


def columns_of_fields(headings: Iterable[str]) -> dict[str, list[int]]:
    """Give of each field the numbers of the columns that hold it, best first.

    All but the first are read where those before them are empty.
    """
    found: dict[str, list[tuple[int, int, bool]]] = {}
    for number, heading in enumerate(headings):
        if meaning := meaning_of(heading):
            place = (meaning.rank, number, meaning.stands_in)
            found.setdefault(meaning.field, []).append(place)
    columns = {}
    for field, places in found.items():
        first, *others = sorted(places)
        columns[field] = [first[1], *(number for _, number, stands_in in others if stands_in)]
    return columns
