"""What stands around an abstract and is not of it: its label, publishers' notes, keywords.

Two thousand abstracts of one publisher that end in the same words are alike by those words. A note
is only taken off the beginning or the end; a sentence about copyright stays.
"""

from __future__ import annotations

import re

# Words of any language that stand before an abstract, with a sign behind them.
_LABELS = (
    "abstract|graphical abstract|summary|synopsis|zusammenfassung|kurzfassung|résumé|resumen|"
    "resumo|riassunto|sommario|samenvatting|sammanfattning|streszczenie|abstrakt|özet|"
    "аннотация|реферат|резюме|摘要|要旨|概要|초록"
)
_SENTENCE_STARTERS = (
    "We|This|These|In|The|A|An|Our|It|Is|Are|Many|Most|Recent|Recently|While|Although|Despite|"
    "Given|To|For|With|Large|Modern|How|What|Why|When|As|By|Machine|Deep|There|Here|On|"
    "Background|Objectives?|Purpose|Aims?|Introduction|Context|BACKGROUND|OBJECTIVES?|PURPOSE|AIMS?"
)
_LABEL = re.compile(
    rf"\s*(?:(?i:{_LABELS})\s*(?:[:.—–：]|-(?=\s))\s*"
    rf"|Abstract\s+(?=(?:{_SENTENCE_STARTERS})\b)|ABSTRACT\s+(?=[A-Z])|(?:Abstract|ABSTRACT)(?=[A-Z][a-z])"
    r"|Abstract(?=(?:We|This|In|A)\b)|(?:Abstract|ABSTRACT|Summary)[-‐‑](?=[A-Z]))"
)
# Texts that stand where a source has none.
_NO_ABSTRACT = re.compile(
    r"[\[(]?(?:no abstract(?: (?:is )?available| provided| supplied)?|(?:the )?abstract (?:is )?"
    r"(?:not|un) ?available|abstract|not available|n/a|null|none|nan|undefined)[\])]?\.?",
    re.IGNORECASE,
)
_LONGEST_EXCUSE = 60

_YEAR = r"(?:19|20)\d\d\b"
# A note starts with a sign of copyright before a year or an owner, ...
_SIGNED = (
    rf"(?:journal\s+compilation\s+)?(?:crown\s+)?(?:copyright|\(copyright\))?:?\s*(?:©|\(c\)(?=\s*(?:{_YEAR}|copyright|the\s+author"
    rf"|by\s|published\s)))\s*(?:copyright\b)?\s*(?={_YEAR}|(?-i:[A-Z])|by\s+(?-i:[A-Z])|the\s+(?:author|royal)|published)"
    rf"|\bcopyright:?,?\s*(?:\(c\)\s*)?(?={_YEAR}|by\s+the\s+(?:author|american)|the\s+author)"
)
# ... or without one, where an export lost it, before a publisher, ...
_OWNED = (
    rf"(?-i:{_YEAR}\s+(?:Published\s+by\s+|The\s+)?(?:Elsevier|(?:John\s+)?Wiley|Springer"
    r"|Academic\s+Press|Authors?\b|American\s+Chemical|S\.\s?Karger|Lippincott|Blackwell"
    r"|Taylor\s+&))"
)
# ... or is one of these sentences.
_SENTENCES = (
    r"(?-i:Crown\s+Copyright)|(?-i:All\s+rights\s+(?:are\s+)?reserved)"
    r"|(?-i:(?:Published|Production\s+and\s+hosting)\s+by\s+[A-Z])"
    r"|(?-i:This\s+(?:article|work|paper)\s+is\s+(?:protected\s+by\s+(?:copyright|law)"
    r"|licensed\s+under|a\s+U\.?S\.?\s+Government\s+work))"
    r"|(?-i:This\s+is\s+an\s+[Oo]pen[\s-][Aa]ccess\s+article)|(?-i:Licensee\s+[A-Z])"
    r"|(?-i:Distributed\s+under\s+(?:the\s+)?[A-Z])"
)
_NOTE = re.compile(rf"[(\[]?(?:{_SIGNED}|{_OWNED}|{_SENTENCES})", re.IGNORECASE)
_SENTENCE_NOTE = re.compile(rf"[(\[]?(?:{_SENTENCES})", re.IGNORECASE)
# The words in small letters that such notes have: with another one, it is a sentence of the text.
_NOTE_WORDS = frozenset(
    """
    a access all also an and any applied applies are article articles as at attribution author
    authors be behalf bei by c cc cited commercial commercially commons compilation contact
    copyright copyrights creative creativecommons credit crown da de del den der des di
    distributed distribution e-mail e.v education email et exclusive exclusively for from für gmbh
    government grant holder holders hosting http https if in inc is its la le les licence licenced
    license licensed licensee licenses licensor limited ltd made medium member modified non
    non-commercial noncommercial not of on only open open-access org original other part pending
    permission permissions permits permitted please properly property protected provided public
    publication publications publish published publisher publishers publishing purposes
    reproduction reserved restrictions rights royal s se source subject such terms that the this
    to trading un und under unless unrestricted use used van version via von was which with within
    without work works www y
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_SMALL_WORD = re.compile(r"(?<![\w./:@'’&-])[a-zà-öø-ÿ][\w'’.-]*")
_LONGEST_NOTE = 700
_LONGEST_HEAD_NOTE = 300
# Where a note at the beginning may end: not behind an initial (`John J. Wiley`).
_NOTE_END = re.compile(r"(?:(?<!\b[A-Z])|(?<=\bB\.V)|(?<=\bS\.A))\.(?=\s|(?-i:[A-Z][a-z])|\Z)")

_CATALOGUE = re.compile(
    r"\s*(?:\[on\s+SciFinder\s*(?:\(R\)|®)?\]\.?"
    r"|\(PsycINFO\s+Database\s+Record\s.{0,80}?rights\s+reserved\.?\)\.?"
    r"|[\[(]?ABSTRACT\s+FROM\s+(?:AUTHOR|PUBLISHER)[\])]?;?\.?"
    r"|\[?(?:[Aa]uthor\s+abstract|AUTHOR\s+ABSTRACT)\]|\(?DIPF/[Oo]rig\.?\)|\([Aa]uthors?'?\s+abstract\))\Z",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_MARK = 150
_PROPERTY = re.compile(
    r"\s*(?:\[?ABSTRACT\s+FROM\s+(?:AUTHOR|PUBLISHER)\]?;?\s*)?Copyright\s+of\s.{1,300}?\sis\s+the\s+"
    r"(?:copyright(?:ed)?\s+)?property\s+of\s",
    re.DOTALL,
)
_LONGEST_PROPERTY = 1300

_KEYWORDS = re.compile(
    r"(?:(?<=[.!?…)\]”\"'])|(?<=\s)|\A)\s*(?:\d\s+)?(?:Some\s+)?(?-i:K|k(?=eywords\s*:))"
    r"(?:ey\s?-?words?|EY\s?-?WORDS?|ey\s+[Ww]ords?|eyphrases)(?:\s+and\s+[Pp]hrases)?\s*(?:[:：—–]|[-.](?=\s?[A-Za-z]))\s*"
    r"|(?:(?<=[.!?…)\]”\"'])|\A)\s*(?:Index\s+[Tt]erms|INDEX\s+TERMS|OCIS\s+[Cc]odes|"
    r"JEL\s+[Cc]lassification(?:\s+[Cc]odes)?|PACS(?:\s+numbers?)?)\s*[:：—–-]\s*"
)
_LONGEST_KEYWORDS = 500
_LONGEST_KEYWORD = 8
_PARTED = re.compile(r"\s*[,;·•|/]\s*|\s+[-–—]\s+|\.\s+")


def without_boilerplate(text: str) -> str:
    """Give an abstract without label, notes and keywords; "" where it is nothing else."""
    start, end = 0, len(text)
    if end > 2 and text[0] == '"' == text[-1] and '"' not in text[1:-1]:
        start, end = 1, end - 1  # a cell of a CSV file
    while True:
        before = start, end
        end = _tail(text, start, end)
        start = _head(text, start, end)
        if (start, end) == before:
            break
    text = text[start:end]
    return "" if len(text) < _LONGEST_EXCUSE and _NO_ABSTRACT.fullmatch(text) else text


# Some of what each rule looks for, in small letters: looked for in all abstracts, so no more than
# is needed. A regular expression over all rules takes ten times as long.
_STARTS = frozenset(label[:4] for label in (*_LABELS.split("|"), "copy", "(cop", "crow", "publ"))
_CATALOGUE_SIGNS = ("scifinder", "abstract", "record", "property", "dipf")
_NOTE_SIGNS = (
    "copyright", "reserved", "elsevier", "published by", "hosting by", "licens", "(c)", "©",
)  # fmt: skip
_KEYWORD_SIGNS = (
    "keyword", "key word", "index term", "keyphrase", "key-word", "jel c", "pacs", "ocis",
)  # fmt: skip
_SIGNS = (*_NOTE_SIGNS[:-2], *_CATALOGUE_SIGNS[:2], *_KEYWORD_SIGNS[:3])
_SIGNS_WITH_COLON = _KEYWORD_SIGNS[3:]
_SEARCHED = 250


def may_have_boilerplate(text: str) -> bool:
    """Tell in a microsecond or two whether `text` could have any to take off."""
    head = text[:4].lower()
    if head in _STARTS or head[:2] in _STARTS or head[:3] in ("(c)", "©") or head[:1] == '"':
        return True
    if len(text) < _LONGEST_EXCUSE and _NO_ABSTRACT.fullmatch(text):
        return True
    if not text.isascii() and "©" in text:
        return True
    tail = text[-_SEARCHED:].lower()
    if any(map(tail.__contains__, _SIGNS)) or ("(" in tail and "(c)" in tail):
        return True
    return ":" in tail and any(map(tail.__contains__, _SIGNS_WITH_COLON))


def _head(text: str, start: int, end: int) -> int:
    """Where the abstract begins behind labels and a note."""
    while (label := _LABEL.match(text, start, end)) and label.end() > start:
        start = label.end()
    limit, kinds = min(end, start + _LONGEST_HEAD_NOTE), _NOTE
    while note := kinds.match(text, start, limit):
        stop = _NOTE_END.search(text, note.end(), limit)
        if stop is None or not _is_note(text[start : stop.end()]):
            break
        start, kinds = stop.end(), _SENTENCE_NOTE
        while start < end and text[start].isspace():
            start += 1
    return start


def _tail(text: str, start: int, end: int) -> int:
    """Where the abstract ends before keywords, catalogues' marks and notes."""
    for signs, find in (
        (_CATALOGUE_SIGNS, _catalogue_start),
        (_NOTE_SIGNS, _note_start),
        (_KEYWORD_SIGNS, _keywords_start),
    ):
        end_text = text[max(start, end - _LONGEST_PROPERTY) : end].lower()
        if any(map(end_text.__contains__, signs)):
            end = find(text, start, end)
            while end > start and text[end - 1].isspace():
                end -= 1
    return end


def _catalogue_start(text: str, start: int, end: int) -> int:
    """Where a catalogue's own mark begins that `text` ends with."""
    mark = _CATALOGUE.search(text, max(start, end - _LONGEST_MARK), end)
    if mark is None:
        mark = _PROPERTY.search(text, max(start, end - _LONGEST_PROPERTY), end)
    return mark.start() if mark else end


def _note_start(text: str, start: int, end: int) -> int:
    """Where the note begins that `text` ends with: behind the last word that no note has."""
    window = max(start, end - _LONGEST_NOTE)
    if window > start:  # not within a word
        while window < end and not text[window].isspace():
            window += 1
    note = _NOTE.search(text, window, end)
    if note is None:
        return end
    last = window
    for word in _SMALL_WORD.finditer(text, note.start(), end):
        if not _is_of_notes(word):
            last = word.end()
    for note in _NOTE.finditer(text, last, end):
        before = text[max(start, note.start() - 3) : note.start()].rstrip()[-1:]
        is_sentence = bool(_SENTENCE_NOTE.match(text, note.start(), end))
        if not before or before in ".!?)]\"'”’;…" or not is_sentence:
            return note.start()
    return end


def _is_note(sentence: str) -> bool:
    return all(map(_is_of_notes, _SMALL_WORD.finditer(sentence)))


def _is_of_notes(word: re.Match[str]) -> bool:
    """Tell whether a note may have this word in small letters; addresses may be any."""
    plain = word[0].rstrip(".'’-").casefold()
    is_address = "." in plain or word.string[word.end() : word.end() + 1] in ("@", "/")
    return plain in _NOTE_WORDS or is_address


def _keywords_start(text: str, start: int, end: int) -> int:
    """Where keywords begin that `text` ends with: a label, then several short parts."""
    labels = list(_KEYWORDS.finditer(text, max(start, end - _LONGEST_KEYWORDS), end))
    if not labels:
        return end
    found = labels[-1]
    parts = [part for part in _PARTED.split(text[found.end() : end].rstrip(" .\"'")) if part]
    short = all(len(part.split()) <= _LONGEST_KEYWORD for part in parts)
    return found.start() if parts and short and (len(parts) > 1 or found.start() > start) else end
