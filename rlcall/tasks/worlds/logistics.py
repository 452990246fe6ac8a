"""Parcels, depots and pallets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.kinds import choice, code, integer, many, record, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import AMOUNT, CITY, DATE
from rlcall.tasks.world import Result, World, WorldTool

PARCEL = code("parcel number", "PX-######")
ACCOUNT = code("freight account", "FA-@@-####")
TRUCK = code("truck", "TRK-###")
DEPOT = word(
    "depot",
    "Northgate; Eastfield; Quayside; Millbrook; Ironbridge; Redhill; Saltmarsh; Wharfdale; Langford; Crossways",
)
ARTICLE = text(
    "article",
    "garden hoses; desk fans; bicycle pumps; ceramic mugs; rubber boots; paint rollers; door locks",
)
WEIGHT = measured("kilograms", 0.5, 60, "kilograms", "kg", places=1)
CARTONS = measured("cartons", 12, 600, "cartons")
LOAD = measured("load", 5, 300, "cartons", "boxes")
PALLETS = measured("pallets", 2, 40, "pallets")
SERVICE = choice("delivery service", {"economy": "ECO", "standard": "STD", "express": "EXP"})
ZONE = choice(
    "zone",
    {"within the country": "domestic", "to the neighbouring countries": "near", "overseas": "far"},
)
CENTIMETRES = integer("centimetres", 10, 120, 5)
BOX = record(
    "box",
    "{length} by {width} by {height} centimetres",
    length=CENTIMETRES.means("centimetres, the first measure"),
    width=CENTIMETRES.means("centimetres, the second measure"),
    height=CENTIMETRES.means("centimetres, the third measure"),
)

_PER_KILOGRAM = {"ECO": 0.8, "STD": 1.2, "EXP": 2.6}
_ZONE_FACTOR = {"domestic": 1, "near": 1.5, "far": 3}
_DAYS = {"ECO": 8, "STD": 4, "EXP": 1}


def _volumetric(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count a kilogram for every 5,000 cubic centimetres, as carriers do."""
    box = arguments["box"]
    return {"kilograms": round(box["length"] * box["width"] * box["height"] / 5000, 2)}


def _quote(arguments: Mapping[str, Any]) -> dict[str, Any]:
    freight = (4 + arguments["weight"] * _PER_KILOGRAM[arguments["service"]]) * _ZONE_FACTOR[
        arguments["zone"]
    ]
    return {"price": round(freight + (3.5 if arguments["insured"] else 0), 2)}


def _delivery_day(arguments: Mapping[str, Any]) -> dict[str, Any]:
    day = date.fromisoformat(arguments["handed_in"]) + timedelta(days=_DAYS[arguments["service"]])
    return {"arrives": day.isoformat()}


def _pallets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"pallets": ceil(arguments["cartons"] / arguments["per_pallet"])}


def _storage(arguments: Mapping[str, Any]) -> dict[str, Any]:
    rate = 1.1 if arguments["chilled"] else 0.6
    return {"fee": round(arguments["pallets"] * arguments["nights"] * rate, 2)}


WORLD = World(
    "logistics",
    [
        WorldTool(
            "traceParcel",
            "Trace a parcel: the depot where it was last scanned and the day on which it should arrive.",
            needs={"parcel": PARCEL.means("number printed on the parcel")},
            say=[
                "trace parcel {parcel}",
                "see how far parcel {parcel} has got",
                "chase up the whereabouts of {parcel}",
                "Where on earth is parcel {parcel}?",
            ],
            vague=["trace my parcel", "See how far my parcel has got, will you?"],
            gives={
                "depot": Result(DEPOT, ["the depot that last scanned {parcel}"]),
                "arrives": Result(
                    DATE,
                    ["the day {parcel} should arrive", "the expected arrival date of {parcel}"],
                ),
            },
            like=["arrangeRedelivery", "estimateDelivery"],
        ),
        WorldTool(
            "volumetricWeight",
            "Work out the weight in kilograms that a carrier bills for a box from its outer measures.",
            needs={"box": BOX.means("outer measures in centimetres, in the order they are given")},
            say=[
                "reckon the volumetric weight of a box of {box}",
                "figure out the billable weight of a carton measuring {box}",
                "How many kilos will I be billed for a box that is {box}?",
            ],
            vague=["reckon the volumetric weight of my box"],
            gives={"kilograms": Result(WEIGHT, ["the volumetric weight of a box of {box}"])},
            run=_volumetric,
            like=["quoteFreight"],
        ),
        WorldTool(
            "quoteFreight",
            "Quote the price of sending a weight by a delivery service to a zone.",
            needs={
                "weight": WEIGHT.means("kilograms to be sent"),
                "service": SERVICE.means("ECO is economy, STD is standard, EXP is express"),
                "zone": ZONE.means(
                    "domestic: the same country; near: neighbouring countries; far: overseas"
                ),
            },
            takes={
                "insured": choice(
                    "insured", {"with insurance": True, "without insurance": False}
                ).means("whether the goods are insured", default=False)
            },
            say=[
                "quote {service} freight of {weight} {zone}",
                "price up {service} carriage for {weight} {zone}",
                "What would {service} freight {zone} cost for {weight}?",
            ],
            add={"insured": ["{insured}"]},
            vague=["quote {service} freight {zone}", "What would it cost to send {weight} {zone}?"],
            gives={"price": Result(AMOUNT, ["the price of {service} freight {zone} for {weight}"])},
            run=_quote,
            like=["storageFee", "volumetricWeight"],
        ),
        WorldTool(
            "estimateDelivery",
            "Estimate the day on which a consignment handed in on a given day arrives.",
            needs={
                "handed_in": DATE.means("day on which the carrier gets it"),
                "service": SERVICE.means("ECO is economy, STD is standard, EXP is express"),
            },
            say=[
                "estimate when {service} goods handed in on {handed_in} get there",
                "give me the arrival day of goods sent by {service} service and dropped off on {handed_in}",
                "By what day will {service} freight given to the carrier on {handed_in} be delivered?",
            ],
            vague=["estimate when {service} goods get there"],
            gives={
                "arrives": Result(
                    DATE,
                    [
                        "the arrival day of {service} goods handed in on {handed_in}",
                        "the day {service} freight handed in on {handed_in} gets there",
                    ],
                )
            },
            run=_delivery_day,
            like=["traceParcel"],
        ),
        WorldTool(
            "arrangeRedelivery",
            "Have a missed parcel brought round a second time.",
            needs={
                "parcel": PARCEL.means("number printed on the parcel"),
                "day": DATE.means("day of the new attempt"),
            },
            takes={
                "drop_spot": choice(
                    "drop spot",
                    {
                        "at the front door": "door",
                        "with a neighbour": "neighbour",
                        "in the shed": "shed",
                    },
                ).means("where it may be left if nobody is in"),
                "part_of_day": choice(
                    "part of day",
                    {"in the morning": "am", "in the afternoon": "pm", "after six": "evening"},
                ).means("am, pm, or evening for after six", default="am"),
            },
            say=[
                "have parcel {parcel} brought round again on {day}",
                "arrange another delivery attempt for {parcel} on {day}",
                "I missed the driver, so could {parcel} come again on {day}?",
            ],
            add={
                "part_of_day": ["{part_of_day}"],
                "drop_spot": ["leaving it {drop_spot} if nobody is in"],
            },
            vague=[
                "have parcel {parcel} brought round again",
                "arrange another delivery attempt on {day}",
            ],
            like=["returnToSender", "traceParcel"],
        ),
        WorldTool(
            "returnToSender",
            "Refuse a parcel, so that it goes back to whoever sent it.",
            needs={
                "parcel": PARCEL.means("number printed on the parcel"),
                "reason": choice(
                    "return reason",
                    {
                        "it arrived damaged": "damaged",
                        "the addressee has moved": "moved",
                        "nobody ordered it": "unwanted",
                        "the address is wrong": "wrong_address",
                    },
                ).means(
                    "damaged, moved (addressee), unwanted (nobody ordered it) or wrong_address"
                ),
            },
            say=[
                "refuse {parcel} and let it go back because {reason}",
                "turn parcel {parcel} round to whoever sent it, since {reason}",
                "Parcel {parcel} has to go back to the sender: {reason}.",
            ],
            vague=[
                "turn parcel {parcel} round to whoever sent it",
                "A parcel has to go back because {reason}.",
            ],
            like=["arrangeRedelivery"],
        ),
        WorldTool(
            "countStock",
            "Count how many cartons of an article a depot has in stock.",
            needs={
                "article": ARTICLE.means("which goods"),
                "depot": DEPOT.means("name of the depot"),
            },
            say=[
                "count the cartons of {article} held at {depot}",
                "check how many cartons of {article} are left in the stock of {depot}",
                "What is our stock of {article} at {depot}, in cartons?",
            ],
            vague=["count the cartons of {article}", "Check how many cartons are left at {depot}."],
            gives={
                "cartons": Result(
                    CARTONS,
                    [
                        "the number of cartons of {article} in stock at {depot}",
                        "what {depot} holds of {article}",
                    ],
                )
            },
            like=["transferStock", "palletsNeeded"],
        ),
        WorldTool(
            "transferStock",
            "Move cartons of an article from one depot to another.",
            needs={
                "article": ARTICLE.means("which goods"),
                "cartons": LOAD.means("how many cartons are moved"),
                "origin": DEPOT.means("depot that gives them"),
                "target": DEPOT.means("depot that gets them"),
            },
            takes={
                "night_run": choice("night run", {"overnight": True, "by day": False}).means(
                    "whether at night"
                )
            },
            say=[
                "shift {cartons} of {article} from {origin} to {target}",
                "send {target} {cartons} of {article} out of {origin}",
                "We are short of {article} at {target}, so bring {cartons} over from {origin}.",
            ],
            add={"night_run": ["{night_run}"]},
            vague=[
                "shift {cartons} of {article} to {target}",
                "send {target} {article} out of {origin}",
            ],
            like=["countStock"],
        ),
        WorldTool(
            "palletsNeeded",
            "Work out how many pallets a number of cartons fills, the last one perhaps in part.",
            needs={
                "cartons": CARTONS.means("how many cartons"),
                "per_pallet": integer("cartons per pallet", 8, 60, 4).means(
                    "cartons that go on one pallet"
                ),
            },
            say=[
                "work out how many pallets are needed for {cartons} at {per_pallet} per pallet",
                "find the pallet count for {cartons} if a pallet takes {per_pallet}",
                "With {per_pallet} to the pallet, how many pallets do I need for {cartons}?",
            ],
            vague=["work out how many pallets are needed for {cartons}"],
            gives={
                "pallets": Result(
                    PALLETS,
                    [
                        "the number of pallets for {cartons} at {per_pallet} per pallet",
                        "the pallets needed for {cartons} with {per_pallet} on each",
                    ],
                )
            },
            run=_pallets,
            like=["countStock", "storageFee"],
        ),
        WorldTool(
            "storageFee",
            "Work out what it costs to keep pallets in a warehouse for some nights.",
            needs={
                "pallets": PALLETS.means("how many pallets"),
                "nights": measured("nights", 2, 60, "nights").means("how many nights they stay"),
            },
            takes={
                "chilled": choice("chilled", {"chilled": True, "at room temperature": False}).means(
                    "whether they are kept cold", default=False
                )
            },
            say=[
                "cost out warehousing {pallets} for {nights}",
                "tell me the fee for storing {pallets} over {nights}",
                "What will the warehouse charge for {pallets} and {nights}?",
            ],
            add={"chilled": ["kept {chilled}"]},
            vague=[
                "cost out warehousing {pallets}",
                "What will the warehouse charge for {nights}?",
            ],
            gives={"fee": Result(AMOUNT, ["the fee for storing {pallets} over {nights}"])},
            run=_storage,
            like=["quoteFreight", "palletsNeeded"],
        ),
        WorldTool(
            "chargeFreightAccount",
            "Charge an amount of money to a customer's freight account.",
            needs={
                "account": ACCOUNT.means("number of the freight account"),
                "amount": AMOUNT.means("how much, in the account's own currency"),
            },
            takes={
                "booking_text": code("booking text", "REF ####").means(
                    "reference that the statement shows"
                )
            },
            say=[
                "debit freight account {account} with {amount}",
                "put {amount} on freight account {account}",
                "Freight account {account} is to be charged {amount}.",
            ],
            add={"booking_text": ["under the booking text {booking_text}"]},
            vague=[
                "debit freight account {account}",
                "put {amount} on the customer's freight account",
            ],
        ),
        WorldTool(
            "buildManifest",
            "Draw up the list of parcels that a truck carries on a day.",
            needs={
                "truck": TRUCK.means("number of the truck"),
                "parcels": many(PARCEL, 2, 4).means("numbers of the parcels aboard"),
                "day": DATE.means("day of the tour"),
            },
            takes={"bound_for": CITY.means("city where the tour ends")},
            say=[
                "draw up a manifest for {truck} on {day} with {parcels}",
                "list {parcels} on the manifest of {truck} for {day}",
                "On {day} {truck} carries {parcels}, so make out its manifest.",
            ],
            add={"bound_for": ["bound for {bound_for}", "on its way to {bound_for}"]},
            vague=[
                "draw up a manifest for {truck} with {parcels}",
                "make out a manifest for {day}",
            ],
        ),
    ],
    idle=[
        "Who invented the shipping container?",
        "My pallet jack squeaks, what should I do about it?",
        "Write a poem about a lost parcel.",
        "How do I become a truck driver?",
        "Is it true that robots sort all letters nowadays?",
        "Can you drive the forklift for me this afternoon?",
        "Which packing tape sticks best in the cold?",
        "I love the smell of fresh cardboard.",
        "What does the abbreviation FOB stand for?",
        "Explain how a cross-dock works.",
    ],
)
