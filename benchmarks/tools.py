"""Tools for the benchmark's chats: their definitions, calls of them, and what they answer."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from benchmarks.texts import Texts
from benchmarks.words import WORDS

Json = dict[str, Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Exchange(NamedTuple):
    """A call (name and arguments of a function) and the answer of its tool message."""

    name: str
    arguments: Json
    answer: Json


def _tool(name: str, description: str, required: int, **properties: Json) -> Json:
    """Return the definition of a function; its first `required` properties are required."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties)[:required],
        "additionalProperties": False,
    }
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def _string(description: str, *choices: str) -> Json:
    plain: Json = {"type": "string", "description": description}
    return {**plain, "enum": list(choices)} if choices else plain


def _integer(description: str) -> Json:
    return {"type": "integer", "description": description}


STORE = [
    _tool(
        "find_order",
        "Find an order by its number. Returns its status, its parcels and the expected date.",
        1,
        order_number=_string('The number of the order, as on the invoice, for example "A-4711"'),
        include_parcels=_string("Whether parcels are listed, too", "yes", "no"),
    ),
    _tool(
        "search_products",
        "Search the catalogue by words; the best matches come first, at most `limit` of them.",
        1,
        query=_string("What to look for"),
        limit=_integer("The largest number of products to return"),
        currency=_string("The currency of the prices (ISO 4217)", "EUR", "GBP", "JPY", "USD"),
    ),
    _tool(
        "check_stock",
        "Say how many pieces of a product a store has on its shelves.",
        2,
        product_id=_integer("The id of the product"),
        store=_string("The city of the store"),
    ),
    _tool(
        "open_return",
        "Open a return for parts of an order; the customer is sent a label by e-mail.",
        2,
        order_number=_string("The number of the order"),
        reason=_string("Why it is returned", "damaged", "wrong item", "late", "other"),
        items={
            "type": "array",
            "description": "Ids of the products that come back",
            "items": {"type": "integer"},
        },
    ),
]
STOCKS = [
    _tool(
        "get_current_stock_price",
        "Get the current stock price",
        1,
        symbol=_string("The stock symbol"),
    ),
    _tool(
        "get_stock_history",
        "Get the prices of the last days",
        2,
        symbol=_string("The stock symbol"),
        period=_string("Valid periods: 1d,5d,1mo,3mo,6mo,1y,2y,5y,10y,ytd,max"),
    ),
]
TRAVEL = [
    _tool(
        "get_weather",
        "Get the weather forecast of a city.",
        1,
        city=_string("Name of the city, without the country"),
        unit=_string("Unit of temperatures", "celsius", "fahrenheit"),
        days=_integer("How many days ahead, 1 to 10"),
    ),
    _tool(
        "find_trains",
        "Find direct trains between two cities.",
        2,
        origin=_string("City of departure"),
        destination=_string("City of arrival"),
        after=_string("Earliest departure, HH:MM"),
    ),
]


def store(texts: Texts) -> Exchange:
    """Return a call of one of the `STORE` tools."""
    number, brand = texts.below(99_999), texts.random.choice(WORDS["brand"])
    product, city = texts.random.choice(WORDS["product"]), texts.random.choice(WORDS["place"])
    kind = texts.below(3)
    if kind == 0:
        parcels = [
            {"parcel": f"{number:05}-{n}", "carrier": brand, "weight_kg": texts.below(900) / 100}
            for n in range(1 + texts.below(3))
        ]
        answer: Json = {"status": "in transit", "parcels": parcels, "delayed": number % 2 == 0}
        return Exchange("find_order", {"order_number": f"A-{number:05}"}, answer)
    if kind == 1:
        found = [
            {
                "product_id": texts.below(9_999),
                "title": f'{brand} {product} {4 + n}"',
                "price": texts.below(30_000) / 100,
                "in_stock": bool(texts.below(3)),
                "note": None,
            }
            for n in range(2 + texts.below(5))
        ]
        arguments = {"query": f"{brand} {product}", "limit": len(found), "currency": "EUR"}
        return Exchange("search_products", arguments, {"products": found, "total": number})
    arguments = {"product_id": number, "store": city}
    return Exchange("check_stock", arguments, {"pieces": number % 40, "store": city})


def stocks(texts: Texts) -> Exchange:
    """Return a call of one of the `STOCKS` tools."""
    symbol = texts.random.choice(WORDS["brand"])[:4].upper()
    if texts.below(2):
        answer: Json = {"symbol": symbol, "price": texts.below(90_000) / 100, "currency": "USD"}
        return Exchange("get_current_stock_price", {"symbol": symbol}, answer)
    days = [{"day": day, "close": texts.below(90_000) / 100} for day in range(1, 6)]
    return Exchange("get_stock_history", {"symbol": symbol, "period": "5d"}, {"prices": days})


def travel(texts: Texts) -> Exchange:
    """Return a call of one of the `TRAVEL` tools."""
    here, there = texts.random.choices(WORDS["place"], k=2)
    if texts.below(2):
        arguments = {"city": here, "unit": "celsius", "days": 1 + texts.below(9)}
        answer: Json = {"city": here, "high": texts.below(35), "low": -texts.below(9), "rain": 0.25}
        return Exchange("get_weather", arguments, answer)
    trains = [
        {"train": f"IC {texts.below(900)}", "departure": f"{6 + n:02}:{texts.below(60):02}"}
        for n in range(1 + texts.below(4))
    ]
    arguments = {"origin": here, "destination": there, "after": "06:00"}
    return Exchange("find_trains", arguments, {"trains": trains})


DOMAINS = ((STORE, store), (STORE, store), (STOCKS, stocks), (TRAVEL, travel))
"""Tools, and what makes calls of them; the store is twice as frequent."""


def call(texts: Texts, exchange: Exchange) -> Json:
    """Return a tool call with an id of its own."""
    mark = "".join(texts.random.choices(_LETTERS, k=24))
    arguments = json.dumps(exchange.arguments, ensure_ascii=False)
    function = {"name": exchange.name, "arguments": arguments}
    return {"id": f"call_{mark}", "type": "function", "function": function}


def answer(exchange: Exchange, called: Json) -> Json:
    """Return the tool message that answers a call."""
    content = json.dumps(exchange.answer, ensure_ascii=False)
    return {"role": "tool", "tool_call_id": called["id"], "content": content}
