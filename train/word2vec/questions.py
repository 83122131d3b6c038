"""Analogies as questions: a is to b as c is to what? Made of pairs of words, in the manner of Mikolov's question-words (arXiv 1301.3781).

The pairs are this file's own. Every second pair of a category is for the choice of settings, the others for the figures on the card.
"""

from collections.abc import Collection

PAIRS = {
    "plural": (
        "nation nations, right rights, year years, law laws, country countries, citizen citizens, child children, man men, woman "
        "women, tax taxes, job jobs, school schools, family families, city cities, industry industries, worker workers, farmer "
        "farmers, treaty treaties, bank banks, river rivers, road roads, ship ships, vessel vessels, soldier soldiers, power "
        "powers, war wars, duty duties, company companies, hospital hospitals, teacher teachers, island islands, tribe tribes, "
        "railroad railroads, mother mothers, dollar dollars"
    ),
    "past tense": (
        "make made, take took, give gave, come came, begin began, know knew, see saw, find found, build built, keep kept, become "
        "became, leave left, hold held, send sent, bring brought, think thought, say said, tell told, win won, lose lost, meet "
        "met, speak spoke, grow grew, write wrote, fight fought, pass passed, work worked, create created, provide provided, "
        "receive received, continue continued, establish established, support supported, need needed, ask asked, pay paid, call "
        "called"
    ),
    "third person": (
        "make makes, take takes, give gives, require requires, provide provides, need needs, show shows, continue continues, "
        "demand demands, remain remains, seem seems, include includes, come comes, become becomes, bring brings, know knows, mean "
        "means, want wants, work works, help helps, say says, allow allows, appear appears, exist exists, depend depends"
    ),
    "present participle": (
        "make making, take taking, give giving, build building, work working, live living, create creating, provide providing, "
        "increase increasing, bring bringing, keep keeping, go going, come coming, help helping, pay paying, reduce reducing, "
        "protect protecting, develop developing, grow growing, improve improving, meet meeting, spend spending, put putting, "
        "begin beginning, carry carrying, maintain maintaining, hold holding, secure securing, move moving"
    ),
    "comparative": (
        "great greater, large larger, small smaller, high higher, low lower, strong stronger, long longer, good better, bad "
        "worse, new newer, young younger, old older, few fewer, big bigger, safe safer, fast faster, close closer, wide wider, "
        "deep deeper, broad broader, rich richer, hard harder, full fuller, easy easier, early earlier, late later, happy "
        "happier, clear clearer, poor poorer, short shorter, cheap cheaper, heavy heavier"
    ),
    "superlative": (
        "great greatest, large largest, small smallest, high highest, low lowest, strong strongest, long longest, good best, bad "
        "worst, young youngest, old oldest, big biggest, fast fastest, deep deepest, rich richest, early earliest, late latest, "
        "poor poorest, near nearest"
    ),
    "opposite": (
        "possible impossible, just unjust, necessary unnecessary, certain uncertain, constitutional unconstitutional, employed "
        "unemployed, dependent independent, lawful unlawful, favorable unfavorable, fair unfair, able unable, known unknown, "
        "expected unexpected, happy unhappy, regular irregular, adequate inadequate, sufficient insufficient, efficient "
        "inefficient, direct indirect, complete incomplete, consistent inconsistent, justice injustice, ability inability, "
        "security insecurity, stability instability, paid unpaid, usual unusual, reasonable unreasonable, finished unfinished, "
        "willing unwilling, dependence independence"
    ),
    "adverb": (
        "general generally, special specially, present presently, recent recently, full fully, free freely, great greatly, equal "
        "equally, rapid rapidly, careful carefully, final finally, direct directly, certain certainly, clear clearly, strong "
        "strongly, wise wisely, complete completely, entire entirely, large largely, annual annually, frequent frequently, prompt "
        "promptly, immediate immediately, constant constantly, successful successfully, effective effectively, peaceful "
        "peacefully, honest honestly, fair fairly, sincere sincerely, deep deeply, serious seriously, particular particularly, "
        "sure surely, real really"
    ),
    "verb to noun": (
        "govern government, improve improvement, develop development, establish establishment, employ employment, pay payment, "
        "settle settlement, punish punishment, enforce enforcement, invest investment, manage management, move movement, commit "
        "commitment, adjust adjustment, achieve achievement, appoint appointment, treat treatment, require requirement, encourage "
        "encouragement, accomplish accomplishment, maintain maintenance, protect protection, construct construction, collect "
        "collection, educate education, produce production, reduce reduction, administer administration, prevent prevention, "
        "elect election, inform information, act action, tax taxation, operate operation"
    ),
    "gender": (
        "man woman, men women, he she, his her, himself herself, father mother, fathers mothers, son daughter, sons daughters, "
        "boy girl, boys girls, husband wife, brother sister, king queen, gentleman lady, gentlemen ladies"
    ),
    "nation to adjective": (
        "america american, spain spanish, france french, britain british, mexico mexican, germany german, russia russian, china "
        "chinese, japan japanese, cuba cuban, italy italian, england english, europe european, asia asian, africa african, korea "
        "korean, iraq iraqi, iran iranian, vietnam vietnamese, afghanistan afghan, israel israeli, turkey turkish, chile chilean, "
        "brazil brazilian, hawaii hawaiian, poland polish, greece greek, portugal portuguese, canada canadian, colombia "
        "colombian, venezuela venezuelan, peru peruvian, denmark danish, netherlands dutch, austria austrian, philippines "
        "philippine, texas texan, nicaragua nicaraguan"
    ),
    "number to ordinal": (
        "one first, two second, three third, four fourth, five fifth, six sixth, seven seventh, eight eighth, nine ninth, ten "
        "tenth, twelve twelfth, twenty twentieth, thirteen thirteenth, nineteen nineteenth"
    ),
    "noun to adjective": (
        "economy economic, politics political, industry industrial, agriculture agricultural, commerce commercial, nation "
        "national, constitution constitutional, education educational, science scientific, history historic, culture cultural, "
        "environment environmental, finance financial, tradition traditional, region regional, person personal, society social, "
        "democracy democratic, energy energetic, peace peaceful, success successful, power powerful, hope hopeful, courage "
        "courageous, danger dangerous, crime criminal, nature natural, race racial, medicine medical, law lawful, globe global, "
        "center central"
    ),
}
ASKED = 200
Question = tuple[str, str, str, str]


def questions(known: Collection[str], split: str = "test", most: int = ASKED) -> dict[str, list[Question]]:
    """Return up to so many questions (a, b, c, and the answer) by category, as evenly spread as they come, of known words alone.

    Args:
        split: 'test' or 'validation', which share no pair.
    """
    words = set(known)
    rounds: dict[str, list[Question]] = {}
    for category, listed in PAIRS.items():
        pairs = [tuple(pair.split()) for pair in listed.split(", ")][split == "validation" :: 2]
        pairs = [pair for pair in pairs if words.issuperset(pair)]
        n = len(
            pairs
        )  # the first round asks about each pair by its neighbour in the list, the next by the one after that
        rounds[category] = [(*pairs[i], *pairs[(i + apart) % n]) for apart in range(1, n) for i in range(n)]
    counts = dict.fromkeys(rounds, 0)
    while sum(counts.values()) < most and (open_ := [c for c in rounds if counts[c] < len(rounds[c])]):
        counts[min(open_, key=lambda category: counts[category])] += 1
    return {category: rounds[category][: counts[category]] for category in rounds if counts[category]}
