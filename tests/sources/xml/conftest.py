"""Small files of each format, as their sources write them, of invented papers."""

from __future__ import annotations

import pytest

from pipeline.sources import read_sources
from sources.conftest import abstract_of

PUBMED_ARTICLE = """<PubmedArticle>
  <MedlineCitation Status="MEDLINE" Owner="NLM">
    <PMID Version="1">{pmid}</PMID>
    <Article PubModel="Print-Electronic">
      <Journal>
        <ISSN IssnType="Electronic">1234-567X</ISSN>
        <JournalIssue CitedMedium="Internet">
          <Volume>7</Volume><Issue>2</Issue>
          <PubDate><Year>2012</Year><Month>Jun</Month></PubDate>
        </JournalIssue>
        <Title>Journal of Examples</Title>
        <ISOAbbreviation>J Ex</ISOAbbreviation>
      </Journal>
      <ArticleTitle>{title}</ArticleTitle>
      <Pagination><MedlinePgn>323-9</MedlinePgn></Pagination>
      <ELocationID EIdType="doi" ValidYN="Y">10.1000/ex.{pmid}</ELocationID>
      <Abstract>
        <AbstractText Label="BACKGROUND">{abstract}</AbstractText>
        <AbstractText Label="UNLABELLED">Nothing more is known.</AbstractText>
        <CopyrightInformation>Copyright of nobody.</CopyrightInformation>
      </Abstract>
      <AuthorList CompleteYN="Y">
        <Author ValidYN="Y"><LastName>One</LastName><ForeName>Ann B</ForeName>
          <Initials>AB</Initials>
          <AffiliationInfo><Affiliation>Dept. of Examples, Nowhere.</Affiliation></AffiliationInfo>
        </Author>
        <Author ValidYN="Y"><LastName>Two</LastName><Initials>C</Initials></Author>
        <Author ValidYN="Y"><CollectiveName>Example Study Group</CollectiveName></Author>
      </AuthorList>
      <Language>eng</Language>
      <PublicationTypeList>
        <PublicationType UI="D016428">Journal Article</PublicationType>
      </PublicationTypeList>
    </Article>
    <MeshHeadingList>
      <MeshHeading><DescriptorName MajorTopicYN="N">Humans</DescriptorName></MeshHeading>
      <MeshHeading><DescriptorName MajorTopicYN="N">Asthma</DescriptorName>
        <QualifierName MajorTopicYN="Y">therapy</QualifierName></MeshHeading>
    </MeshHeadingList>
    <KeywordList Owner="NOTNLM">
      <Keyword MajorTopicYN="N">inhalers</Keyword><Keyword MajorTopicYN="N">asthma</Keyword>
    </KeywordList>
  </MedlineCitation>
  <PubmedData>
    <ArticleIdList>
      <ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="pmc">PMC700{pmid}</ArticleId>
    </ArticleIdList>
    <ReferenceList><Reference><ArticleIdList>
      <ArticleId IdType="doi">10.1000/cited</ArticleId><ArticleId IdType="pubmed">9</ArticleId>
    </ArticleIdList></Reference></ReferenceList>
  </PubmedData>
</PubmedArticle>
"""
ENDNOTE_RECORD = (
    '<record><database name="My.enl" path="D:\\My.enl">My.enl</database>'
    '<source-app name="EndNote" version="20.1">EndNote</source-app><rec-number>{id}</rec-number>'
    '<foreign-keys><key app="EN" db-id="avr2">{id}</key></foreign-keys>'
    '<ref-type name="Journal Article">17</ref-type><contributors><authors>'
    "<author>{s}One, Ann B.{e}</author><author>{s}Two, C.{e}</author></authors></contributors>"
    "<titles><title>{s}{title}{e}</title><secondary-title>{s}Journal of Examples{e}"
    "</secondary-title></titles><pages>{s}1-9{e}</pages><volume>{s}7{e}</volume>"
    "<number>{s}2{e}</number><keywords><keyword>{s}epoxy{e}</keyword>"
    "<keyword>{s}creep; fracture{e}</keyword></keywords><dates><year>{s}2010{e}</year>"
    "<pub-dates><date>{s}Jun{e}</date></pub-dates></dates><publisher>{s}Nobody{e}</publisher>"
    "<isbn>{s}1234-567X&#xD;9780000000002{e}</isbn><abstract>{s}{abstract}{e}</abstract>"
    "<urls><related-urls><url>{s}&lt;Go to ISI&gt;://WOS:000256810100001{e}</url>"
    "<url>{s}http://example.org/{id}{e}</url></related-urls>"
    "<pdf-urls><url>internal-pdf://1/a.pdf</url></pdf-urls></urls>"
    "<electronic-resource-num>{s}10.1000/en.{id}{e}</electronic-resource-num>"
    "<language>{s}English{e}</language></record>"
)
STYLE = {"s": '<style face="normal" font="default" size="100%">', "e": "</style>"}
ATOM_ENTRY = """  <entry>
    <id>http://arxiv.org/abs/2401.{n:05}v2</id>
    <title>{title}</title>
    <updated>2024-02-02T00:00:00Z</updated>
    <published>2024-01-01T12:00:00Z</published>
    <summary>  {abstract}
</summary>
    <author><name>Ann B. One</name><arxiv:affiliation>Nowhere</arxiv:affiliation></author>
    <author><name>Clara Two</name></author>
    <arxiv:comment>9 pages</arxiv:comment>
    <arxiv:journal_ref>J. Ex. 7 (2024) 1</arxiv:journal_ref>
    <arxiv:doi>10.1000/ax.{n}</arxiv:doi>
    <link href="http://arxiv.org/pdf/2401.{n:05}v2" rel="related" title="pdf"/>
    <link href="http://arxiv.org/abs/2401.{n:05}v2" rel="alternate" type="text/html"/>
    <arxiv:primary_category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><category term="stat.ML"/>
  </entry>
"""
OAI_RECORD = """<record><header><identifier>oai:example.org:{n}</identifier>
<datestamp>2020-02-02</datestamp><setSpec>a</setSpec></header>
<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>
<dc:creator>One, Ann B.</dc:creator><dc:creator>Two, Clara</dc:creator>
<dc:subject>epoxy</dc:subject><dc:subject>creep</dc:subject>
<dc:description>Comment: {abstract} and a comment that is longer than all else</dc:description>
<dc:description>{abstract}</dc:description><dc:date>2012-05-01</dc:date><dc:date>2011-04</dc:date>
<dc:type>info:eu-repo/semantics/doctoralThesis</dc:type><dc:language>en</dc:language>
<dc:identifier>http://example.org/{n}</dc:identifier>
<dc:identifier>doi:10.1000/oai.{n}</dc:identifier>
<dc:source>Journal of Examples; Vol. 7 No. 2 (2011); 1-9</dc:source>
<dc:source>1234-567X</dc:source></oai_dc:dc></metadata></record>
"""
ACL_PAPER = """    <paper id="{n}">
      <title><fixed-case>T</fixed-case>he {title}</title>
      <author><first>Ann B.</first><last>One</last><affiliation>Nowhere</affiliation></author>
      <author id="clara-two"><first>Clara</first><last>Two</last></author>
      <pages>1-9</pages>
      <abstract>{abstract} In <tex-math>O(n^3)</tex-math> time.</abstract>
      <url hash="c">2023.ex-long.{n}</url>
      <bibkey>one-two-2023-{n}</bibkey>
      <doi>10.1000/2023.ex-long.{n}</doi>
    </paper>
"""


def pubmed(*articles: str) -> str:
    doctype = (
        '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN"\n'
        ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">'
    )
    body = "".join(articles)
    return f'<?xml version="1.0" ?>\n{doctype}\n<PubmedArticleSet>\n{body}</PubmedArticleSet>\n'


def endnote(*records: str) -> str:
    body = "".join(records)
    return f'<?xml version="1.0" encoding="UTF-8" ?><xml><records>{body}</records></xml>'


def atom(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"\n'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom">\n  <title type="html">arXiv Query</title>\n'
        f"  <id>http://arxiv.org/api/q</id>\n{''.join(entries)}</feed>\n"
    )


def oai(*records: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2024-01-01T00:00:00Z</responseDate>\n"
        '<request verb="ListRecords" metadataPrefix="oai_dc">http://example.org/oai</request>\n'
        f"<ListRecords>\n{''.join(records)}<resumptionToken>t1</resumptionToken></ListRecords>"
        "</OAI-PMH>\n"
    )


def acl(*papers: str) -> str:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n<collection id=\"2023.ex\">\n"
        '  <volume id="long" type="proceedings">\n    <meta>\n'
        "      <booktitle>Proceedings of the Example Meeting</booktitle>\n"
        "      <editor><first>Eve</first><last>Editor</last></editor>\n"
        "      <publisher>Nobody</publisher>\n      <month>July</month>\n      <year>2023</year>\n"
        "      <url>2023.ex-long</url>\n    </meta>\n"
        "    <frontmatter><url>2023.ex-long.0</url><bibkey>ex-2023</bibkey></frontmatter>\n"
        f"{''.join(papers)}  </volume>\n</collection>\n"
    )


def record_of(kind: str, n: int, title: str = "", abstract: str = "") -> str:
    """The n-th record of a format, of the words `Title n` and an abstract that names n."""
    title, abstract = title or f"Title {n}", abstract or abstract_of(f"matter {n}", 2)
    if kind == "pubmed-xml":
        return PUBMED_ARTICLE.format(pmid=n, title=title, abstract=abstract)
    if kind == "endnote-xml":
        return ENDNOTE_RECORD.format(id=n, title=title, abstract=abstract, **STYLE)
    template = {"arxiv-atom": ATOM_ENTRY, "oai-pmh": OAI_RECORD, "acl-anthology": ACL_PAPER}[kind]
    return template.format(n=n, title=title, abstract=abstract)


WRAPPED = {
    "pubmed-xml": pubmed,
    "endnote-xml": endnote,
    "arxiv-atom": atom,
    "oai-pmh": oai,
    "acl-anthology": acl,
}
KINDS = sorted(WRAPPED)
END_TAGS = {
    "pubmed-xml": "</PubmedArticle>",
    "endnote-xml": "</record>",
    "arxiv-atom": "</entry>",
    "oai-pmh": "</record>",
    "acl-anthology": "</paper>",
}


def file_of(kind: str, *records: str) -> str:
    return WRAPPED[kind](*records)


@pytest.fixture
def read(page):
    """Read a text as the one file that the user named; give the records and its report."""

    def read_text(text: str, encoding: str = "utf-8", name: str = "papers.xml"):
        result = read_sources([page(text, name, encoding)])
        (report,) = result.reports
        assert report.found == report.imported + report.set_aside
        return result.records, report

    return read_text
