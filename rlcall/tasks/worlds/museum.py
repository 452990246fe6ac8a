"""A museum: exhibits and exhibitions, loans, restoration and visitors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import Kind, choice, code, integer, many, record, text
from rlcall.tasks.measures import figure, measured
from rlcall.tasks.shared_kinds import DATE, EMAIL, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

NUMBER = code("inventory number", "MU.####.##")
EXHIBIT = called(NUMBER, "exhibit {}", "object {}")
_WORKS = """Harvest before the Storm; The Blue Ferryman; Woman with a Goldfinch; Three Bathers at
    Dusk; The Tin Drummer; Ice on the Canal; Still Life with Quinces; The Lame Horseman; Procession
    by Torchlight; Mother of Pearl"""
_SHOWS = """Treasures of the Salt Road; Masks and Mirrors; A Century of Toys; Threads of Gold; Under
    the Volcano; Light on Water; The Potter's Hand; Lost Harbours"""
WORK = called(text("work of art", _WORKS), '"{}"')
EXHIBITION = called(text("exhibition", _SHOWS), '"{}"')
COLLECTION = choice("collection", "coins costumes vases weapons toys clocks")
HALL = text(
    "hall",
    "the Amber Hall; the Mirror Gallery; the Rotunda; the North Wing; the Armoury; the Old Chapel",
)
BORROWER = text(
    "borrower",
    "the Lakeside Museum; the Museum of Seafaring; the Castle Museum; the Textile House; the Marlow Foundation",
)
DAMAGE = choice(
    "damage",
    {"a crack": "CRK", "flaking paint": "FLK", "mould": "MLD", "a scratch": "SCR", "rust": "RST"},
)
TREATMENT = choice("treatment", "cleaning retouching varnishing relining gilding")
# kinds of their own, so that the people and the money of other worlds stay out of the museum
RESTORER = Kind("restorer", PERSON.schema, PERSON.draw)
CURATOR = Kind("curator", PERSON.schema, PERSON.draw)
INSURED = measured("insured sum", 2000, 90000, "euros", step=500)
SURFACE = measured("surface", 400, 9000, "square centimetres", "sq cm", step=50)
WORKDAYS = measured("workdays", 5, 90, "workdays", "working days")
WEEKS = measured("weeks on loan", 3, 40, "weeks")
VISITORS = measured("visitors", 20, 600, "visitors")
GUIDES = figure("guides", 2, 40)
PREMIUM = figure("premium", 25, 900, places=2)
TOUR = choice(
    "guided tour",
    {
        "the family tour": "FAM",
        "the architecture tour": "ARC",
        "the masterpieces tour": "MST",
        "the night tour": "NGT",
    },
)
GUIDE_LANGUAGE = choice(
    "guide language", {"English": "en", "Arabic": "ar", "Welsh": "cy", "Hindi": "hi"}
)
PARTY = record(
    "party",
    "{adults} adults and {children} children",
    adults=integer("adults", 2, 9).means("visitors of 18 years or more"),
    children=integer("children", 2, 12).means("visitors under 18"),
)
REDUCTION = choice(
    "reduction", {"a city card": "city", "a family pass": "family", "a members' card": "members"}
)

_PASS = {"city": 0.9, "family": 0.75, "members": 0.5}


def _restoration_days(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"workdays": ceil(arguments["surface"] / arguments["per_day"])}


def _restoration_end(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count workdays from the first day, if it is one."""
    free = (6,) if arguments["saturdays"] else (5, 6)
    day, left = date.fromisoformat(arguments["start"]), max(1, arguments["workdays"])
    while left := left - (day.weekday() not in free):
        day += timedelta(days=1)
    return {"end": day.isoformat()}


def _loan_premium(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Charge at least 25 euros."""
    rate = 0.0006 if arguments["abroad"] else 0.0004
    return {"premium": round(max(25, arguments["insured"] * arguments["weeks"] * rate), 2)}


def _guides(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"guides": ceil(arguments["visitors"] / arguments["group"])}


def _admission(arguments: Mapping[str, Any]) -> dict[str, Any]:
    adults, children = arguments["party"]["adults"], arguments["party"]["children"]
    full = 14 * adults + 5 * children + (4 * (adults + children) if arguments["special"] else 0)
    return {"price": round(full * _PASS.get(arguments.get("reduction", ""), 1), 2)}


WORLD = World(
    "museum",
    [
        WorldTool(
            "inventory_number_of",
            "Look up the inventory number of a work in the museum by its title.",
            needs={"title": WORK.means("title of the work, without quotes")},
            say=[
                "look up the inventory number of {title}",
                "dig out the number that {title} has in the museum's inventory",
                "Under what inventory number does the museum keep {title}?",
            ],
            vague=[
                "look up the inventory number of a work",
                "Under what inventory number do we keep that statue?",
            ],
            gives={
                "exhibit": Result(
                    EXHIBIT, ["the exhibit titled {title}", "the object entitled {title}"]
                )
            },
            like=["star_exhibit", "hall_of_exhibit"],
        ),
        WorldTool(
            "star_exhibit",
            "Find the inventory number of the exhibit that visitors love best in a collection.",
            needs={"collection": COLLECTION.means("which collection of the museum")},
            say=[
                "find the star exhibit among the {collection}",
                "tell me which of our {collection} is the visitors' favourite exhibit",
                "Which of the {collection} in the museum do visitors love best?",
            ],
            vague=[
                "find the star exhibit of a collection",
                "tell me which piece is the visitors' favourite",
            ],
            gives={"exhibit": Result(EXHIBIT, ["the star exhibit among the {collection}"])},
            like=["inventory_number_of"],
        ),
        WorldTool(
            "hall_of_exhibit",
            "See in which hall of the museum an exhibit is on show.",
            needs={"exhibit": EXHIBIT.means("inventory number, as in MU.1234.56")},
            say=[
                "see in which hall {exhibit} is on show",
                "point me to the hall with {exhibit}",
                "Which hall do I have to enter to look at {exhibit}?",
            ],
            vague=["see in which hall it is on show", "point me to the right hall for one exhibit"],
            gives={
                "hall": Result(
                    HALL, ["the hall that shows {exhibit}", "the hall that houses {exhibit}"]
                )
            },
            like=["inventory_number_of", "count_visitors"],
        ),
        WorldTool(
            "count_visitors",
            "Count the visitors that entered a hall of the museum on one day.",
            needs={"hall": HALL.means("name of the hall"), "day": DATE.means("which day")},
            say=[
                "count the visitors to {hall} on {day}",
                "read off how many people set foot in {hall} on {day}",
                "How many visitors did {hall} have on {day}?",
            ],
            vague=[
                "count the visitors to {hall}",
                "How many visitors did we have in that hall on {day}?",
            ],
            gives={"visitors": Result(VISITORS, ["the visitor count of {hall} on {day}"])},
            like=["guides_needed", "hall_of_exhibit"],
        ),
        WorldTool(
            "guides_needed",
            "Work out how many guides are needed to take visitors round in groups.",
            needs={
                "visitors": VISITORS.means("how many visitors"),
                "group": integer("largest group", 6, 30, 2).means("visitors in a group at most"),
            },
            say=[
                "work out how many guides it takes for {visitors} in groups of at most {group}",
                "settle the number of guides for {visitors} if one guide leads up to {group}",
                "If a guide leads no more than {group}, how many guides do we need for {visitors}?",
            ],
            vague=[
                "work out how many guides it takes for {visitors}",
                "How many guides do groups of {group} need?",
            ],
            gives={
                "guides": Result(
                    GUIDES, ["the number of guides for {visitors} in groups of at most {group}"]
                )
            },
            run=_guides,
            like=["count_visitors", "book_guided_tour"],
        ),
        WorldTool(
            "book_guided_tour",
            "Book a guided tour of the museum for a group.",
            needs={
                "tour": TOUR.means("FAM family, ARC architecture, MST masterpieces, NGT night"),
                "people": integer("people on a tour", 4, 25).means("size of the group"),
                "day": DATE.means("day of the tour"),
            },
            takes={
                "start": TIME.means("time at which the group meets, HH:MM"),
                "language": GUIDE_LANGUAGE.means(
                    "en English, ar Arabic, cy Welsh, hi Hindi", default="en"
                ),
            },
            say=[
                "book {tour} for {people} people on {day}",
                "sign a group of {people} up for {tour} on {day}",
                "There are {people} of us who want to join {tour} on {day}.",
            ],
            add={"start": ["meeting at {start}"], "language": ["with a guide speaking {language}"]},
            vague=[
                "book {tour} for {people} people",
                "sign my group up for a guided tour on {day}",
            ],
            like=["guides_needed", "museum_admission"],
        ),
        WorldTool(
            "museum_admission",
            "Work out what a party of adults and children pays to enter the museum.",
            needs={"party": PARTY.means("who enters")},
            takes={
                "special": choice(
                    "special show",
                    {"with the special show": True, "without the special show": False},
                ).means("whether they also see the special show", default=False),
                "reduction": REDUCTION.means("what makes it cheaper"),
            },
            say=[
                "work out museum admission for {party}",
                "add up the museum tickets of {party}",
                "What do {party} pay to get into the museum?",
            ],
            add={
                "special": ["{special}"],
                "reduction": ["using {reduction}", "reduced by {reduction}"],
            },
            vague=[
                "work out museum admission for my party",
                "What do we all pay to get into the museum?",
            ],
            gives={
                "price": Result(
                    figure("admission", 20, 300, places=2), ["the museum admission for {party}"]
                )
            },
            run=_admission,
            like=["book_guided_tour"],
        ),
        WorldTool(
            "schedule_exhibition",
            "Enter a new exhibition in the programme of the museum.",
            needs={
                "title": EXHIBITION.means("title of the exhibition, without quotes"),
                "hall": HALL.means("hall that it is shown in"),
                "opening": DATE.means("first day"),
            },
            takes={
                "weeks": integer("weeks of exhibition", 4, 30).means("how many weeks it stays"),
                "curator": CURATOR.means("first and last name of who curates it"),
            },
            say=[
                "schedule the exhibition {title} in {hall} with {opening} as the first day",
                "enter {title} in our programme as an exhibition that opens in {hall} on {opening}",
                "The exhibition {title} is going to open in {hall} on {opening}, so put it in the programme.",
            ],
            add={
                "weeks": ["for {weeks} weeks"],
                "curator": ["with {curator} as curator", "curated by {curator}"],
            },
            vague=[
                "schedule the exhibition {title} in {hall}",
                "enter an exhibition that opens on {opening}",
            ],
            like=["lend_exhibits"],
        ),
        WorldTool(
            "insured_value",
            "Look up the sum in euros for which an exhibit is insured.",
            needs={"exhibit": EXHIBIT.means("inventory number, as in MU.1234.56")},
            say=[
                "look up the insured value of {exhibit}",
                "check for how many euros {exhibit} is insured",
                "What sum is {exhibit} insured for?",
            ],
            vague=[
                "look up the insured value of the statue",
                "What sum is that exhibit insured for?",
            ],
            gives={
                "insured": Result(
                    INSURED, ["the insured value of {exhibit}", "the sum {exhibit} is insured for"]
                )
            },
            like=["loan_premium"],
        ),
        WorldTool(
            "loan_premium",
            "Work out the insurance premium in euros for an exhibit that is lent to another museum.",
            needs={
                "insured": INSURED.means("insured sum in euros"),
                "weeks": WEEKS.means("how many weeks the exhibit is away"),
            },
            takes={
                "abroad": choice(
                    "abroad", {"sent abroad": True, "kept in the country": False}
                ).means("whether it leaves the country", default=False)
            },
            say=[
                "work out the insurance premium on {insured} for an exhibit on loan for {weeks}",
                "calculate with {insured} as the insured sum the premium for an exhibit lent out for {weeks}",
                "Which premium is due on {insured} if an exhibit is lent out for {weeks}?",
            ],
            add={"abroad": ["and {abroad}"]},
            vague=[
                "work out the insurance premium on {insured}",
                "Which premium is due for a loan of {weeks}?",
            ],
            gives={
                "premium": Result(
                    PREMIUM, ["the premium on {insured} for an exhibit on loan for {weeks}"]
                )
            },
            run=_loan_premium,
            like=["insured_value", "lend_exhibits"],
        ),
        WorldTool(
            "lend_exhibits",
            "Lend exhibits to another museum for some weeks.",
            needs={
                "exhibits": many(NUMBER).means("their inventory numbers, as in MU.1234.56"),
                "borrower": BORROWER.means("museum that borrows them"),
                "start": DATE.means("first day of the loan"),
                "weeks": WEEKS.means("how many weeks the loan lasts"),
            },
            takes={
                "courier": choice(
                    "courier", {"with a courier": True, "without a courier": False}
                ).means("whether somebody of ours travels with them", default=False),
                "contract_to": EMAIL.means("address that gets the contract"),
            },
            say=[
                "lend {borrower} exhibits {exhibits} for {weeks} from {start}",
                "let objects {exhibits} go on loan to {borrower} for {weeks} as of {start}",
                "From {start} on, {borrower} may have exhibits {exhibits} on loan for {weeks}.",
            ],
            add={
                "courier": ["{courier}"],
                "contract_to": ["and have the contract sent to {contract_to}"],
            },
            vague=[
                "lend {borrower} exhibits {exhibits}",
                "let some objects go on loan for {weeks} as of {start}",
            ],
            like=["loan_premium", "schedule_exhibition"],
        ),
        WorldTool(
            "report_damage",
            "Enter damage to an exhibit in the damage register.",
            needs={
                "exhibit": EXHIBIT.means("inventory number, as in MU.1234.56"),
                "damage": DAMAGE.means(
                    "CRK crack, FLK flaking paint, MLD mould, SCR scratch, RST rust"
                ),
            },
            takes={
                "seen_on": DATE.means("day on which it was noticed"),
                "severe": choice("severe", {"as severe": True, "as slight": False}).means(
                    "whether it is severe"
                ),
            },
            say=[
                "report {damage} on {exhibit}",
                "put it in the damage register that there is {damage} on {exhibit}",
                "I have spotted {damage} on {exhibit}, which belongs in the damage register.",
            ],
            add={"seen_on": ["noticed on {seen_on}"], "severe": ["marked {severe}"]},
            vague=[
                "report {damage} on one of the exhibits",
                "put {exhibit} in the damage register",
            ],
            like=["assign_restorer"],
        ),
        WorldTool(
            "assign_restorer",
            "Give an exhibit to a restorer to be restored.",
            needs={
                "exhibit": EXHIBIT.means("inventory number, as in MU.1234.56"),
                "restorer": RESTORER.means("first and last name of the restorer"),
            },
            takes={
                "treatments": many(TREATMENT, 1, 3).means("what is to be done"),
                "start": DATE.means("day on which the work begins"),
            },
            say=[
                "put {restorer} in charge of restoring {exhibit}",
                "entrust {exhibit} to {restorer} for restoration",
                "Let {restorer} be the one to restore {exhibit}.",
            ],
            add={
                "treatments": ["by {treatments}"],
                "start": ["beginning on {start}", "from {start} onwards"],
            },
            vague=["put {restorer} in charge of a restoration", "entrust {exhibit} to a restorer"],
            like=["report_damage", "restoration_end"],
        ),
        WorldTool(
            "restoration_days",
            "Work out how many workdays it takes to restore a painted surface.",
            needs={
                "surface": SURFACE.means("square centimetres to restore"),
                "per_day": integer("surface per day", 20, 400, 20).means(
                    "square centimetres done in a workday"
                ),
            },
            say=[
                "work out how many workdays it takes to restore {surface} of a painting at {per_day} a day",
                "count the workdays that restoring {surface} of canvas costs at {per_day} a day",
                "If a restorer does {per_day} a day, how many workdays go into {surface} of fresco?",
            ],
            vague=[
                "count the workdays that restoring {surface} costs",
                "How long does it take at {per_day} sq cm a day?",
            ],
            gives={
                "workdays": Result(
                    WORKDAYS, ["the workdays for {surface} of a painting at {per_day} a day"]
                )
            },
            run=_restoration_days,
            like=["restoration_end"],
        ),
        WorldTool(
            "restoration_end",
            "Work out the last day of a restoration from its first day and its workdays, Monday to Friday.",
            needs={
                "start": DATE.means("first day"),
                "workdays": WORKDAYS.means("how many workdays it takes"),
            },
            takes={
                "saturdays": choice(
                    "saturdays", {"counting Saturdays": True, "not counting Saturdays": False}
                ).means("whether Saturdays are workdays too", default=False)
            },
            say=[
                "work out the end of a restoration that takes {workdays} and starts on {start}",
                "name the last day of a restoration begun on {start} that needs {workdays}",
                "On what day does a restoration end that begins on {start} and lasts for {workdays}?",
            ],
            add={"saturdays": ["{saturdays}"]},
            vague=[
                "work out the end of a restoration that takes {workdays}",
                "When will a restoration from {start} on end?",
            ],
            gives={
                "end": Result(
                    DATE,
                    ["the last day of a restoration that takes {workdays} and starts on {start}"],
                )
            },
            run=_restoration_end,
            like=["restoration_days", "assign_restorer"],
        ),
    ],
    idle=[
        "Why do people in old portraits never smile?",
        "Is photography an art?",
        "Who stole the Mona Lisa?",
        "I could stare at mummies for hours.",
        "Write a limerick about a bored museum guard.",
        "Explain how one tells a forgery from the real thing.",
        "My feet ache after all those galleries.",
        "What does a curator do all day?",
        "Can you paint my portrait in oils?",
        "How do I get rid of wax stains on an old frame?",
    ],
)
