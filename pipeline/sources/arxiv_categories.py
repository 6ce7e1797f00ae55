"""arXiv's archives and subject classes (https://arxiv.org/category_taxonomy), and their aliases."""

from __future__ import annotations

from collections import defaultdict

ARCHIVES: dict[str, str] = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE "
    "NI OH OS PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA "
    "RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph "
    "flu-dyn gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
    "gr-qc": "", "hep-ex": "", "hep-lat": "", "hep-ph": "", "hep-th": "", "math-ph": "",
    "nucl-ex": "", "nucl-th": "", "quant-ph": "",
}  # fmt: skip

# One class under two names: arXiv shows either, and files the paper under the one given here.
_ALIASES = {
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "cs.NA": "math.NA",
    "math.MP": "math-ph",
    "stat.TH": "math.ST",
    "q-fin.EC": "econ.GN",
}
# `CV` is math.CV (complex variables) too, but a listing that prints bare classes and means
# mathematics has not been met, while computer vision is on every page of this kind.
_PLAIN = {"CV": "cs.CV"}


def _owners() -> dict[str, tuple[str, ...]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for archive, classes in ARCHIVES.items():
        for name in classes.split():
            code = f"{archive}.{name}"
            owners[name].add(_ALIASES.get(code, code))
    return {name: tuple(sorted(codes)) for name, codes in owners.items()}


_OWNERS = _owners()
CODES = frozenset(
    f"{archive}.{name}" for archive, names in ARCHIVES.items() for name in names.split()
)


def is_category(text: str) -> bool:
    """Tell whether `text` is an archive, a class, or a full code: `quant-ph`, `LG`, `cs.LG`."""
    return text in ARCHIVES or text in _OWNERS or text in CODES


def full_category(text: str) -> str:
    """Give the full code where it is plain, else `text` as it stands.

    `LG` is `cs.LG`, `SY` (an alias) `eess.SY`; `DS` may be `cs.DS` or `math.DS` and stays `DS`.
    """
    if text in _PLAIN:
        return _PLAIN[text]
    codes = _OWNERS.get(text, ())
    return codes[0] if len(codes) == 1 else _ALIASES.get(text, text)
