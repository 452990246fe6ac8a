"""Money: accounts, transfers, bills, currencies, loans and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, integer, many, number, text
from rlcall.tasks.shared_kinds import AMOUNT, CURRENCY, DATE, PERCENT, PERSON
from rlcall.tasks.world import Result, World, WorldTool

ACCOUNT = choice(
    "bank account",
    {
        "the checking account": "checking",
        "the savings account": "savings",
        "the joint account": "joint",
        "the business account": "business",
    },
)
PURPOSE = text(
    "payment note",
    """concert tickets; share of the gas; birthday gift; groceries; ski trip; rent for the garage;
    team lunch; cleaning; piano lessons; holiday house; the broken window; wine for the party;
    museum visit; taxi home""",
)
COMPANY = text(
    "company",
    """City Waterworks; Northern Power; Blue Telecom; Alpha Insurance; Green Energy; Metro Gas; Fast
    Internet; Star Cable; Union Health; Home Security; River Waste; Prime Fitness; Harbour Parking;
    Delta Leasing""",
)
BILL = called(code("bill number", "BILL-####"), "bill {}")
BUDGET = choice(
    "spending category",
    {
        "groceries": "groceries",
        "eating out": "restaurants",
        "clothes": "clothing",
        "transport": "transport",
        "going out": "entertainment",
        "the household": "household",
        "medicine": "health",
        "presents": "gifts",
    },
)
PERIOD = choice("budget period", "weekly monthly yearly")
SHARED = choice("shared budget", {"shared with the family": True, "just for me": False})
RATE = number("interest rate", 0.5, 9, 1)
SUM = replace(
    AMOUNT, draw=integer("round amount", 2000, 90000, 500).draw
)  # as one borrows or saves
YEARS = integer("years", 2, 30)
COMPOUNDING = choice(
    "compounding", {"every month": "monthly", "every quarter": "quarterly", "every year": "yearly"}
)

# What one unit is worth in euros: fixed, so that the same conversion always has the same result.
_EUROS = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17, "JPY": 0.0061, "CHF": 1.04, "SEK": 0.088}
_TIMES_A_YEAR = {"monthly": 12, "quarterly": 4, "yearly": 1}


def _convert(arguments: Mapping[str, Any]) -> dict[str, Any]:
    rate = _EUROS[arguments["from_currency"]] / _EUROS[arguments["to_currency"]]
    return {"converted": round(arguments["amount"] * rate, 2)}


def _installment(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Work out the annuity of a loan that is paid back in equal parts every month."""
    monthly, count = arguments["rate"] / 1200, 12 * arguments["years"]
    share = monthly / (1 - (1 + monthly) ** -count) if monthly else 1 / count
    return {"installment": round(arguments["principal"] * share, 2)}


def _savings(arguments: Mapping[str, Any]) -> dict[str, Any]:
    times = _TIMES_A_YEAR[arguments["compounding"]]
    growth = (1 + arguments["rate"] / 100 / times) ** (times * arguments["years"])
    return {"final_amount": round(arguments["deposit"] * growth, 2)}


WORLD = World(
    "finance",
    [
        WorldTool(
            "get_account_balance",
            "Tell how much money is in one of the user's accounts.",
            needs={"account": ACCOUNT.means("which of the accounts")},
            takes={"date": DATE.means("as of the end of this day; right now if left out")},
            say=[
                "check how much money is in {account}",
                "look up the balance of {account}",
                "tell me what {account} holds",
                "How much is left in {account}?",
                "What is the balance of {account}?",
            ],
            add={"date": ["as of {date}", "at the end of {date}"]},
            vague=["check the balance of one of my accounts", "How much is left in that account?"],
            gives={
                "balance": Result(AMOUNT, ["the balance of {account}", "the money in {account}"])
            },
            like=["get_spending", "get_account_terms"],
        ),
        WorldTool(
            "transfer_money",
            "Send money from an account of the user to a person.",
            needs={
                "recipient": PERSON.means("full name of the person who gets the money"),
                "amount": AMOUNT.means("how much money is sent"),
                "currency": CURRENCY.means("in what currency the money is sent"),
            },
            takes={
                "account": ACCOUNT.means("the account that the money leaves", default="checking"),
                "note": PURPOSE.means("what the money is for, shown to the recipient"),
            },
            say=[
                "transfer {amount} in {currency} to {recipient}",
                "send {recipient} {amount} in {currency}",
                "wire {amount} in {currency} over to {recipient}",
                "I owe {recipient} {amount} in {currency}, please transfer it.",
            ],
            add={
                "account": ["out of {account}", "from {account}"],
                "note": ['with the note "{note}"'],
            },
            vague=["transfer {amount} in {currency}", "send some money to {recipient}"],
            like=["request_money", "pay_bill"],
        ),
        WorldTool(
            "request_money",
            "Ask a person to pay the user.",
            needs={
                "payer": PERSON.means("full name of the person who is asked to pay"),
                "amount": AMOUNT.means("how much money is asked for"),
                "currency": CURRENCY.means("in what currency the money is asked for"),
            },
            takes={"due_date": DATE.means("the day by which the person should pay")},
            say=[
                "ask {payer} to pay me {amount} in {currency}",
                "request {amount} in {currency} from {payer}",
                "send {payer} a payment request over {amount} in {currency}",
                "I'm owed {amount} in {currency} by {payer}, ask for it.",
            ],
            add={"due_date": ["by {due_date}", "no later than {due_date}"]},
            vague=[
                "request {amount} in {currency} from a friend",
                "send {payer} a payment request",
            ],
            like=["transfer_money"],
        ),
        WorldTool(
            "find_latest_bill",
            "Find the number of the most recent bill from a company.",
            needs={"company": COMPANY.means("the company that sent the bill")},
            takes={
                "status": choice(
                    "bill status", {"already paid": "paid", "not yet paid": "open"}
                ).means("only bills in this state; any if left out")
            },
            say=[
                "find the latest bill from {company}",
                "look up the number of the newest bill that {company} sent me",
                "search my bills for the most recent one from {company}",
                "Which bill did {company} send last?",
            ],
            add={"status": ["considering only bills {status}"]},
            vague=[
                "find the latest bill from one of my suppliers",
                "Which bill did they send last?",
            ],
            gives={
                "bill": Result(
                    BILL, ["the latest bill from {company}", "the most recent bill from {company}"]
                )
            },
            like=["get_bill_details", "pay_bill"],
        ),
        WorldTool(
            "get_bill_details",
            "Show what is due on a bill, and by what day.",
            needs={"bill": BILL.means("number of the bill to look at")},
            say=[
                "look up how much {bill} is and when it is due",
                "show me the details of {bill}",
                "check the amount and the due date of {bill}",
                "How much do I have to pay on {bill}, and by when?",
            ],
            vague=["show me the details of a bill", "check how much I have to pay on that bill"],
            gives={
                "amount": Result(AMOUNT, ["the amount due on {bill}", "the total of {bill}"]),
                "due_date": Result(
                    DATE, ["the due date of {bill}", "the day on which {bill} is due"]
                ),
            },
            like=["pay_bill", "find_latest_bill"],
        ),
        WorldTool(
            "pay_bill",
            "Pay all that is due on a bill.",
            needs={"bill": BILL.means("number of the bill to settle")},
            takes={
                "account": ACCOUNT.means("the account that pays", default="checking"),
                "pay_date": DATE.means(
                    "the day on which the money leaves the account; at once if left out"
                ),
            },
            say=[
                "pay {bill}",
                "settle {bill}",
                "see to it that {bill} gets paid",
                "As {bill} is still open, get it off my desk by paying it.",
            ],
            add={
                "account": ["from {account}", "out of {account}"],
                "pay_date": ["on {pay_date}", "with the money leaving on {pay_date}"],
            },
            vague=["pay one of my bills", "settle that bill for me"],
            like=["get_bill_details", "transfer_money"],
        ),
        WorldTool(
            "convert_currency",
            "Turn an amount of money in one currency into another currency.",
            needs={
                "amount": AMOUNT.means("how much money, in the first currency"),
                "from_currency": CURRENCY.means("the currency of the amount"),
                "to_currency": CURRENCY.means("the currency wanted"),
            },
            say=[
                "convert {amount} from {from_currency} to {to_currency}",
                "change {amount} from {from_currency} into {to_currency}",
                "work out how much {amount} in {from_currency} is in {to_currency}",
                "How much is {amount} in {to_currency} if it is in {from_currency} now?",
            ],
            vague=[
                "convert {amount} to {to_currency}",
                "How much is that amount of {from_currency} in {to_currency}?",
            ],
            gives={
                "converted": Result(
                    AMOUNT, ["{amount} converted from {from_currency} to {to_currency}"]
                )
            },
            run=_convert,
            like=["transfer_money", "get_account_terms"],
        ),
        WorldTool(
            "get_account_terms",
            "Tell in which currency an account of the user is kept, and on what day it was opened.",
            needs={"account": ACCOUNT.means("the account whose terms are wanted")},
            say=[
                "find out in which currency {account} is kept and when I opened it",
                "look up the currency and the opening date of {account}",
                "check the terms of {account}, I mean its currency and its opening date",
                "Which currency is {account} in, and since when do I have it?",
            ],
            vague=[
                "find out in which currency one of my accounts is kept",
                "When did I open that account?",
            ],
            gives={
                "currency": Result(
                    CURRENCY,
                    ["the currency of {account}", "the currency in which {account} is kept"],
                ),
                "opened_on": Result(
                    DATE, ["the day on which I opened {account}", "the opening date of {account}"]
                ),
            },
            like=["get_account_balance"],
        ),
        WorldTool(
            "calculate_loan_payment",
            "Work out what a loan costs every month until it is paid back.",
            needs={
                "principal": SUM.means("how much money is borrowed"),
                "rate": RATE.means("interest in percent a year"),
                "years": YEARS.means("in how many years the loan is paid back"),
            },
            say=[
                "calculate the monthly payment on a loan of {principal} at {rate} percent over {years} years",
                "work out what I pay each month if I borrow {principal} for {years} years at {rate} percent",
                "tell me the monthly instalment for borrowing {principal} at {rate} percent interest for {years} years",
                "What would a loan of {principal} at {rate} percent over {years} years cost me each month?",
            ],
            vague=[
                "calculate the monthly payment on a loan of {principal} at {rate} percent",
                "work out what I pay each month if I borrow {principal} for {years} years",
            ],
            gives={
                "installment": Result(
                    AMOUNT,
                    [
                        "the monthly payment at {rate} percent over {years} years on a loan of {principal}"
                    ],
                )
            },
            run=_installment,
            like=["project_savings"],
        ),
        WorldTool(
            "project_savings",
            "Work out what a sum of money grows to when it earns compound interest.",
            needs={
                "deposit": SUM.means("how much money is put aside at the start"),
                "rate": RATE.means("interest earned, in percent a year"),
                "years": YEARS.means("for how many years the money stays"),
            },
            takes={
                "compounding": COMPOUNDING.means(
                    "how often the interest is added", default="yearly"
                )
            },
            say=[
                "work out what {deposit} grows to in {years} years at {rate} percent",
                "project how much I'll have if I put aside {deposit} for {years} years at {rate} percent",
                "calculate what a deposit of {deposit} at {rate} percent is worth after {years} years",
                "If I save {deposit} for {years} years at {rate} percent, what will it be worth?",
            ],
            add={"compounding": ["with interest added {compounding}", "compounded {compounding}"]},
            vague=[
                "work out what {deposit} grows to at {rate} percent",
                "calculate what a deposit at {rate} percent is worth after {years} years",
            ],
            gives={
                "final_amount": Result(
                    AMOUNT, ["the final sum after {years} years at {rate} percent on {deposit}"]
                )
            },
            run=_savings,
            like=["calculate_loan_payment"],
        ),
        WorldTool(
            "set_budget",
            "Set a limit on what the user wants to spend in a category.",
            needs={
                "category": BUDGET.means("what the money is spent on"),
                "limit": AMOUNT.means("the most that should be spent in a period"),
                "period": PERIOD.means("for how long a time the limit counts"),
            },
            takes={
                "warn_at": PERCENT.means("percent of the limit at which the user is warned"),
                "shared": SHARED.means("whether the family has part in the budget", default=False),
            },
            say=[
                "set a {period} budget of {limit} for {category}",
                "limit my {period} spending on {category} to {limit}",
                "cap my {period} spending on {category} at {limit}",
                "My {period} spending on {category} should be no more than {limit}.",
            ],
            add={
                "shared": ["{shared}"],
                "warn_at": [
                    "with a warning at {warn_at} percent",
                    "and warn me at {warn_at} percent",
                ],
            },
            vague=["limit my spending on {category}", "set a {period} budget of {limit}"],
            like=["get_spending"],
        ),
        WorldTool(
            "get_spending",
            "Add up what the user has spent in some categories since a day in the past.",
            needs={
                "categories": many(BUDGET, 1, 3).means("what the money was spent on"),
                "since": DATE.means("the day from which spending counts"),
            },
            say=[
                "add up what I have spent on {categories} since {since}",
                "tell me how much money has gone into {categories} since {since}",
                "check my spending on {categories} from {since} until today",
                "How much have I spent on {categories} since {since}?",
            ],
            vague=[
                "add up what I have spent on {categories}",
                "check my spending on a few things since {since}",
            ],
            gives={"spent": Result(AMOUNT, ["my spending on {categories} since {since}"])},
            like=["set_budget", "get_account_balance"],
        ),
    ],
    idle=[
        "Why did people stop using gold as money?",
        "How can I become rich quickly?",
        "What does a central bank do all day?",
        "Explain inflation to a child.",
        "Should I marry for money?",
        "Who is on the ten pound note?",
        "File my tax return.",
        "Is it rude to ask about a salary?",
        "Which startup will be the next big thing?",
        "Find the coin I dropped under the sofa.",
    ],
)
