"""The house: light, warmth, washing, doors and what the electricity costs. The tools' names are
in camel case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.kinds import choice, integer, many, number, record, text
from rlcall.tasks.measures import differing, measured
from rlcall.tasks.shared_kinds import AMOUNT, DATE, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

ROOM = choice(
    "room",
    {
        "the living room": "living_room",
        "the kitchen": "kitchen",
        "the bedroom": "bedroom",
        "the bathroom": "bathroom",
        "the study": "study",
        "the nursery": "nursery",
        "the hallway": "hallway",
        "the attic": "attic",
        "the basement": "basement",
        "the guest room": "guest_room",
    },
)
BRIGHTNESS = integer("brightness", 5, 100, 5)
COLOUR = choice(
    "light colour",
    {
        "warm white": "warm_white",
        "cool white": "cool_white",
        "daylight": "daylight",
        "amber": "amber",
        "blue": "blue",
    },
)
LAMP = record(
    "lamp setting",
    "{room} at {brightness} percent",
    room=ROOM.means("where the lamps are"),
    brightness=BRIGHTNESS.means("percent of the full light"),
)
SCENE = text(
    "light scene",
    """movie night; dinner for two; deep focus; wake up slowly; rainy Sunday; game evening; bedtime
    story; spring cleaning; quiet reading; party mode; winter morning; nightlight; homework;
    candlelight; welcome home""",
)
WARMTH = measured("room temperature", 16, 25, "degrees", places=1)
HUMIDITY = measured("humidity", 30, 70, "percent")
DOOR = choice(
    "door",
    {
        "the front door": "front",
        "the back door": "back",
        "the garage door": "garage",
        "the garden gate": "garden_gate",
        "the cellar door": "cellar",
    },
)
PROGRAM = choice(
    "washing program",
    {
        "the cotton program": "cotton",
        "the delicates program": "delicates",
        "the wool program": "wool",
        "the synthetics program": "synthetics",
        "the sportswear program": "sports",
    },
)
HEAT = choice(
    "washing temperature", {"20 degrees": 20, "30 degrees": 30, "40 degrees": 40, "60 degrees": 60}
)
SPIN = choice(
    "spin speed", {"600 turns": 600, "800 turns": 800, "1200 turns": 1200, "1400 turns": 1400}
)
POWER = measured("watts", 50, 3000, "watts", "W", step=50)
ENERGY = measured("kilowatt hours", 0.5, 40, "kilowatt hours", "kWh", places=2)
PRICE = number("price of electricity", 0.11, 0.59, 2)
TARIFF = choice(
    "tariff",
    {"the basic tariff": "basic", "the green tariff": "green", "the night tariff": "night"},
)
MODE = choice("heating mode", {"in eco mode": "eco", "in comfort mode": "comfort"})

_BASE_MINUTES = {"cotton": 70, "delicates": 35, "wool": 40, "synthetics": 55, "sports": 30}


def _wash_duration(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add ten minutes for every ten degrees above 20, and a quarter of an hour for a second
    rinse."""
    minutes = _BASE_MINUTES[arguments["program"]] + arguments["temperature"] - 20
    return {"duration": minutes + 15 * arguments["extraRinse"]}


def _appliance_energy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"energy": round(arguments["power"] * arguments["duration"] / 60_000, 2)}


def _energy_cost(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"cost": round(arguments["energy"] * arguments["price"], 2)}


WORLD = World(
    "home",
    [
        WorldTool(
            "setLightLevel",
            "Dim or brighten the lamps of a room now.",
            needs={
                "room": ROOM.means("whose lamps change"),
                "brightness": BRIGHTNESS.means("new brightness, percent of the full light"),
            },
            takes={
                "colour": COLOUR.means("colour of the light; unchanged if left out"),
                "fadeSeconds": integer("fade seconds", 2, 30).means(
                    "how many seconds the change takes", minimum=0, default=0
                ),
            },
            say=[
                "set the lights in {room} to {brightness} percent",
                "make the light in {room} {brightness} percent bright",
                "put the lamps in {room} at {brightness} percent",
                "I want {brightness} percent light in {room}.",
            ],
            add={
                "colour": ["with the colour {colour}", "in {colour}"],
                "fadeSeconds": [
                    "fading over {fadeSeconds} seconds",
                    "within {fadeSeconds} seconds",
                ],
            },
            vague=["dim the lights in {room} a bit", "set the lights to {brightness} percent"],
            like=["saveLightScene", "turnOffLights"],
        ),
        WorldTool(
            "turnOffLights",
            "Switch off all lamps in one or several rooms.",
            needs={"rooms": many(ROOM, 1, 3).means("where the lamps go out")},
            takes={"delay": MINUTES.means("after how many minutes; at once if left out")},
            say=[
                "turn off the lights in {rooms}",
                "switch all lamps off in {rooms}",
                "make it dark in {rooms}",
                "No more light is needed in {rooms}.",
            ],
            add={"delay": ["after {delay}", "with a delay of {delay}"]},
            vague=[
                "turn off the lights, but not everywhere",
                "switch off the lamps in some of the rooms",
            ],
            like=["setLightLevel"],
        ),
        WorldTool(
            "saveLightScene",
            "Store the brightness of several rooms under a name, to be called up later.",
            needs={
                "name": SCENE.means("what the scene is called, without quotation marks"),
                "lamps": differing(many(LAMP, 2, 3), "room").means(
                    "the rooms with their brightness"
                ),
            },
            takes={
                "replaceOld": choice(
                    "replacing", {"replacing the old scene": True, "keeping an old scene": False}
                ).means("whether a scene of the same name is written over", default=False)
            },
            say=[
                'save a light scene called "{name}" with {lamps}',
                'store {lamps} as the light scene "{name}"',
                'create the light scene "{name}" that has {lamps}',
                'My new light scene "{name}" should have {lamps}.',
            ],
            add={"replaceOld": ["{replaceOld} of the same name"]},
            vague=[
                'save a light scene called "{name}"',
                "store {lamps} as a light scene under a new name",
            ],
            like=["setLightLevel"],
        ),
        WorldTool(
            "readRoomClimate",
            "Measure how warm and how humid a room is at the moment.",
            needs={"room": ROOM.means("where to measure")},
            say=[
                "read the temperature and the humidity in {room}",
                "measure how warm and humid it is in {room}",
                "check the climate in {room}",
                "How warm and humid is it in {room} right now?",
            ],
            vague=["read the temperature in one of the rooms", "How warm is it in that room?"],
            gives={
                "temperature": Result(
                    WARMTH, ["the temperature in {room}", "the temperature measured in {room}"]
                ),
                "humidity": Result(HUMIDITY, ["the humidity in {room}"]),
            },
            like=["setRoomTemperature"],
        ),
        WorldTool(
            "setRoomTemperature",
            "Heat or cool a room to a temperature.",
            needs={
                "room": ROOM.means("which room is heated or cooled"),
                "temperature": WARMTH.means("degrees Celsius to reach"),
            },
            takes={
                "mode": MODE.means("how the heating works", default="comfort"),
                "until": TIME.means(
                    "time of day at which the old setting comes back, HH:MM; never if left out"
                ),
            },
            say=[
                "set {room} to {temperature}",
                "bring {room} to {temperature}",
                "adjust the thermostat in {room} to {temperature}",
                "In {room} I'd like to have {temperature}.",
            ],
            add={"mode": ["{mode}"], "until": ["until {until}", "up to {until} today"]},
            vague=["make it warmer in {room}", "adjust the thermostat to {temperature}"],
            like=["readRoomClimate"],
        ),
        WorldTool(
            "startWash",
            "Start the washing machine.",
            needs={
                "program": PROGRAM.means("what the machine washes"),
                "temperature": HEAT.means("degrees Celsius of the water"),
            },
            takes={
                "spin": SPIN.means("turns a minute when spinning", default=1200),
                "finishBy": TIME.means(
                    "time of day at which the washing should be done, HH:MM; soon if left out"
                ),
            },
            say=[
                "start the washing machine on {program} at {temperature}",
                "run a wash on {program} at {temperature}",
                "wash what is in the machine on {program} at {temperature}",
                "The machine is loaded, so start {program} at {temperature}.",
            ],
            add={
                "spin": ["with a spin of {spin} a minute", "spinning at {spin} a minute"],
                "finishBy": ["so that it is done by {finishBy}", "ready by {finishBy}"],
            },
            vague=["start the washing machine at {temperature}", "run a wash on {program}"],
            like=["getWashDuration"],
        ),
        WorldTool(
            "getWashDuration",
            "Tell how long the washing machine takes, without starting it.",
            needs={
                "program": PROGRAM.means("the washing to be timed"),
                "temperature": HEAT.means("degrees Celsius of the water in that washing"),
            },
            takes={
                "extraRinse": choice(
                    "second rinse", {"with a second rinse": True, "without a second rinse": False}
                ).means("whether the washing is rinsed twice", default=False)
            },
            say=[
                "find out how long {program} takes at {temperature}",
                "check how many minutes the washing machine needs on {program} at {temperature}",
                "tell me the duration of {program} at {temperature}",
                "How long would {program} run at {temperature}?",
            ],
            add={"extraRinse": ["{extraRinse}"]},
            vague=[
                "find out how long {program} takes",
                "How long would the washing machine run at {temperature}?",
            ],
            gives={
                "duration": Result(MINUTES, ["the minutes that {program} takes at {temperature}"])
            },
            run=_wash_duration,
            like=["startWash"],
        ),
        WorldTool(
            "getEnergyUsed",
            "Tell how much electricity the house used on a day, as the meter counted it.",
            needs={"date": DATE.means("the day that was metered")},
            takes={"room": ROOM.means("only what was used here; the whole house if left out")},
            say=[
                "look up how much electricity the house used on {date}",
                "read the power meter for {date}",
                "check our electricity use on {date}",
                "How many kilowatt hours did we use on {date}?",
            ],
            add={"room": ["in {room} alone", "counting {room} only"]},
            vague=["look up how much electricity the house used that day"],
            gives={
                "energy": Result(
                    ENERGY, ["the electricity used on {date}", "our electricity use on {date}"]
                )
            },
            like=["calculateApplianceEnergy"],
        ),
        WorldTool(
            "getCheapestHour",
            "Tell at what time of a day electricity costs least.",
            needs={"date": DATE.means("the day whose prices are read")},
            takes={"tariff": TARIFF.means("which contract", default="basic")},
            say=[
                "find out when electricity is cheapest on {date}",
                "look up the time of the lowest power price on {date}",
                "check the power prices of {date} for the cheapest time",
                "At what time is electricity cheapest on {date}?",
            ],
            add={"tariff": ["on {tariff}", "going by {tariff}"]},
            vague=[
                "find out when electricity is cheapest that day",
                "At what time is the power price lowest?",
            ],
            gives={"time": Result(TIME, ["the time at which electricity is cheapest on {date}"])},
            like=["getEnergyUsed", "estimateEnergyCost"],
        ),
        WorldTool(
            "calculateApplianceEnergy",
            "Work out how much electricity an appliance of a given power needs in a given time.",
            needs={
                "power": POWER.means("watts that the appliance draws"),
                "duration": MINUTES.means("how many minutes it is on"),
            },
            say=[
                "work out how much electricity an appliance of {power} needs in {duration}",
                "calculate the kilowatt hours for running {power} for {duration}",
                "compute the energy that a device of {power} takes if it is on for {duration}",
                "How many kilowatt hours does something with {power} use in {duration}?",
            ],
            vague=[
                "work out how much electricity my heater needs in {duration}",
                "calculate the kilowatt hours for running {power}",
            ],
            gives={
                "energy": Result(
                    ENERGY, ["the electricity that an appliance of {power} needs in {duration}"]
                )
            },
            run=_appliance_energy,
            like=["getEnergyUsed", "estimateEnergyCost"],
        ),
        WorldTool(
            "estimateEnergyCost",
            "Work out what an amount of electricity costs.",
            needs={
                "energy": ENERGY.means("kilowatt hours to pay for"),
                "price": PRICE.means("what one kilowatt hour costs"),
            },
            say=[
                "work out what {energy} costs at a price of {price} per kilowatt hour",
                "estimate the electricity bill for {energy} if a kilowatt hour costs {price}",
                "calculate the cost of {energy} at {price} per kilowatt hour",
                "What do I pay for {energy} at {price} per kilowatt hour?",
            ],
            vague=[
                "work out what {energy} costs",
                "estimate the electricity bill if a kilowatt hour costs {price}",
            ],
            gives={"cost": Result(AMOUNT, ["the cost of {energy} at {price} per kilowatt hour"])},
            run=_energy_cost,
            like=["calculateApplianceEnergy"],
        ),
        WorldTool(
            "getLastEntry",
            "Tell who opened a door last on a day, and at what time.",
            needs={
                "door": DOOR.means("which door was opened"),
                "date": DATE.means("the day to look at"),
            },
            say=[
                "find out who opened {door} last on {date}, and when",
                "check the last entry through {door} on {date}",
                "look up the last time somebody used {door} on {date}",
                "Who was the last to come through {door} on {date}?",
            ],
            vague=[
                "find out who opened {door} last that day",
                "Who was the last to come through on {date}?",
            ],
            gives={
                "person": Result(PERSON, ["the person who opened {door} last on {date}"]),
                "time": Result(TIME, ["the time at which {door} was last opened on {date}"]),
            },
            like=["createGuestCode"],
        ),
        WorldTool(
            "createGuestCode",
            "Let a guest through a door with a code until the end of a day.",
            needs={
                "guest": PERSON.means("full name of the guest"),
                "door": DOOR.means("which door the code opens"),
                "validUntil": DATE.means("the last day on which the code works"),
            },
            say=[
                "create an entry code to {door} for {guest} until {validUntil}",
                "let {guest} in through {door} with a code until {validUntil}",
                "make a door code for {guest} that opens {door} until {validUntil}",
                "Up to {validUntil}, {guest} should be able to open {door} with a code.",
            ],
            vague=[
                "create an entry code to {door} for {guest}",
                "make a door code for {guest} until {validUntil}",
            ],
            like=["getLastEntry"],
        ),
    ],
    idle=[
        "Which colour makes a small room look bigger?",
        "Who invented the light bulb?",
        "How do I get red wine out of a carpet?",
        "Is it lucky to hang a horseshoe over the door?",
        "Fix the dripping tap.",
        "Why does the staircase creak at night?",
        "Draw a floor plan of my dream house.",
        "Do cats like robot vacuums?",
        "What should I plant by the terrace?",
        "Find me a new flatmate.",
    ],
)
