"""The words and values that phone requests speak of, as data.

    POOLS["place"][0] == "the city library"; MODES["on foot"] == "walk"

Of every five entries in a list, the first three belong to `train`, the fourth to `validation`, the
fifth to `test`.
"""

from __future__ import annotations

# As people say them, and as the calls have them.
ON = {"on": True, "off": False}
MODES = {"by car": "car", "on foot": "walk", "by bike": "bike", "by bus": "bus"}
GROUPS = {"family": "family", "friends": "friends", "work": "work"}
MINUTES = [
    (15, "15 minutes; fifteen minutes; a quarter of an hour"),
    (30, "30 minutes; thirty minutes; half an hour"),
    (120, "two hours; 2 hours; 120 minutes"),
    (90, "90 minutes; ninety minutes; an hour and a half"),
    (45, "45 minutes; forty-five minutes; three quarters of an hour"),
    (20, "20 minutes; twenty minutes"),
    (60, "one hour; an hour; 60 minutes"),
    (40, "40 minutes; forty minutes"),
    (25, "25 minutes; twenty-five minutes"),
    (180, "three hours; 3 hours; 180 minutes"),
]
FIVES = [  # 5, 10, 15, ... in words
    "five", "ten", "fifteen", "twenty", "twenty-five", "thirty", "thirty-five", "forty",
    "forty-five", "fifty", "fifty-five", "sixty", "sixty-five", "seventy", "seventy-five", "eighty",
    "eighty-five", "ninety", "ninety-five",
]  # fmt: skip
MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip

_POOLS = {
    "first": """
        Ana Ben Carla David Emma Farid Grace Hugo Iris Jonas Karim Laura Marco Nina Omar Paula Quinn
        Rosa Samir Tara Ursula Victor Wendy Yusuf Zoe Alice Boris Chloe Diego Elena Felix Gina Henry
        Ingrid Jamal Kate Leo Maya Noah Olga Pedro Ruth Simon Tina Vera Walter Amir Bella Cora Dana
    """,
    "last": """
        Petrova Miller Rossi Haddad Novak Silva Larsen Okafor Tanaka Weber Moreau Kim Garcia Patel
        Nowak Jensen Ortiz Cohen Fischer Santos Dubois Hansen Ivanov Khan Lopez Murphy Nakamura
        Olsen Price Reyes Schmidt Turner Vega Wagner Young Becker Costa Diaz Evans Ferrari Gomez
        Hughes Ito Jones Keller Lindt Meyer Nguyen Owens Park
    """,
    "place": """
        the city library; Luigi's Pizza; Central Park; Green Street 12; the main station; Cafe Luna;
        the town hall; Riverside Gym; Oak Avenue 45; the science museum; Hotel Bellevue; the north
        pharmacy; Sunset Beach; Bakery Rosenthal; the old harbour; Dr. Novak's office; the botanical
        garden; King Street 7; Cinema Lux; the farmers market; Lakeview Hospital; the post office;
        Maple Road 101; Museum of Toys; the west airport; Golden Dragon; the swimming pool; Elm
        Street 9; Opera House; the bike shop; St. Mary's Church; the university; Blue Note Club;
        Mill Lane 33; the zoo; Harbour View Restaurant; the football stadium; Station Road 5; Cafe
        Mozart; the flea market
    """,
    "subject": """
        lunch plans; the budget; holiday photos; the quarterly report; the missing invoice; project
        costs; car repairs; the lease; piano lessons; travel costs; the birthday party; the server
        outage; new laptops; the ticket refund; job openings; garden tools; meeting notes; the
        school trip; the design review; the book club; the rent increase; sales figures; the broken
        printer; wedding gifts; price lists; parking permits; the team dinner; the delivery delay;
        tax papers; the old sofa
    """,
    "body": """
        see you at noon; running late; all done; please call me; thanks for everything; I agree; it
        works now; not today; great news; I am on my way; sounds good; count me in; the door is
        open; check the attachment; we won; call you later; no rush; bring the keys; I will be
        there; sorry about that
    """,
    "network": """
        HomeNet; Cafe_Luna; Office-5G; Airport_Free; BlueHouse; Garage24; FritzBox7; GuestNet;
        Library_WiFi; Studio9; Skynet; HotelBellevue; Campus_West; MyHotspot; TrainNet; Lakeside;
        Room204; PizzaPlace; Workshop_2; AtticNet
    """,
    "title": """
        dentist; yoga class; team lunch; haircut; piano practice; project review; car inspection;
        book club; dinner with Alex; interview prep; swim practice; parents evening; budget meeting;
        movie night; eye exam; choir practice; sales call; birthday party; flight check; guitar
        lesson; staff training; tennis with Kim; house viewing; lunch with Sam; blood test; design
        workshop; board meeting; Spanish class; bike repair; poker night
    """,
    "city": """
        Paris; Oslo; Lima; Rome; Cairo; Tokyo; Boston; Delhi; Madrid; Prague; Dublin; Seoul; Quito;
        Bern; Athens
    """,
    "country": """
        Mali; Peru; Kenya; Norway; Japan; Chile; Egypt; Poland; Cuba; India; Spain; Ghana; Malta;
        Tonga; Nepal
    """,
    "genre": "jazz; rock; piano music; reggae; folk; blues; hip hop; opera; techno; country music",
    "word": """
        tomato; apple; onion; potato; pumpkin; carrot; mushroom; bean; lemon; pepper; egg; olive;
        fig; pear; leek
    """,
    "language": "French; German; Spanish; Polish; Danish; Italian; Turkish; Korean; Swedish; Greek",
}  # fmt: skip


# First and last names are single words; everything else is set off by semicolons.
def _entries(text: str) -> list[str]:
    if ";" not in text:
        return text.split()
    return [" ".join(entry.split()) for entry in text.split(";")]


POOLS: dict[str, list[str]] = {name: _entries(text) for name, text in _POOLS.items()}
