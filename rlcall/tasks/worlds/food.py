"""Recipes, pantries and restaurants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.kinds import choice, integer, many, record, text, word
from rlcall.tasks.measures import differing, measured
from rlcall.tasks.shared_kinds import AMOUNT, CITY, COUNT, DATE, MINUTES, PHONE, TIME
from rlcall.tasks.world import Result, World, WorldTool

DISH = text(
    "dish",
    """lentil soup; mushroom risotto; chicken curry; apple crumble; fish stew; vegetable lasagne;
    beef goulash; pea soup; lemon tart; potato gratin; shakshuka; pumpkin pie; spinach quiche; bean
    chili""",
)
INGREDIENT = text(
    "ingredient",
    """carrots; red lentils; cream; spinach; chickpeas; basil; eggplant; goat cheese; walnuts;
    leeks; coconut milk; salmon; beetroot; barley; tofu""",
)
GRAMS = measured("grams", 20, 1500, "grams", "g", step=10)
JOINT = measured("grams", 900, 3000, "grams", "g", step=50)
ENERGY = measured("kilocalories", 50, 1200, "kilocalories", "kcal", step=10)
OVEN = measured("oven temperature", 120, 240, "degrees Celsius", "°C", step=5)
RESTAURANT = word(
    "restaurant",
    "Casa Verde; The Copper Pan; Little Saigon; Olive & Thyme; Chez Margot; Tandoor House; Blue Plate; Sakura Garden",
)
CUISINE = choice("cuisine", "Italian Indian Mexican Lebanese Vietnamese Georgian")
DIET = choice("diet", "vegetarian vegan gluten-free kosher halal")
STAPLE = choice(
    "staple",
    {
        "flour": "flour",
        "sugar": "sugar",
        "butter": "butter",
        "rice": "rice",
        "oats": "oats",
        "honey": "honey",
    },
)
ROAST = choice(
    "roast",
    {"a chicken": "chicken", "a leg of lamb": "lamb", "a joint of beef": "beef", "a duck": "duck"},
)
CUPS = choice(
    "cups",
    {"half a cup": 50, "one cup": 100, "a cup and a half": 150, "two cups": 200, "three cups": 300},
)
ORDERED = record(
    "ordered dish",
    "{portions} portions of {dish}",
    dish=DISH.means("what is ordered"),
    portions=integer("portions", 2, 6).means("how many portions of it"),
)

_GRAMS_A_CUP = {"flour": 125, "sugar": 200, "butter": 227, "rice": 185, "oats": 90, "honey": 340}
_KILOCALORIES = {
    "flour": 364,
    "sugar": 387,
    "butter": 717,
    "rice": 365,
    "oats": 389,
    "honey": 304,
}  # in 100 grams
_ROASTING = {
    "chicken": (45, 20),
    "lamb": (50, 25),
    "beef": (40, 20),
    "duck": (40, 15),
}  # minutes a kilogram, and on top

_GAS_MARKS = {1: 140, 2: 150, 3: 170, 4: 180, 5: 190, 6: 200, 7: 220, 8: 230, 9: 240}


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _minute(time: str) -> int:
    hour, minute = map(int, time.split(":"))
    return hour * 60 + minute


def _ready(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"ready": _clock(_minute(arguments["start"]) + arguments["minutes"])}


def _begin(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"begin": _clock(_minute(arguments["serve"]) - arguments["minutes"])}


def _gas_mark(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"mark": min(_GAS_MARKS, key=lambda mark: abs(_GAS_MARKS[mark] - arguments["celsius"]))}


def _scale(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"grams": round(arguments["grams"] * arguments["wanted"] / arguments["given"])}


def _cups(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"grams": round(_GRAMS_A_CUP[arguments["staple"]] * arguments["cups"] / 100)}


def _energy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"energy": round(_KILOCALORIES[arguments["staple"]] * arguments["grams"] / 100)}


def _roasting(arguments: Mapping[str, Any]) -> dict[str, Any]:
    a_kilogram, on_top = _ROASTING[arguments["meat"]]
    return {"minutes": round(a_kilogram * arguments["grams"] / 1000) + on_top}


def _share(arguments: Mapping[str, Any]) -> dict[str, Any]:
    total = arguments["bill"] * (1 + arguments["tip"] / 100)
    return {"share": round(total / arguments["guests"], 2)}


WORLD = World(
    "food",
    [
        WorldTool(
            "suggest_dish",
            "Suggest a dish to cook from ingredients that are there.",
            needs={"ingredients": many(INGREDIENT, 2, 3).means("what is there")},
            takes={
                "diet": DIET.means("only dishes that suit this diet"),
                "ready_within": MINUTES.means("longest cooking time in minutes"),
            },
            say=[
                "suggest a dish I can make out of {ingredients}",
                "come up with something to cook from {ingredients}",
                "What could I cook if I have {ingredients}?",
            ],
            add={"diet": ["keeping it {diet}"], "ready_within": ["within {ready_within}"]},
            vague=["come up with something to cook from what I have", "What could I cook?"],
            gives={"dish": Result(DISH, ["the dish suggested for {ingredients}"])},
            like=["amount_in_dish"],
        ),
        WorldTool(
            "cooking_minutes",
            "Look up how many minutes a dish has to cook.",
            needs={"dish": DISH.means("name of the dish")},
            say=[
                "look up how long {dish} has to cook",
                "see how many minutes of cooking {dish} needs",
                "How long must {dish} be on the stove?",
            ],
            vague=["look up how long it has to cook"],
            gives={
                "minutes": Result(
                    MINUTES, ["the cooking time of {dish}", "the time {dish} needs on the stove"]
                )
            },
            like=["roasting_minutes", "dish_ready"],
        ),
        WorldTool(
            "roasting_minutes",
            "Work out how many minutes meat of some weight must roast.",
            needs={
                "meat": ROAST.means("kind of meat: chicken, lamb, beef or duck"),
                "grams": JOINT.means("its weight in grams"),
            },
            say=[
                "work out the roasting time for {meat} with a weight of {grams}",
                "find how long {meat} with a weight of {grams} stays in the oven",
                "How long do I roast {meat} with a weight of {grams}?",
            ],
            vague=[
                "work out the roasting time for {meat}",
                "How long must meat with a weight of {grams} roast?",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the roasting time for {meat} with a weight of {grams}"]
                )
            },
            run=_roasting,
            like=["cooking_minutes"],
        ),
        WorldTool(
            "dish_ready",
            "Work out at what time food is ready that goes on at some time.",
            needs={
                "start": TIME.means("when cooking begins, HH:MM"),
                "minutes": MINUTES.means("cooking time in minutes"),
            },
            say=[
                "work out when dinner is ready if I begin at {start} and it cooks for {minutes}",
                "tell me when to take the food out that goes in at {start} and cooks for {minutes}",
                "If it goes on the stove at {start} and needs {minutes}, when can we eat?",
            ],
            vague=[
                "work out when dinner is ready if I begin at {start}",
                "When can we eat if it cooks for {minutes}?",
            ],
            gives={
                "ready": Result(
                    TIME,
                    ["the time a dish is ready that is begun at {start} and cooks for {minutes}"],
                )
            },
            run=_ready,
            like=["begin_cooking"],
        ),
        WorldTool(
            "begin_cooking",
            "Work out at what time cooking has to begin so that food is ready at some time.",
            needs={
                "serve": TIME.means("when it must be ready, HH:MM"),
                "minutes": MINUTES.means("cooking time in minutes"),
            },
            say=[
                "work out when I must begin so that a meal which cooks for {minutes} is served at {serve}",
                "count back from dinner at {serve} to when a dish that takes {minutes} goes on",
                "Dinner is at {serve} and cooking takes {minutes}, so when do I have to begin?",
            ],
            vague=[
                "work out when I must begin so that we eat at {serve}",
                "When do I begin with a meal that cooks for {minutes}?",
            ],
            gives={
                "begin": Result(
                    TIME, ["the latest start for a meal at {serve} that cooks for {minutes}"]
                )
            },
            run=_begin,
            like=["dish_ready"],
        ),
        WorldTool(
            "amount_in_dish",
            "Look up how many grams of an ingredient the recipe of a dish takes.",
            needs={
                "dish": DISH.means("name of the dish"),
                "ingredient": INGREDIENT.means("which ingredient"),
            },
            say=[
                "look up the amount of {ingredient} that goes into {dish}",
                "see how many grams of {ingredient} the recipe for {dish} takes",
                "In the recipe for {dish}, how heavy is the share of {ingredient}?",
            ],
            vague=[
                "look up the amount of {ingredient} in the recipe",
                "see how many grams the recipe for {dish} takes",
            ],
            gives={"grams": Result(GRAMS, ["the amount of {ingredient} in {dish}"])},
            like=["scale_amount", "pantry_stock"],
        ),
        WorldTool(
            "scale_amount",
            "Scale the grams in a recipe to another number of people.",
            needs={
                "grams": GRAMS.means("amount in the recipe"),
                "given": COUNT.means("people the recipe is for"),
                "wanted": COUNT.means("people who will eat"),
            },
            say=[
                "scale {grams} from a recipe for {given} people up or down to {wanted} people",
                "adapt {grams} in a recipe meant for {given} to {wanted} eaters",
                "The recipe says {grams} for {given} people, how much is that for {wanted}?",
            ],
            vague=[
                "scale {grams} to {wanted} people",
                "adapt a recipe meant for {given} to {wanted} eaters",
            ],
            gives={
                "grams": Result(
                    GRAMS, ["the result of scaling {grams} from {given} to {wanted} people"]
                )
            },
            run=_scale,
            like=["cups_to_grams", "amount_in_dish"],
        ),
        WorldTool(
            "cups_to_grams",
            "Convert cups of a staple food to grams.",
            needs={
                "staple": STAPLE.means("which food"),
                "cups": CUPS.means("hundredths of a cup: 50 is half a cup, 100 one cup"),
            },
            say=[
                "weigh out {cups} of {staple} in grams",
                "change {cups} of {staple} into grams",
                "How many grams do I get out of {cups} of {staple}?",
            ],
            vague=["weigh out {cups} in grams", "change the {staple} in my recipe into grams"],
            gives={"grams": Result(GRAMS, ["the weight of {cups} of {staple}"])},
            run=_cups,
            like=["scale_amount", "staple_energy"],
        ),
        WorldTool(
            "staple_energy",
            "Work out the kilocalories in some grams of a staple food.",
            needs={
                "staple": STAPLE.means("which food"),
                "grams": GRAMS.means("how much of it, in grams"),
            },
            say=[
                "work out the calories of {staple} weighing {grams}",
                "tot up how much energy is in {staple} that weighs {grams}",
                "How rich in calories is {staple} weighing {grams}?",
            ],
            vague=["work out the calories of {staple}", "How many calories are in {grams}?"],
            gives={"energy": Result(ENERGY, ["the calories of {staple} weighing {grams}"])},
            run=_energy,
            like=["cups_to_grams"],
        ),
        WorldTool(
            "oven_setting",
            "Look up the oven temperature for a dish in degrees Celsius.",
            needs={"dish": DISH.means("name of the dish")},
            takes={
                "fan": choice("fan", {"with the fan on": True, "without the fan": False}).means(
                    "whether the fan runs", default=False
                )
            },
            say=[
                "look up the oven setting for {dish}",
                "check how hot the oven must be for {dish}",
                "How hot do I bake {dish}?",
            ],
            add={"fan": ["{fan}"]},
            vague=["look up the oven setting", "How hot must the oven be?"],
            gives={"celsius": Result(OVEN, ["the oven setting for {dish}"])},
            like=["gas_mark", "cooking_minutes"],
        ),
        WorldTool(
            "gas_mark",
            "Find the gas mark that comes closest to an oven temperature in degrees Celsius.",
            needs={"celsius": OVEN.means("degrees Celsius")},
            say=[
                "find the gas mark for {celsius}",
                "tell me where to turn the knob of a gas oven to reach {celsius}",
                "Which mark on a gas oven is {celsius}?",
            ],
            vague=["find the gas mark", "tell me where to turn the knob of my gas oven"],
            gives={"mark": Result(integer("gas mark", 1, 9), ["the gas mark for {celsius}"])},
            run=_gas_mark,
            like=["oven_setting"],
        ),
        WorldTool(
            "pantry_stock",
            "Check how many grams of an ingredient are left in the pantry.",
            needs={"ingredient": INGREDIENT.means("which ingredient")},
            say=[
                "check how many grams of {ingredient} the pantry still has",
                "look in the pantry for the weight of {ingredient} that is left",
                "Do we still have {ingredient} in the pantry, and how many grams?",
            ],
            vague=["check the pantry stock"],
            gives={"grams": Result(GRAMS, ["the weight of {ingredient} left in the pantry"])},
            like=["pantry_store", "amount_in_dish"],
        ),
        WorldTool(
            "pantry_store",
            "Note down that grams of an ingredient were put into the pantry.",
            needs={
                "ingredient": INGREDIENT.means("which ingredient"),
                "grams": GRAMS.means("how much, in grams"),
            },
            takes={
                "best_before": DATE.means("day until which it keeps"),
                "place": choice(
                    "place",
                    {
                        "in the fridge": "fridge",
                        "in the freezer": "freezer",
                        "on the shelf": "shelf",
                    },
                ).means("where it is", default="shelf"),
            },
            say=[
                "note that {ingredient} weighing {grams} went into the pantry",
                "record new {ingredient} in the pantry, weighing {grams}",
                "The pantry got new {ingredient}, weighing {grams}.",
            ],
            add={
                "place": ["kept {place}"],
                "best_before": ["best before {best_before}", "good until {best_before}"],
            },
            vague=[
                "note that {ingredient} went into the pantry",
                "record that the pantry got {grams} more",
            ],
            like=["pantry_stock"],
        ),
        WorldTool(
            "pick_restaurant",
            "Pick a good restaurant of some cuisine in a city.",
            needs={
                "cuisine": CUISINE.means("style of cooking"),
                "city": CITY.means("city of the restaurant"),
            },
            takes={
                "price_level": choice(
                    "price level", {"cheap": 1, "mid-range": 2, "upmarket": 3}
                ).means("1 cheap to 3 expensive"),
                "terrace": choice(
                    "terrace", {"with a terrace": True, "without a terrace": False}
                ).means("whether one can sit outside"),
            },
            say=[
                "pick a good {cuisine} restaurant in {city}",
                "recommend somewhere {cuisine} to eat in {city}",
                "Where in {city} is the {cuisine} food best?",
            ],
            add={"price_level": ["in the {price_level} bracket"], "terrace": ["{terrace}"]},
            vague=["pick a good {cuisine} restaurant", "recommend somewhere to eat in {city}"],
            gives={"restaurant": Result(RESTAURANT, ["the best {cuisine} restaurant in {city}"])},
            like=["reserve_seats"],
        ),
        WorldTool(
            "restaurant_phone",
            "Look up the phone number of a restaurant.",
            needs={"restaurant": RESTAURANT.means("name of the restaurant")},
            say=[
                "look up how {restaurant} can be phoned",
                "get me the telephone number of {restaurant}",
                "On what number do I reach {restaurant}?",
            ],
            vague=["look up how the restaurant can be phoned"],
            gives={"phone": Result(PHONE, ["the number on which {restaurant} can be rung"])},
            like=["last_orders"],
        ),
        WorldTool(
            "last_orders",
            "Look up until what time the kitchen of a restaurant takes orders on a day.",
            needs={
                "restaurant": RESTAURANT.means("name of the restaurant"),
                "day": DATE.means("which day"),
            },
            say=[
                "look up until when the kitchen of {restaurant} takes orders on {day}",
                "check the time of last orders at {restaurant} on {day}",
                "By what time must we order at {restaurant} on {day}?",
            ],
            vague=[
                "look up until when the kitchen of {restaurant} takes orders",
                "check the time of last orders on {day}",
            ],
            gives={
                "time": Result(
                    TIME,
                    [
                        "last orders at {restaurant} on {day}",
                        "the time of last orders at {restaurant} on {day}",
                    ],
                )
            },
            like=["reserve_seats", "restaurant_phone"],
        ),
        WorldTool(
            "reserve_seats",
            "Reserve seats in a restaurant.",
            needs={
                "restaurant": RESTAURANT.means("name of the restaurant"),
                "day": DATE.means("which day"),
                "time": TIME.means("from when on, HH:MM"),
                "guests": COUNT.means("how many people"),
            },
            takes={
                "needs": many(
                    choice(
                        "special need",
                        {
                            "a high chair": "high_chair",
                            "a quiet corner": "quiet",
                            "step-free access": "step_free",
                        },
                    ),
                    1,
                    2,
                ).means("high_chair, quiet (corner) or step_free (access)")
            },
            say=[
                "reserve seats for {guests} at {restaurant} on {day} at {time}",
                "have {restaurant} keep a table for {guests} people on {day} at {time}",
                "There will be {guests} of us at {restaurant} on {day} at {time}, please reserve.",
            ],
            add={"needs": ["with {needs}", "asking for {needs}"]},
            vague=[
                "reserve seats at {restaurant} on {day}",
                "have someone keep a table for {guests} people at {time}",
            ],
            like=["pick_restaurant", "order_in"],
        ),
        WorldTool(
            "order_in",
            "Order dishes from a restaurant to be brought home.",
            needs={
                "restaurant": RESTAURANT.means("name of the restaurant"),
                "items": differing(many(ORDERED, 1, 3), "dish").means(
                    "dishes, each with its number of portions"
                ),
            },
            takes={
                "deliver_at": TIME.means("when it should come, HH:MM"),
                "cutlery": choice(
                    "cutlery", {"with cutlery": True, "without cutlery": False}
                ).means("whether knives and forks come along", default=False),
            },
            say=[
                "order {items} from {restaurant} to our home",
                "have {restaurant} deliver {items}",
                "We are staying in and want {items} from {restaurant}.",
            ],
            add={
                "cutlery": ["{cutlery}"],
                "deliver_at": ["for {deliver_at}", "to arrive at {deliver_at}"],
            },
            vague=[
                "order something from {restaurant} to our home",
                "We are staying in and want {items}.",
            ],
            like=["reserve_seats"],
        ),
        WorldTool(
            "meal_price",
            "Look up what a dish costs at a restaurant for a number of people.",
            needs={
                "dish": DISH.means("name of the dish"),
                "guests": COUNT.means("how many people eat it"),
                "restaurant": RESTAURANT.means("name of the restaurant"),
            },
            say=[
                "look up what {restaurant} asks for {dish} for {guests} people",
                "check the menu of {restaurant} for the price of {dish} when {guests} people eat it",
                "How dear is {dish} for {guests} at {restaurant}?",
            ],
            vague=[
                "look up what {restaurant} asks for {dish} for all of us",
                "check the menu for the price of {dish}",
            ],
            gives={
                "price": Result(AMOUNT, ["the price of {dish} for {guests} people at {restaurant}"])
            },
            like=["bill_share"],
        ),
        WorldTool(
            "bill_share",
            "Work out what each guest pays of a restaurant bill that is divided evenly.",
            needs={
                "bill": AMOUNT.means("the whole bill before the tip"),
                "guests": COUNT.means("how many people share it"),
            },
            takes={
                "tip": integer("tip", 5, 25).means(
                    "percent that are added as a tip", default=0, minimum=0
                )
            },
            say=[
                "work out what each of {guests} guests pays of a bill of {bill}",
                "share out a restaurant bill of {bill} evenly among {guests}",
                "With {guests} of us sharing a bill of {bill}, what does everyone pay?",
            ],
            add={"tip": ["with a tip of {tip} percent", "after adding {tip} percent as a tip"]},
            vague=[
                "share out a restaurant bill of {bill} evenly",
                "work out what each of {guests} guests pays",
            ],
            gives={
                "share": Result(
                    AMOUNT, ["the share of each of {guests} guests in a bill of {bill}"]
                )
            },
            run=_share,
            like=["meal_price"],
        ),
    ],
    idle=[
        "Why do onions make us cry?",
        "Who came up with the croissant?",
        "I could eat a horse right now.",
        "Which wine goes with a sad mood?",
        "Tell me about the history of chocolate.",
        "How does yeast make dough rise?",
        "Can you taste the soup for me?",
        "Is a tomato a fruit or a vegetable?",
        "Write a love letter to pasta.",
        "What was the best meal you ever had?",
    ],
)
