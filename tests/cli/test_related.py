"""`paperatlas related`: its options, its page, its JSON, and what is typed wrong."""

from __future__ import annotations

import json
import shutil

import pytest
from drafts.made_pdf import made_pdf, show
from three_topics import records

from .streams import without_progress

N = len(records())
TEXT = "optimal transport with entropy"
KEYS = [
    "rank", "id", "title", "authors", "year", "status", "score", "dense_rank", "lexical_rank",
    "lexical_score", "fused_score", "rerank_score", "theme", "shared", "sentence", "why",
]  # fmt: skip


@pytest.fixture
def related(run_here, topic_atlas):
    """What the command finds, with --json."""

    def ask(*arguments):
        done = run_here("related", topic_atlas, *arguments, "--json")
        assert done.returncode == 0, done.stderr or done.stdout
        told = json.loads(done.stdout)
        assert told["schema"] == "paperatlas.related/1"
        return told["results"]

    return ask


@pytest.fixture
def page(run_here, topic_atlas):
    """What the command tells people, as words with single spaces."""

    def ask(*arguments):
        done = run_here("related", topic_atlas, *arguments)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stdout.split())

    return ask


def ids(results):
    assert [hit["rank"] for hit in results] == list(range(1, len(results) + 1))
    return [hit["id"] for hit in results]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_each_result_has_all_scores_that_its_mode_knows(related, mode):
    results = related("--text", TEXT, "--mode", mode, "-k", 4)
    assert [list(hit) for hit in results] == [KEYS] * 4
    for hit in results:
        known = {key for key in KEYS if hit[key] is not None}
        unknown = {"dense": {"fused_score"}, "lexical": {"fused_score", "dense_rank", "score"}}
        assert unknown.get(mode, set()).isdisjoint(known)
        assert {"rank", "id", "theme", "lexical_score", "lexical_rank", "why"} <= known
        assert sorted(hit["theme"]) == ["id", "layer", "name"]
        assert all(f"“{phrase}”" in " ".join(hit["why"]) for phrase in hit["shared"])
    ranks = {"dense": "dense_rank", "lexical": "lexical_rank"}
    if mode in ranks:
        assert [hit[ranks[mode]] for hit in results] == [1, 2, 3, 4]
    assert all("optimal transport" in str(hit["shared"]) for hit in results)


def test_a_query_is_one_however_it_is_put(related, tmp_path):
    by_id = related("--paper", "transport-1", "-k", 3)
    assert len(by_id) == 3
    for other in (
        ("--doi", "10.1000/fast.1"),
        ("--doi", "https://doi.org/10.1000/FAST.1"),
        ("--paper", "doi:10.1000/fast.1"),
        ("--paper", "Fast solverrs of optimal transport"),
        ("--like", "transport-1"),
    ):
        assert related(*other, "-k", 3) == by_id
    draft = tmp_path / "draft.md"
    draft.write_text(f"# {TEXT}\n", "utf-8")
    assert ids(related("--file", draft)) == ids(related("--text", TEXT))


def test_a_pdf_is_looked_for_by_title_and_abstract(run_here, related, topic_atlas, tmp_path):
    shown = [
        show("Comets seen from afar", size=17, y=740),
        show("Abstract", size=12, y=700),
        show("A telescope observed the dust tails of comets near the sun.", y=680),
        show("1 Introduction", size=12, y=200),
    ]
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(made_pdf([shown]))
    assert {name.split("-")[0] for name in ids(related("--file", draft, "-k", 5))} == {"comets"}
    done = run_here("related", topic_atlas, "--file", draft)
    assert without_progress(done.stderr) == ["draft: used the title and the abstract"]


def test_several_things_are_looked_for_together(related):
    liked = ["--like", "moss-0", "--like", "comets-0"]
    found = ids(related(*liked, "-k", N))
    assert {*found, "moss-0", "comets-0"} == {str(record["id"]) for record in records()}
    both = ids(related("--text", TEXT, *liked, "--unlike", "version-0", "-k", N))
    assert {"moss-0", "comets-0", "version-0", "version-1"}.isdisjoint(both)
    assert len(both) == N - 4


def test_more_of_a_theme_is_outside_it(related, run_here, topic_atlas):
    told = json.loads(run_here("themes", topic_atlas, "--json").stdout)
    (layer, *_) = told["layers"]
    for theme in layer["themes"]:
        for name in (theme["id"], theme["name"]):
            found = ids(related("--more-of", name, "-k", N))
            assert sorted(found + theme["papers"]) == sorted(str(r["id"]) for r in records())
            inside = ids(related("--text", "moss", "--theme", name, "-k", N))
            assert sorted(inside) == sorted(theme["papers"])


def test_filters_are_joined(related):
    found = related("--text", "comets", "--where", "year < 2021", "--since", 2017,
                    "--category", "cs", "-k", N)  # fmt: skip
    wanted = [r["id"] for r in records() if 2017 <= r["year"] < 2021 and r["category"][:2] == "cs"]
    assert sorted(ids(found)) == sorted(wanted)


def test_diverse_results_are_as_many_and_begin_alike(related):
    plain, diverse = ids(related("--text", TEXT)), ids(related("--text", TEXT, "--diverse"))
    assert plain[0] == diverse[0]
    assert len(set(diverse)) == len(plain) == 10


def test_novelty_is_told_on_the_page_and_in_the_json(run_here, page, topic_atlas):
    told = page("--paper", "moss-0", "--novelty", "-k", 1)
    assert "How crowded this place is" in told
    done = run_here("related", topic_atlas, "--paper", "moss-0", "--novelty", "--json")
    values = json.loads(done.stdout)
    assert list(values) == [
        "schema", "mode", "papers", "among", "filters", "is_close", "results", "novelty"
    ]  # fmt: skip
    assert values["novelty"]["papers"] == N
    assert values["novelty"]["nearest"]["id"] != "moss-0"
    assert "novelty" not in json.loads(
        run_here("related", topic_atlas, "--text", "a", "--json").stdout
    )


def test_the_page_says_what_was_looked_for_and_how_each_paper_was_found(page):
    told = page("--text", TEXT, "--like", "transport-1", "--unlike", "moss-0", "-k", 2)
    assert told.startswith(
        f"Papers related to “{TEXT}” and Fast solvers of optimal transport (transport-1), "
        "not Moss growth on wet granite (moss-0)"
    )
    assert "1. Entropic optimal transport in high dimension" in told
    assert "1st by meaning, 1st by words" in told
    assert "theme: " in told
    assert "transport-0 - shares “" in told


def test_of_many_papers_the_page_names_three_and_counts_the_others(page):
    liked = [word for i in range(5) for word in ("--like", f"moss-{i}")]
    unliked = [word for i in range(4) for word in ("--unlike", f"comets-{i}")]
    told = page(*liked, *unliked, "-k", 1)
    assert "(moss-2) and 2 more, not " in told
    assert "(comets-2) or 1 more 1. " in told


def test_by_words_alone_no_similarity_is_shown(page):
    told = page("--text", "fast solvers", "--mode", "lexical")
    assert "1. Fast solvers of optimal transport 1st by words · " in told
    assert "by meaning" not in told
    assert "Nothing is very close" not in told


def test_no_score_is_less_than_nothing_by_rounding(page):
    assert "-0.00" not in page("--more-of", "1", "-k", N)


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE papers; --",
        '" OR ""="',
        "title:moss* AND NOT comets NEAR/3 ^moss",
        "%_\\",
        "moss\0comets",
        "\x1b[31m\r\u202e",
        "the of and",
        "🙂🙃",
        "نقل مثالي",
        "最优传输",
        "--",
        "x" * 100_000,
        "moss " * 20_000,
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_any_text_is_a_text(run_here, related, topic_atlas, text, mode):
    found = related(f"--text={text}", "--mode", mode, "-k", 3)
    assert len(found) == 3 or mode == "lexical"
    done = run_here("related", topic_atlas, f"--text={text}", "--mode", mode)
    assert done.returncode == 0
    assert not set("\0\x1b\r") & set(done.stdout)
    assert len(done.stdout) < 20_000


def in_one_line(done):
    """The one line of a command that refuses, whatever it was given: no trace, nothing else."""
    assert done.stdout == ""
    (line,) = without_progress(done.stderr)
    assert line.startswith("paperatlas: ")
    assert line.isprintable()
    assert len(line) < 2_500
    return line


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE papers; --", "🙂🙃", "\x1b[31m\r\u202e", "\udcff", "x" * 100_000],
    ids=lambda text: ascii(text[:30]),
)  # fmt: skip
def test_the_installed_command_answers_any_text_or_refuses_it_in_one_line(run, topic_atlas, text):
    done = run("related", topic_atlas, f"--text={text}", "--mode", "lexical")
    if text == "\udcff":  # what the shell hands over as a byte that is no character
        assert done.returncode == 2
        assert "the query text is empty" in in_one_line(done)
    else:
        told = ["text: used the first 4,000 characters"] if len(text) > 4_000 else []
        assert (done.returncode, without_progress(done.stderr)) == (0, told)
        assert done.stdout.startswith("Papers related to")
        assert "\n\nNo paper has a word of the query: " in done.stdout
        assert done.stdout.replace("\n", "").isprintable()


FILES = [
    # what a draft holds, exit code, what the line has to say
    (b"optimal\0transport", 4, "binary data, not a draft"),
    (b"\0" * 5000, 4, "binary data, not a draft"),
    (bytes(range(256)) * 10, 4, "binary data, not a draft"),
    (b" \n\t\n", 4, "empty file"),
    ("\u200b\n".encode(), 4, "no words in it"),
    ("🙂🙃".encode(), 4, "no words in it"),
    (b"the of and", 0, ""),
    (b"'; DROP TABLE papers; --", 0, ""),
    (b"title:moss* AND NOT comets NEAR/3", 0, ""),
    (b"x" * 100_000, 0, ""),
    (b"moss " * 20_000, 0, ""),
    ("optimal transport".encode("utf-16"), 0, ""),
    (b"\xff moss \xfe", 0, ""),
]


@pytest.mark.parametrize("ending", ["txt", "md", "tex"])
@pytest.mark.parametrize(("content", "code", "says"), FILES, ids=[ascii(f[0][:20]) for f in FILES])
def test_any_draft_is_answered_or_refused_in_one_line(
    run_here, topic_atlas, tmp_path, content, code, says, ending
):
    draft = tmp_path / f"draft.{ending}"
    draft.write_bytes(content)
    done = run_here("related", topic_atlas, "--file", draft, "-k", 3)
    assert done.returncode == code, done.stderr
    if code:
        assert f"draft.{ending}: {says}" in in_one_line(done)
    else:
        assert "  1. " in done.stdout
        assert [line.partition(": ")[0] for line in without_progress(done.stderr)] == ["draft"]


@pytest.mark.parametrize("typed", ["x" * 100_000, "moss on granite " * 6_250, "(" * 100_000])
@pytest.mark.parametrize(
    "option", ["--paper", "--doi", "--like", "--unlike", "--more-of", "--theme", "--where",
               "--since", "--mode", "--rerank", "-k", "--file"]
)  # fmt: skip
def test_a_mistake_of_any_length_is_one_line_that_can_be_read(run_here, topic_atlas, option, typed):
    text = [] if option == "--file" else ["--text", "moss"]
    done = run_here("related", topic_atlas, *text, option, typed)
    assert done.returncode in {2, 3, 4}
    line = in_one_line(done)
    assert " - " in line
    told = json.loads(run_here("related", topic_atlas, *text, option, typed, "--json").stdout)
    # Programs are told all of it.
    message, hint = told["error"]["message"], told["error"]["hint"]
    assert line.startswith(f"paperatlas: {message[:30]}")
    assert line.endswith(hint[-40:])


@pytest.mark.parametrize("damage", ["changed", "cut", "lost"])
@pytest.mark.parametrize("name", ["digests", "starts", "rows", "impacts"])
def test_damaged_words_are_told_in_one_line(run_here, topic_atlas, tmp_path, name, damage):
    atlas = shutil.copytree(topic_atlas, tmp_path / "atlas")
    (path,) = atlas.rglob(f"lexical-0000/{name}.npy")
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(content if damage == "changed" else content[: len(content) // 2])
    for mode in ("hybrid", "dense", "lexical"):
        done = run_here("related", atlas, "--text", "moss", "--mode", mode)
        assert done.returncode == 5
        line = in_one_line(done)
        assert f"{path}: " in line
        assert "build it again" in line
    # What does not look at the words goes on; a file that is plainly not whole stops everything.
    assert run_here("themes", atlas).returncode == (0 if damage == "changed" else 5)
    told = json.loads(run_here("doctor", atlas, "--json").stdout)
    assert path.name in json.dumps(told["problems"])


MISTAKES = [
    # options, exit code, what the line has to say
    ([], 2, "expected a query - give --text, --file, --paper, --doi, --like or --more-of"),
    (["--unlike", "moss-0"], 2, "only what is not wanted is given"),
    (["--text", "a", "--file", "b.txt"], 2, "expected one text"),
    (["--paper", "moss-0", "--doi", "10.1000/fast.1"], 2, "give --paper or --doi"),
    (["--doi", "nonsense"], 2, "--doi 'nonsense': no DOI - expected one such as"),
    (["--doi", ""], 2, "--doi '': no DOI"),
    (["--doi", "10.1000/none"], 2, "no paper of this atlas has the DOI '10.1000/none'"),
    (["--paper", "Glacier melt in Peru"], 2, "no paper has the id or title 'Glacier melt in Peru'"),
    (["--like", "nobody"], 2, "no paper has the id or title 'nobody'"),
    (["--text", "a", "--unlike", "nobody"], 2, "no paper has the id or title 'nobody'"),
    (["--paper", ""], 2, "no paper is named: the text is empty"),
    (["--more-of", "telescope"], 2, "no theme 'telescope' in this atlas - nearest: "),
    (["--text", "a", "--theme", "telescope"], 2, "no theme 'telescope' in this atlas - nearest: "),
    (["--more-of", "zqx"], 2, "no theme 'zqx' in this atlas - paperatlas themes lists them"),
    (["--text", "a", "--mode", "semantic"], 2, "known modes: hybrid, dense, lexical"),
    (["--text", "a", "--mode", ""], 2, "no mode ''"),
    (["--text", "a", "-k", "0"], 2, "k = 0"),
    (["--text", "a", "--since", "soon"], 2, "since 'soon': no time"),
    (["--text", "a", "--category", ""], 2, "category: it is empty"),
    (["--text", "a", "--where", ""], 2, "filter: it is empty"),
    (["--text", "a", "--where", "year >="], 2, "filter, column 8"),
    (["--text", "a", "--where", "SELECT * FROM papers"], 2, "filter, column"),
    (["--text", "a", "--where", "1=1; DROP TABLE papers"], 2, "filter, column 4"),
    (["--text", "a", "--where", "title MATCH 'moss'"], 2, "filter, column 7"),
    (["--text", "a", "--where", "moss* NEAR comets"], 2, "filter, column 5"),
    (["--text", "a", "--where", "\0"], 2, "filter, column 1"),
    (["--text", "🙂\0", "--where", "(" * 5000], 2, "filter"),
    (["--text", "\0"], 2, "the query text is empty"),
    (["--text", " "], 2, "the text is empty"),
    (["--file", "none.txt"], 4, "none.txt: cannot be read (no such file or directory)"),
    (["--file", "scan.pdf"], 4, "scan.pdf: no text in this PDF, which looks scanned"),
    (["--file", "empty.txt"], 4, "empty.txt: empty file"),
    (["--file", "."], 4, "cannot be read (is a directory)"),
]


@pytest.mark.parametrize(
    ("typed", "code", "says"), MISTAKES, ids=[str(m[0])[:60] for m in MISTAKES]
)
def test_a_mistake_is_one_line(run_here, topic_atlas, tmp_path, monkeypatch, typed, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "scan.pdf").write_bytes(made_pdf([[]]))
    done = run_here("related", topic_atlas, *typed)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = without_progress(done.stderr)
    assert line.startswith("paperatlas: ")
    assert says in line
    told = json.loads(run_here("related", topic_atlas, *typed, "--json").stdout)
    assert told["schema"] == "paperatlas.error/1"
    assert told["error"]["hint"]


def refused(run_here, *arguments):
    done = run_here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = without_progress(done.stderr)
    return line


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--paper", "moss-0", "--paper", "moss-1"), "--paper is given twice - name further"),
        (("--text", "a", "--text", "b"), "--text is given twice - give it once"),
        (
            ("--text", "a", "--where", "year=2020", "--where", "year=2021"),
            "--where is given twice - join filters by `and`",
        ),
        (("--text", "a", "-k", "3", "-k", "4"), "-k is given twice"),
        (("--like", "moss-0", "--unlike", "moss-0"), "moss-0 is liked and not liked"),
        (("--text", "a", "--since", "2024-13"), "since '2024-13': no time"),
        (("--text", "a", "--where", "year=2020 && year=2021"), "write and for it"),
        (("--doi", "10.1000/nothere"), "no paper of this atlas has the DOI '10.1000/nothere'"),
        (("--paper", ""), "no paper is named"),
    ],
)
def test_what_contradicts_itself_is_refused(run_here, topic_atlas, options, says):
    assert says in refused(run_here, "related", topic_atlas, *options)


def test_options_that_may_be_given_twice_are(related):
    assert ids(related("--like", "moss-0", "--like", "moss-0", "--json", "-k", 3)) == ids(
        related("--paper", "moss-0", "-k", 3)
    )


def test_where_was_looked_is_told(run_here, page, topic_atlas):
    n_passed = sum(record["year"] >= 2018 for record in records())
    told = page("--text", TEXT, "--where", "year >= 2018", "--since", 2018)
    assert f" among {n_passed} of {N} papers: where year >= 2018, since 2018 1. " in told
    assert " among " not in page("--text", TEXT, "-k", 1)
    done = run_here("related", topic_atlas, "--text", TEXT, "--since", 2018, "--json")
    values = json.loads(done.stdout)
    assert (values["papers"], values["among"]) == (N, n_passed)
    assert (values["mode"], values["filters"]) == ("hybrid", {"since": "2018"})
    assert values["is_close"] is True


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--text", TEXT, "--since", 3000), "No paper of this atlas passes."),
        (("--text", TEXT, "--where", "year = 1900"), "No paper of this atlas passes."),
        (("--paper", "moss-0", "--where", "title = ''' OR 1=1 --'"), "No paper of this atlas"),
        (("--text", "🙂", "--mode", "lexical"), "No paper has a word of the query"),
        (("--text", "unheard", "--mode", "lexical", "--diverse"), "No paper has a word of"),
        (
            ("--text", "zzqq", "--mode", "lexical"),
            "No paper has a word of the query: --mode hybrid",
        ),
        (
            ("--text", "zzqq", "--mode", "lexical", "--since", 2000),
            "No paper that passes has a word of the query",
        ),
        (("--paper", "moss-0", "--where", "id = 'moss-0'"), "No paper that passes is left beside"),
    ],
)
def test_nothing_found_says_why(run_here, page, topic_atlas, options, says):
    assert says in page(*options)
    done = run_here("related", topic_atlas, *options, "--json")
    assert json.loads(done.stdout)["results"] == []


def test_a_query_of_more_than_can_be_used_says_how_much_was(run_here, topic_atlas):
    text = "Optimal transport is a sentence. " * 200
    done = run_here("related", topic_atlas, "--text", text, "-k", 1)
    (line,) = without_progress(done.stderr)
    assert line == f"text: used the first {len(text[:4000].rpartition('. ')[0]) + 1:,} characters"
    assert "Optimal" in done.stdout


def test_titles_and_texts_stand_apart(page):
    assert "related to “Moss in bogs. We study moss.”" in page(
        "--text", "Moss in bogs\nWe study moss."
    )
    told = page("--like", "moss-0", "--like", "moss-1", "--like", "moss-2", "--unlike", "comets-0")
    assert "(moss-0), Moss spores carried by wind (moss-1) and A survey of" in told
    assert "(moss-2), not Dust tails of comets (comets-0)" in told


def test_similar_takes_the_filters_of_related(run_here, topic_atlas):
    done = run_here(
        "similar", topic_atlas, "--over", "0.01", "--since", "2018", "--json", "-k", 999
    )
    told = json.loads(done.stdout)
    recent = {str(record["id"]) for record in records() if record["year"] >= 2018}
    assert told["papers"] == len(recent)
    assert {pair[side]["id"] for pair in told["pairs"] for side in "ab"} <= recent
    done = run_here("similar", topic_atlas, "--since", "3000")
    assert done.stdout == "No paper of this atlas passes the filters.\n"
