"""The shop: products and prices, orders, deliveries and returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, integer, number, record, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import AMOUNT, CITY, COUNTRY, DATE
from rlcall.tasks.world import Result, World, WorldTool

PRODUCT = text(
    "product",
    """the red lamp; the oak desk; the blue kettle; the leather armchair; the electric scooter; the
    camping stove; the wool blanket; the espresso machine; the steel thermos; the garden hose; the
    noise-cancelling headphones; the mountain bike; the folding chair; the ceramic teapot; the
    travel pillow; the cast iron pan; the desk fan; the rain jacket; the yoga mat; the bread maker;
    the wall clock; the pocket knife; the acoustic guitar; the bath towel set; the toolbox; the
    hiking boots; the digital camera; the winter gloves; the tablet stand""",
)
CATEGORY = choice(
    "product category",
    {
        "lamps": "lamp",
        "desks": "desk",
        "chairs": "chair",
        "coffee makers": "coffee_maker",
        "bicycles": "bicycle",
        "backpacks": "backpack",
        "headphones": "headphones",
        "winter coats": "winter_coat",
        "running shoes": "running_shoes",
        "board games": "board_game",
    },
)
SORTING = choice(
    "sorting of products",
    {"cheapest first": "price", "best rated first": "rating", "newest first": "newest"},
)
POSTAGE = choice("postage", {"with shipping included": True, "with shipping left out": False})
STOCK = integer("pieces in stock", 0, 60)
ORDER = called(code("order id", "ORD-#####"), "order {}")
COUPON = code("coupon code", "@@@@##")
STREET = word(
    "street and number",
    """Oak Avenue 45; Mill Lane 33; Station Road 5; Elm Street 9; King Street 7; Maple Road 101;
    Harbour Street 18; Church Lane 2; Garden Way 64; Bridge Street 27; Hill Road 12; Park Row 80;
    Market Square 3; Lake Drive 56""",
)
ADDRESS = record(
    "address",
    "{street} in {city}",
    street=STREET.means("street and house number"),
    city=CITY.means("the town"),
)
WEIGHT = measured("kilograms", 0.5, 20, "kg", "kilograms", places=1)
SPEED = choice("shipping speed", {"by standard mail": "standard", "by express mail": "express"})
GIFT = choice("gift wrapping", {"gift-wrapped": True, "without gift wrapping": False})
ANONYMOUS = choice("anonymity", {"anonymously": True, "under my own name": False})
REGRET = choice(
    "reason to cancel",
    {
        "because I changed my mind": "changed_mind",
        "because I found it cheaper elsewhere": "found_cheaper",
        "because it takes too long": "too_slow",
    },
)
DEFECT = choice(
    "reason to return",
    {
        "damaged": "damaged",
        "too small": "too_small",
        "too big": "too_big",
        "not what I ordered": "wrong_item",
        "not as described": "not_as_described",
    },
)
REFUND = choice("way of refund", {"to my card": "card", "as store credit": "store_credit"})
DAYPART = choice("part of the day", "morning afternoon evening")
COMMENT = text(
    "review text",
    """works like a charm; smaller than expected; my kids love it; a bit noisy; worth every penny;
    broke after a week; good quality; easy to clean; the colour is off; best purchase this year; too
    heavy for me; arrived well packed""",
)

# Shipping in three zones: price of the parcel, and of each kilogram.
_NEAR = [
    "Norway",
    "Poland",
    "Spain",
    "Malta",
    "Italy",
    "Greece",
    "Latvia",
    "Iceland",
    "Austria",
    "Finland",
]
_FAR = ["Egypt", "Morocco", "India", "Canada", "Japan"]
_ZONES = {
    **{country: (6.0, 1.5) for country in _NEAR},
    **{country: (11.0, 4.0) for country in _FAR},
}


def _shipping(arguments: Mapping[str, Any]) -> dict[str, Any]:
    parcel, kilogram = _ZONES.get(arguments["country"], (14.0, 6.0))
    cost = parcel + kilogram * arguments["weight"]
    return {"cost": round(2 * cost if arguments["speed"] == "express" else cost, 2)}


WORLD = World(
    "shop",
    [
        WorldTool(
            "search_products",
            "Search the shop for products of a category up to a price, and give the best match.",
            needs={
                "category": CATEGORY.means("what sort of product is wanted"),
                "max_price": AMOUNT.means("the highest price, in the currency of the shop"),
            },
            takes={
                "sort_by": SORTING.means("what comes first in the list", default="rating"),
                "min_rating": number("rating", 3, 4.9).means(
                    "leave out products rated worse, in stars from 1 to 5"
                ),
            },
            say=[
                "search for {category} that cost no more than {max_price}",
                "show me {category} up to {max_price}",
                "browse {category} with a price limit of {max_price}",
                "Which {category} can I get for at most {max_price}?",
                "I'm looking for {category}, and {max_price} is the most I'd pay.",
            ],
            add={
                "min_rating": ["and show only what is rated {min_rating} or better"],
                "sort_by": ["and sort them {sort_by}"],
            },
            vague=[
                "search for {category} within my price limit",
                "Show me something for at most {max_price}.",
            ],
            gives={
                "product": Result(
                    PRODUCT,
                    [
                        "the best match among {category} for at most {max_price}",
                        "the first product that a search for {category} up to {max_price} finds",
                    ],
                )
            },
            like=["get_price", "set_price_alert"],
        ),
        WorldTool(
            "get_price",
            "Tell what a product costs at the moment.",
            needs={"product": PRODUCT.means("name of the product")},
            say=[
                "check the price of {product}",
                "find out what {product} costs",
                "look up how much I would pay for {product}",
                "How much is {product}?",
                "What does {product} cost right now?",
            ],
            vague=["check the price of a product", "How much does it cost in your shop?"],
            gives={
                "price": Result(
                    AMOUNT, ["the price of {product}", "the current price of {product}"]
                )
            },
            like=["set_price_alert", "search_products"],
        ),
        WorldTool(
            "check_stock",
            "Tell how many pieces of a product the branch in a city has on its shelves.",
            needs={
                "product": PRODUCT.means("name of the product in question"),
                "city": CITY.means("the city of the branch"),
            },
            say=[
                "check the stock of {product} at the branch in {city}",
                "find out how many units of {product} the branch in {city} has left",
                "ask the branch in {city} about its stock of {product}",
                "How many units of {product} are there at your branch in {city}?",
            ],
            vague=[
                "check the stock of {product} at one of your branches",
                "What does your branch in {city} have in stock?",
            ],
            gives={
                "pieces": Result(STOCK, ["the number of units of {product} in stock in {city}"])
            },
            like=["get_price", "add_to_cart"],
        ),
        WorldTool(
            "add_to_cart",
            "Put a product into the shopping cart, without ordering it yet.",
            needs={
                "product": PRODUCT.means("name of the product"),
                "quantity": integer("quantity", 2, 9).means("how many pieces"),
            },
            takes={
                "gift_wrap": GIFT.means("whether each piece is wrapped as a present", default=False)
            },
            say=[
                "put {quantity} units of {product} in my cart",
                "add {product} to my shopping cart {quantity} times",
                "drop {product} into my basket with a quantity of {quantity}",
                "I'd like {quantity} units of {product} in my shopping cart.",
            ],
            add={"gift_wrap": ["{gift_wrap}"]},
            vague=[
                "put {quantity} of those in my cart",
                "add more than one of {product} to my shopping cart",
            ],
            like=["place_order"],
        ),
        WorldTool(
            "place_order",
            "Order everything that is in the shopping cart.",
            needs={"address": ADDRESS.means("where the goods are delivered")},
            takes={
                "speed": SPEED.means("how fast the goods travel", default="standard"),
                "coupon": COUPON.means("voucher that lowers the price: four letters, two digits"),
            },
            say=[
                "order everything in my cart to {address}",
                "check out my cart and ship it to {address}",
                "buy what is in my cart and have it delivered to {address}",
                "I'm done shopping, send what's in the cart to {address}.",
            ],
            add={
                "speed": ["{speed}"],
                "coupon": ["with coupon {coupon}", "using the coupon code {coupon}"],
            },
            vague=["check out my cart and ship it", "order everything in my cart to a new address"],
            like=["add_to_cart"],
        ),
        WorldTool(
            "find_order",
            "Find the identifier of the latest order that contains a product.",
            needs={"product": PRODUCT.means("name of a product that was ordered")},
            takes={"since": DATE.means("ignore orders placed before this day")},
            say=[
                "find the order that contains {product}",
                "look up under which order number I bought {product}",
                "search my orders for {product}",
                "Which of my orders was {product} in?",
            ],
            add={"since": ["going back no further than {since}", "since {since}"]},
            vague=["find one of my orders", "look up the number of an order I placed"],
            gives={
                "order_id": Result(
                    ORDER, ["the order that contains {product}", "my latest order of {product}"]
                )
            },
            like=["track_order", "search_products"],
        ),
        WorldTool(
            "track_order",
            "Tell where the parcel of an order is, and on which day it arrives.",
            needs={"order_id": ORDER.means("identifier of the order that is on its way")},
            say=[
                "track {order_id}",
                "find out where {order_id} is and when it gets here",
                "check the delivery status of {order_id}",
                "Where is {order_id} at the moment, and when will it arrive?",
            ],
            vague=["track my parcel", "When will that order arrive?"],
            gives={
                "arrival_date": Result(
                    DATE, ["the day on which {order_id} arrives", "the delivery date of {order_id}"]
                ),
                "current_city": Result(CITY, ["the city where {order_id} is right now"]),
            },
            like=["reschedule_delivery", "find_order"],
        ),
        WorldTool(
            "get_order_total",
            "Tell how much an order cost in all, and on which day it was placed.",
            needs={"order_id": ORDER.means("identifier of the order that was paid")},
            takes={
                "with_shipping": POSTAGE.means(
                    "whether the total has the cost of shipping in it", default=True
                )
            },
            say=[
                "look up when I placed {order_id} and its total",
                "check on what day I placed {order_id} and how much I paid",
                "pull up the receipt of {order_id}",
                "How much was {order_id} in all, and when did I place it?",
            ],
            add={"with_shipping": ["{with_shipping}"]},
            vague=["pull up the receipt of one of my orders", "How much was that order in all?"],
            gives={
                "total": Result(AMOUNT, ["the total of {order_id}", "what I paid for {order_id}"]),
                "placed_on": Result(DATE, ["the day on which I placed {order_id}"]),
            },
            like=["get_price", "track_order"],
        ),
        WorldTool(
            "cancel_order",
            "Call off an order before it is delivered.",
            needs={"order_id": ORDER.means("identifier of the order to call off")},
            takes={"reason": REGRET.means("why the order is no longer wanted")},
            say=[
                "cancel {order_id}",
                "stop {order_id} before it ships",
                "call {order_id} off",
                "I don't want {order_id} any more, please have it stopped.",
            ],
            add={"reason": ["{reason}"]},
            vague=["cancel one of my orders", "I changed my mind, stop the order."],
            like=["return_order", "reschedule_delivery"],
        ),
        WorldTool(
            "return_order",
            "Send back goods that have been delivered.",
            needs={
                "order_id": ORDER.means("identifier of the order whose goods go back"),
                "reason": DEFECT.means("what is wrong with the goods"),
            },
            takes={"refund_to": REFUND.means("how the money comes back", default="card")},
            say=[
                "return {order_id} because what arrived is {reason}",
                "send {order_id} back since what came was {reason}",
                "register a return of {order_id}, as what I got is {reason}",
                "What came with {order_id} is {reason}, I want to send it back.",
            ],
            add={
                "refund_to": [
                    "and refund the money {refund_to}",
                    "and have the refund paid {refund_to}",
                ]
            },
            vague=[
                "send back what I ordered since it is {reason}",
                "register a return of {order_id}",
            ],
            like=["cancel_order"],
        ),
        WorldTool(
            "reschedule_delivery",
            "Ask for another delivery day for an order that is on its way.",
            needs={
                "order_id": ORDER.means("identifier of the order to be delivered on another day"),
                "new_date": DATE.means("the day on which somebody can take the parcel"),
            },
            takes={"part_of_day": DAYPART.means("when on that day")},
            say=[
                "have {order_id} delivered on {new_date} instead",
                "change the delivery day of {order_id} to {new_date}",
                "ask the courier to bring {order_id} on {new_date}",
                "Nobody is home earlier, so bring {order_id} on {new_date}.",
            ],
            add={"part_of_day": ["in the {part_of_day}", "some time in the {part_of_day}"]},
            vague=[
                "change the delivery day of {order_id}",
                "ask the courier to bring my order on {new_date}",
            ],
            like=["track_order", "cancel_order"],
        ),
        WorldTool(
            "set_price_alert",
            "Tell the user as soon as a product costs less than a given price.",
            needs={
                "product": PRODUCT.means("name of the product to watch"),
                "threshold": AMOUNT.means(
                    "the price below which the user is told, in the currency of the shop"
                ),
            },
            say=[
                "alert me as soon as {product} costs less than {threshold}",
                "watch {product} and tell me when it drops below {threshold}",
                "set a price alert of {threshold} on {product}",
                "Once {product} is cheaper than {threshold}, I want to know.",
            ],
            vague=["set a price alert on {product}", "tell me when it drops below {threshold}"],
            like=["get_price"],
        ),
        WorldTool(
            "write_review",
            "Publish a rating of a product, with words if wanted.",
            needs={
                "product": PRODUCT.means("name of the product that is rated"),
                "stars": integer("stars", 1, 5).means("from 1, very bad, to 5, very good"),
            },
            takes={
                "anonymous": ANONYMOUS.means("whether the user's name is hidden", default=False),
                "comment": COMMENT.means("what else there is to say, without quotation marks"),
            },
            say=[
                "rate {product} with {stars} out of five",
                "leave a review of {product} with a rating of {stars}",
                "review {product} and give it {stars} out of five",
                "My rating of {product} is {stars} out of five, publish it.",
            ],
            add={
                "anonymous": ["{anonymous}"],
                "comment": ['and add the comment "{comment}"', 'and write "{comment}"'],
            },
            vague=["leave a review of {product}", "Publish my rating of {stars} out of five."],
            like=["get_price"],
        ),
        WorldTool(
            "estimate_shipping",
            "Work out what it costs to send a parcel of a given weight to a country.",
            needs={
                "weight": WEIGHT.means("kilograms"),
                "country": COUNTRY.means("where the parcel goes"),
            },
            takes={"speed": SPEED.means("how fast the parcel travels", default="standard")},
            say=[
                "work out the shipping cost of a parcel of {weight} to {country}",
                "estimate the postage to {country} for a parcel of {weight}",
                "calculate what shipping {weight} to {country} costs",
                "What would you charge to ship {weight} to {country}?",
            ],
            add={"speed": ["{speed}"]},
            vague=[
                "work out the shipping cost to {country}",
                "estimate the postage for a parcel of {weight}",
            ],
            gives={
                "cost": Result(
                    AMOUNT,
                    [
                        "the shipping cost of {weight} to {country}",
                        "the postage of {weight} to {country}",
                    ],
                )
            },
            run=_shipping,
            like=["get_price", "place_order"],
        ),
    ],
    idle=[
        "Why do prices always end in 99?",
        "What should I give my aunt for her birthday?",
        "Who founded the first department store?",
        "Do you like shopping?",
        "Teach me how to haggle.",
        "How is leather made?",
        "Let me talk to the manager.",
        "Is it greener to shop online or in town?",
        "Repair my old toaster.",
        "Which is better, cotton or linen?",
    ],
)
