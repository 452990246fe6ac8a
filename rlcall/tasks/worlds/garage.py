"""A car repair workshop: cars, tyres, inspections, spare parts and repairs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind, choice, code, integer, many, record
from rlcall.tasks.measures import figure, measured
from rlcall.tasks.shared_kinds import AMOUNT, COUNT, DATE, PERSON, PHONE, TIME
from rlcall.tasks.world import Result, World, WorldTool

PLATE = called(code("number plate", "@@-##-@@"), "car {}", "the car with number plate {}")
OWNER = Kind("car owner", PERSON.schema, PERSON.draw)
MILEAGE = measured("mileage", 12000, 240000, "kilometres", "km", step=50)
ENGINE = choice(
    "engine", {"a diesel": "D", "a petrol car": "P", "a hybrid": "H", "an electric car": "E"}
)
VEHICLE = choice(
    "inspected vehicle",
    {"a private car": "PC", "a taxi": "TX", "a delivery van": "DV", "a motorbike": "MB"},
)
WHEELS = choice("wheels", {"summer wheels": "SW", "winter wheels": "WW", "all-season wheels": "AW"})
FUEL = measured("fuel used", 18, 65, "litres", places=1)
DISTANCE = called(
    figure("driven distance", 250, 950, schema={"minimum": 1}), "{} kilometres", "{} km"
)
CONSUMPTION = figure("fuel consumption", 3, 20, places=1)
COMPONENT = choice(
    "component",
    {
        "oil filter": "oil",
        "wiper blade": "wiper",
        "spark plug": "plug",
        "brake disc": "disc",
        "headlight bulb": "bulb",
    },
)
PART = called(code("spare part", "GP-#####"), "part {}", "part number {}")
DIAMETER = measured("wheel diameter", 520, 760, "millimetres", "mm")
HOURS = measured("labour hours", 1.5, 9, "hours", places=1)
PARTS_COST = Kind(
    "parts cost", AMOUNT.schema, AMOUNT.draw
)  # a kind of its own, so that no other charge flows in
REPAIR_TOTAL = Kind("repair total", AMOUNT.schema, AMOUNT.draw)
DISCOUNT = integer("discount", 5, 30, 5)
GRADE = choice("mechanic", {"an apprentice": 1, "a trained mechanic": 2, "a master mechanic": 3})
FAULT = choice(
    "car fault",
    {
        "squeaking brakes": "noisy_brakes",
        "an oil leak": "oil_leak",
        "a dead battery": "dead_battery",
        "a cracked windscreen": "cracked_windscreen",
        "a jammed window": "jammed_window",
        "a rattling exhaust": "rattling_exhaust",
    },
)
WORK_ORDER = called(code("work order", "WO-####"), "work order {}", "repair {}")
COLLECTOR = record(
    "collector",
    "{name} (phone {phone})",
    name=PERSON.means("first and last name"),
    phone=PHONE.means("phone number, with its hyphens"),
)

_SERVICE_KILOMETRES = {"D": 20000, "P": 15000, "H": 16000, "E": 30000}
_INSPECTION_DAYS = {"PC": 730, "TX": 365, "DV": 365, "MB": 730}
_HOURLY = {1: 45, 2: 70, 3: 95}


def _draw_tyre(draw: Draw) -> Value:
    size = f"{165 + 10 * draw.between(0, 6)}/{45 + 5 * draw.between(0, 5)} R{draw.between(14, 18)}"
    return Value(size, size)


TYRE = called(
    Kind("tyre size", {"type": "string", "pattern": "^[0-9]{3}/[0-9]{2} R[0-9]{2}$"}, _draw_tyre),
    "tyre size {}",
)


def _service_due(arguments: Mapping[str, Any]) -> dict[str, Any]:
    interval = _SERVICE_KILOMETRES[arguments["engine"]]
    return {
        "mileage": arguments["mileage"] + (interval // 2 if arguments["hard_use"] else interval)
    }


def _inspection_expiry(arguments: Mapping[str, Any]) -> dict[str, Any]:
    day = date.fromisoformat(arguments["passed"]) + timedelta(
        days=_INSPECTION_DAYS[arguments["vehicle"]]
    )
    return {"expires": day.isoformat()}


def _diameter(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add the tyre's height, a percentage of its width, above and below the rim."""
    width, height, rim = (
        int(arguments["size"][:3]),
        int(arguments["size"][4:6]),
        int(arguments["size"][8:]),
    )
    return {"diameter": round(25.4 * rim + 2 * width * height / 100)}


def _consumption(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"consumption": round(100 * arguments["fuel"] / arguments["distance"], 1)}


def _repair_bill(arguments: Mapping[str, Any]) -> dict[str, Any]:
    total = arguments["hours"] * _HOURLY[arguments["mechanic"]] + arguments["parts"]
    return {"total": round(total * (100 - arguments["discount"]) / 100, 2)}


WORLD = World(
    "garage",
    [
        WorldTool(
            "car_of_customer",
            "Look up the number plate of the car that a customer has on file with the workshop.",
            needs={"owner": OWNER.means("first and last name of the customer")},
            say=[
                "look up the number plate of our customer {owner}",
                "find out which car we have on file for {owner}",
                "What number plate does the car of {owner} bear?",
            ],
            vague=[
                "look up the number plate of that customer",
                "Find out which car the man at the counter drives.",
            ],
            gives={"plate": Result(PLATE, ["the car of {owner}", "the car on file for {owner}"])},
            like=["allow_collection"],
        ),
        WorldTool(
            "read_odometer",
            "Read how many kilometres a car has run so far.",
            needs={"plate": PLATE.means("number plate of the car")},
            say=[
                "read the odometer of {plate}",
                "check how many kilometres {plate} has run so far",
                "What mileage does {plate} have on the clock?",
            ],
            vague=["read the odometer of a car", "What mileage does my car have on the clock?"],
            gives={
                "mileage": Result(
                    MILEAGE, ["the mileage of {plate}", "the odometer reading of {plate}"]
                )
            },
            like=["next_service_mileage"],
        ),
        WorldTool(
            "next_service_mileage",
            "Work out the mileage at which a car must be serviced again.",
            needs={
                "engine": ENGINE.means("D diesel, P petrol, H hybrid, E electric"),
                "mileage": MILEAGE.means("kilometres on the odometer at the last service"),
            },
            takes={
                "hard_use": choice(
                    "hard use", {"assuming hard use": True, "assuming normal use": False}
                ).means("whether the car is worked hard", default=False)
            },
            say=[
                "work out the next service mileage for {engine} that was last serviced at {mileage}",
                "tell me at what mileage {engine} must be serviced again after a service at {mileage}",
                "How far may the odometer of {engine} go before the next service if the last one was at {mileage}?",
            ],
            add={"hard_use": ["{hard_use}"]},
            vague=[
                "work out the next service mileage for {engine}",
                "tell me at what mileage a car must be serviced again after a service at {mileage}",
            ],
            gives={
                "mileage": Result(
                    MILEAGE, ["the next service mileage for {engine} serviced at {mileage}"]
                )
            },
            run=_service_due,
            like=["read_odometer", "inspection_expiry"],
        ),
        WorldTool(
            "inspection_expiry",
            "Work out the day on which an inspection that a vehicle has passed runs out.",
            needs={
                "vehicle": VEHICLE.means("PC private car, TX taxi, DV delivery van, MB motorbike"),
                "passed": DATE.means("day on which it passed"),
            },
            say=[
                "work out the expiry date of the inspection that {vehicle} passed on {passed}",
                "let me know until which day {vehicle} inspected on {passed} may be driven",
                "Until when is the inspection of {vehicle} valid if it passed on {passed}?",
            ],
            vague=[
                "work out the expiry date of the inspection of {vehicle}",
                "let me know how long an inspection passed on {passed} stays valid",
            ],
            gives={
                "expires": Result(
                    DATE, ["the last valid day of the inspection that {vehicle} passed on {passed}"]
                )
            },
            run=_inspection_expiry,
            like=["book_inspection", "next_service_mileage"],
        ),
        WorldTool(
            "book_inspection",
            "Book a car in for its inspection on a day.",
            needs={
                "plate": PLATE.means("number plate of the car"),
                "day": DATE.means("day of the inspection"),
            },
            takes={
                "hour": TIME.means("time of arrival, HH:MM"),
                "emissions": choice(
                    "emissions",
                    {"with an emissions test": True, "without an emissions test": False},
                ).means("whether the exhaust gas is tested too", default=True),
            },
            say=[
                "book {plate} in for inspection on {day}",
                "have {plate} inspected on {day}",
                "On {day}, I would like to bring {plate} round for its inspection.",
            ],
            add={"hour": ["at {hour}"], "emissions": ["{emissions}"]},
            vague=["book {plate} in for inspection", "have my car inspected on {day}"],
            like=["inspection_expiry", "open_work_order"],
        ),
        WorldTool(
            "fitting_tyre_size",
            "Look up the size of tyre that fits a car.",
            needs={"plate": PLATE.means("number plate of the car")},
            takes={
                "season": choice("season", {"in summer": "summer", "in winter": "winter"}).means(
                    "time of year"
                )
            },
            say=[
                "look up the tyre size of {plate}",
                "see what size of tyres {plate} takes",
                "Tyres of what size go on {plate}?",
            ],
            add={"season": ["{season}"]},
            vague=["look up the tyre size of the red car", "Tyres of what size go on my car?"],
            gives={
                "size": Result(
                    TYRE, ["the tyre size of {plate}", "the size of tyre that fits {plate}"]
                )
            },
            like=["wheel_diameter", "fitting_part"],
        ),
        WorldTool(
            "wheel_diameter",
            "Work out the outer diameter of a wheel in millimetres from the size of its tyre.",
            needs={"size": TYRE.means("size as it stands on the tyre, such as 195/65 R15")},
            say=[
                "work out the outer diameter of a wheel with {size}",
                "convert {size} into the diameter of the whole wheel",
                "How many millimetres does a wheel with {size} measure across?",
            ],
            vague=[
                "work out the outer diameter of a wheel",
                "How many millimetres does my wheel measure across?",
            ],
            gives={"diameter": Result(DIAMETER, ["the diameter of a wheel with {size}"])},
            run=_diameter,
            like=["fitting_tyre_size"],
        ),
        WorldTool(
            "store_wheels",
            "Take a set of wheels that belongs to a car into the storeroom of the workshop.",
            needs={
                "plate": PLATE.means("number plate of the car"),
                "wheels": WHEELS.means("SW summer wheels, WW winter wheels, AW all-season wheels"),
            },
            takes={
                "washed": choice("washed", {"after a wash": True, "without a wash": False}).means(
                    "whether they are washed first", default=False
                ),
                "until": DATE.means("day on which they are fetched"),
            },
            say=[
                "put the {wheels} of {plate} into the storeroom",
                "store the {wheels} that belong to {plate} here",
                "There is no room at home for the {wheels} of {plate}, so keep them for me.",
            ],
            add={"washed": ["{washed}"], "until": ["until {until}"]},
            vague=[
                "put the {wheels} into the storeroom",
                "store a set of wheels that belongs to {plate}",
            ],
            like=["fitting_tyre_size"],
        ),
        WorldTool(
            "fuel_consumption",
            "Work out how many litres a car burns on a hundred kilometres.",
            needs={
                "fuel": FUEL.means("litres burnt"),
                "distance": DISTANCE.means("kilometres driven on them"),
            },
            say=[
                "calculate the fuel consumption of a car that burns {fuel} in {distance}",
                "put a figure on the consumption if {distance} have cost me {fuel} of fuel",
                "My car swallowed {fuel} over {distance}, so what is that per hundred kilometres?",
            ],
            vague=[
                "calculate the fuel consumption of a car that burns {fuel}",
                "How many litres per hundred kilometres is it if I have driven {distance}?",
            ],
            gives={
                "consumption": Result(
                    CONSUMPTION, ["the fuel consumption for {fuel} in {distance}"]
                )
            },
            run=_consumption,
        ),
        WorldTool(
            "fitting_part",
            "Look up the number of the spare part that fits a car.",
            needs={
                "component": COMPONENT.means("what is to be replaced"),
                "plate": PLATE.means("plate of the car"),
            },
            say=[
                "look up which {component} fits {plate}",
                "find the part number of the {component} for {plate}",
                "Which {component} do I need for {plate}?",
            ],
            vague=["look up which {component} fits", "find the number of a spare part for {plate}"],
            gives={
                "part": Result(
                    PART, ["the {component} that fits {plate}", "the right {component} for {plate}"]
                )
            },
            like=["order_spares", "fitting_tyre_size"],
        ),
        WorldTool(
            "order_spares",
            "Order some pieces of a spare part from the supplier.",
            needs={
                "part": PART.means("number of the spare part"),
                "pieces": COUNT.means("how many pieces"),
            },
            takes={
                "origin": choice(
                    "origin of the part",
                    {"as original parts": "OEM", "as copies": "AFM", "as used parts": "USED"},
                ).means(
                    "OEM original, AFM copy by another maker, USED already used", default="OEM"
                ),
                "needed_by": DATE.means("day by which they must be here"),
            },
            say=[
                "order {pieces} pieces of {part} from the supplier",
                "have {pieces} pieces of {part} sent to the workshop",
                "Our shelf is out of {part}, so order {pieces} more.",
            ],
            add={"origin": ["{origin}"], "needed_by": ["to be here by {needed_by}"]},
            vague=[
                "order more pieces of {part}",
                "have {pieces} pieces of that spare part sent to the workshop",
            ],
            like=["fitting_part"],
        ),
        WorldTool(
            "repair_bill",
            "Add up the bill for a repair from the hours worked and the parts used.",
            needs={
                "hours": HOURS.means("hours of work"),
                "mechanic": GRADE.means(
                    "who does the work: 1 apprentice, 2 trained mechanic, 3 master mechanic"
                ),
                "parts": PARTS_COST.means("what the parts cost"),
            },
            takes={
                "discount": DISCOUNT.means("percent taken off the whole bill", default=0, minimum=0)
            },
            say=[
                "add up the bill for {hours} of repair work by {mechanic} with parts worth {parts}",
                "tot up a repair that keeps {mechanic} busy for {hours} and takes parts worth {parts}",
                "What will the repair cost if {mechanic} works on it for {hours} and the parts come to {parts}?",
            ],
            add={"discount": ["at a discount of {discount} percent on the total"]},
            vague=[
                "add up the bill for {hours} of repair work by {mechanic}",
                "What will the repair cost if the parts come to {parts}?",
            ],
            gives={
                "total": Result(
                    REPAIR_TOTAL,
                    ["the bill for {hours} of work by {mechanic} with parts worth {parts}"],
                )
            },
            run=_repair_bill,
        ),
        WorldTool(
            "open_work_order",
            "Open a work order to repair the faults of a car.",
            needs={
                "plate": PLATE.means("number plate of the car"),
                "faults": many(FAULT, 1, 3).means("what is wrong"),
            },
            takes={
                "courtesy_car": choice(
                    "courtesy car", {"with a courtesy car": True, "without a courtesy car": False}
                ).means("whether the owner is lent a car meanwhile", default=False)
            },
            say=[
                "open a work order on {plate} for {faults}",
                "admit {plate} to the workshop because of {faults}",
                "The mechanics have to see to {faults} on {plate}, so write out a work order.",
            ],
            add={"courtesy_car": ["{courtesy_car}"]},
            vague=[
                "open a work order on {plate}",
                "admit a car to the workshop because of {faults}",
            ],
            gives={
                "work_order": Result(
                    WORK_ORDER, ["a newly opened work order on {plate} for {faults}"]
                )
            },
            like=["repair_ready", "book_inspection"],
        ),
        WorldTool(
            "repair_ready",
            "Find the day on which the repair under a work order will be finished.",
            needs={"work_order": WORK_ORDER.means("number of the work order")},
            say=[
                "find out when {work_order} will be finished",
                "ask the mechanics for the day on which {work_order} will be done",
                "On what day will the mechanics be through with {work_order}?",
            ],
            vague=[
                "find out when the repair will be finished",
                "On what day will the mechanics be through?",
            ],
            gives={
                "ready": Result(
                    DATE, ["the day {work_order} is finished", "the day {work_order} will be done"]
                )
            },
            like=["open_work_order"],
        ),
        WorldTool(
            "allow_collection",
            "Allow somebody else than the owner to collect a car from the workshop.",
            needs={
                "plate": PLATE.means("number plate of the car"),
                "collector": COLLECTOR.means("who comes for it"),
            },
            takes={"day": DATE.means("only on this day")},
            say=[
                "allow {collector} to collect {plate}",
                "hand over {plate} at the workshop to {collector}",
                "I can't come for {plate} myself, so give it to {collector}.",
            ],
            add={"day": ["on {day} only"]},
            vague=[
                "allow somebody else to collect {plate}",
                "hand over my car at the workshop to {collector}",
            ],
            like=["car_of_customer", "repair_ready"],
        ),
    ],
    idle=[
        "Why are tyres black and not white?",
        "Write a limerick about a rusty van.",
        "How does a clutch work?",
        "Can you teach me how to park backwards?",
        "I miss the smell of my grandfather's old car.",
        "Who built the first motorcar?",
        "Is it rude to sound the horn at night?",
        "Think up a nickname for my little hatchback.",
        "What does a mechanic earn in a year?",
        "Which colour of paint hides scratches best?",
        "Explain why diesel engines knock.",
    ],
)
