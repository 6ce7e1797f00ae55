"""Words that cannot carry a name on their own."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a about above across after again against all almost along already also although always am among
    an and another any anyone anything are around as at away b be became because become becomes been
    before being below between beyond both but by c can cannot could d did do does doing done down
    due during e each eg either else enough etc even ever every everything except f far few fewer
    first five for four from further g get gets given go h had has have having he hence her here
    herself him himself his how however i ie if in inside instead into is it its itself j just k l
    last later latter least less let like likely m made mainly make makes making many may maybe me
    might mine more moreover most mostly much must my n namely nearly neither never nevertheless
    next no nobody none nor not nothing now o of off often on once one only onto or other others
    otherwise our ours out over own p part per perhaps please q quite r rather re really s same
    second see seem seems several she should since six so some something sometimes somewhat still
    such t take than that the their theirs them themselves then thence there thereby therefore
    these they thing things third this those though three through throughout thus to together too
    top toward towards two u under unless until up upon us use used uses using v various very via w
    was way we well were what whatever when where whereas whereby whether which while who whole
    whom whose why will with within without would x y yet you your yours z zero
    don't doesn't isn't aren't can't won't didn't let's it's we're i'm that's what's
    """
)
"""Function words and single letters: no name begins or ends with one."""

DETERMINERS = frozenset(
    {
        "the",
        "a",
        "an",
        "our",
        "its",
        "their",
        "this",
        "these",
        "those",
        "each",
        "any",
        "how",
        "whether",
    }
)
"""Words that come behind a verb and not behind a noun."""

SCHOLARLY_WORDS = _words(
    """
    ability able abstract account accurate accurately achieve achieved achieves achieving
    additional additionally address addresses addressing advance advanced advancement advances
    advantage aim aims allow allowing allows analyse analyses analysis analyze analyzed analyzing
    answer apply applied applicable application applications approach approaches appropriate
    arbitrary argue art article aspect aspects assess assessing assume assumed assumption
    assumptions attempt author authors available based baseline baselines basic behave behavior
    behaviors benchmark benchmarks benefit benefits best better broad broader build building builds
    call called case cases cause causes certain challenge challenges challenging change changes
    characterize choice choices clear closely code collection combination combine combined
    combines common commonly compare compared comparing comparison competitive complete
    comprehensive compute computing concept concepts conclude conclusion condition conditions
    conduct conducted consider considerable considered considering consist consistent consistently
    consists construct constructed contain containing contains context contribute contribution
    contributions conventional correspond corresponding create creating critical crucial current
    currently data dataset datasets deal decade decrease define defined degree demonstrate
    demonstrated demonstrates demonstrating depend dependent depending depends derive derived
    describe described describes design designed designing despite detail detailed details
    determine develop developed developing development difference differences different difficult
    difficulty direct directly discover discovered discuss discussed discussion distinct diverse
    domain domains drive driven early easily easy effect effective effectively effectiveness
    effects efficient efficiency efficiently effort efforts element elements emerge emerged
    emerging empirical empirically employ employed employing employs enable enabled enables
    enabling encounter end enhance enhanced enhances enhancing ensure entire equal essential
    establish established establishing estimate evaluate evaluated evaluating evaluation evidence
    examine examined example examples exceed excellent existing exist exists experiment
    experimental experimentally experiments explain explore explored explores exploring extend
    extended extending extends extensive extensively extent fact factor factors fail fails field
    fields final finally find finding findings finds focus focused focuses following follows form
    formal forms formulation formulations found frac framework frameworks frequently fully
    fundamental future gain gained gains gap general generally github goal goals good great greater
    group groups growing handle
    help helps high higher highest highlight highlights highly hold holds http https hypothesis
    idea ideas identified identify identifying illustrate impact implementation implemented
    implication implications importance important improve improved improvement improvements
    improves improving include included includes including incorporate incorporates incorporating
    increase increased increases increasing increasingly indeed indicate indicates individual
    influence information inherent input insight insights inspired integrate integrated
    integrates interest interesting introduce introduced introduces introducing introduction
    investigate investigated investigates investigating investigation involve involves involving
    issue issues joint key kind kinds knowledge known lack large largely larger lead leading leads
    leverage leveraged leverages leveraging light limit limitation limitations limited limits list
    literature little long low lower main maintain maintaining major manner means measure measured
    measures method methodology methods metric metrics mitigate modern motivate motivated multiple
    namely natural necessary need needed needs new note notion novel number numbers numerous
    objective observation observations observe observed obtain obtained obtaining obtains occur
    offer offers open order original outcome outcomes outline outperform outperforming outperforms
    overall overcome overview paper papers paradigm particular particularly perform performance
    performed performing performs perspective phenomenon play point points popular pose possible
    potential potentially powerful practical practice practitioners precisely presence present
    presented presenting presents previous previously primarily primary principle principled
    prior problem problems procedure process processes produce produced produces progress
    promising promise property properties proposal propose proposed proposes proposing prove
    proven provide provided provides providing purpose quality question questions range rapid
    rapidly rate rates reach real recent recently reduce reduced reduces reducing refer regard
    regarding related relation relationship relative relatively release released relevant rely
    relying remain remains remarkable report reported reports represent represented representing
    represents require required requirement requirements requires requiring research researchers
    respect respectively result resulting results reveal revealed reveals review rich rise robust
    robustly role scale scales scenario scenarios scope section seek series serve set sets setting
    settings setup shed show showed showing shown shows significance significant significantly
    similar similarly simple simpler simply simultaneously single size sizes small smaller solution
    solutions solve solved solving source space special specific specifically specify stage state
    state-of-the-art statement step steps strategies strategy strength strong structure
    structures studied studies study studying substantial substantially success successful
    successfully suffer suffers suggest suggested suggesting suggests suitable superior support
    supports surpass surpasses survey system systematic systematically systems tackle tackles
    tackling target task tasks technique techniques technology tend tends term terms test tested
    theoretical theoretically theory time times today tool tools topic topics total traditional
    trained type types typical typically unable underlying understand understanding understood
    unified unique unlike usage useful users usually utilize utilized utilizes utilizing valid
    validate validated value values variant variants variety vary varying verify version versions
    view vital weak wide widely wider word words work works world worse years yield yields
    """
)
"""What every abstract says whatever its subject: such a word is never a name alone, and a phrase
that begins or ends with one is worth less."""

INNER_WORDS = frozenset({"of", "in", "for", "to", "on", "with", "from", "as"})
"""Small words that may stand inside a name: `mixture of experts`, `learning to rank`."""

LOOSE_ENDS = _words(
    """
    based driven aware free specific related guided oriented efficient effective learned learnt
    trained pretrained pre-trained fine-tuned finetuned generated estimated observed desired
    given better best proposed improved novel new existing recent popular standard simple general
    single multiple several different various diverse large larger small smaller high higher low
    lower many first second good strong weak powerful complex such certain particular whether
    significantly effectively efficiently directly jointly simultaneously respectively
    """
)
"""Words a name does not end with: they hang on a noun that would follow."""

LOOSE_STARTS = _words(
    """
    better best novel new existing recent popular standard simple several different various diverse
    larger smaller higher lower many first second good proposed improved given certain particular
    widely highly fully new-found extensive numerous recent real-world state-of-the-art such
    desired observed resulting corresponding underlying overall improve improving learn align
    aligns build capture combine detect estimate explain extract fit generate maximize minimize
    optimize predict scale select solve train training-time enjoy enjoys leverage overcome
    """
)
"""Words a name does not begin with: they praise, count or point instead of naming."""
