"""Rules on the tokens of an example and of a job, and on the cost of a job."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.analysis.tokens.cost import costs, epochs_of, money
from ftlint.analysis.tokens.example_tokens import ROLES, Measure, Part
from ftlint.core.edits import Edit, Fix
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Span
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.inputs.filetype import BOM
from ftlint.rules.context import InputFacts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("example-exceeds-context", severity="warning", on=Event.TOKENS, tags=["limits"],
      job=["model"], cases={"estimate": "info"}, options={"default_context": int})  # fmt: skip
def example_exceeds_context(
    example: Example, measure: Measure, limit: int, options: Options
) -> Iterator[Hit]:
    """An example has no more tokens than the model takes.

    OpenAI's guide: "Examples longer than the default will be truncated to the maximum context
    length which removes tokens from the end"; Azure does not say what happens. So the end of the
    answer is what is not learnt; where nothing of it is left, see nothing-left-after-truncation.
    The limit is that of the model, by ftlint's table of models; without `--model` it is that of
    the service's current models. Tokens are counted as OpenAI's cookbook does; an image of unknown
    size counts as the largest, so what is told of it is an estimate (`estimate`).
    """
    cuts = list(_cuts(measure, limit))
    if all(left for _, _, left in cuts):
        for parts, _, _ in cuts:
            yield _cut(measure, parts, limit, options)


@rule("nothing-left-after-truncation", severity="error", on=Event.TOKENS, tags=["limits"],
      job=["model"], cases={"estimate": "warning"}, fixable=True)  # fmt: skip
def nothing_left_after_truncation(
    example: Example, measure: Measure, limit: int, options: Options
) -> Iterator[Hit]:
    """Of an example that is too long, something to learn from is left.

    What is cut off is the end, and that is the answer (OpenAI's guide: truncation "removes tokens
    from the end"): such an example costs its tokens and teaches nothing. That a service refuses it
    is not documented. An example without anything to learn, such as a row of a reinforcement job,
    is none of these. With an image of unknown size it is an estimate (`estimate`).

    The fix removes the example; it is unsafe, for the example is lost.
    """
    start = len(example.raw) - len(example.raw.removeprefix(BOM))
    drop = Edit(Span(start, len(example.raw)), b"")
    fix = Fix("remove the example", safe=False, edits=(drop,))
    for parts, learnt, left in _cuts(measure, limit):
        if learnt and not left:
            hit = _cut(measure, parts, limit, options)
            yield hit._replace(message=f"{hit.message}, and nothing to learn from is left", fix=fix)
            return


def _cuts(measure: Measure, limit: int) -> Iterator[tuple[list[Part], int, bool]]:
    """Yield the parts, trainable tokens and whether some remain, of each overlong sequence."""
    for parts in measure.sequences():
        begin = measure.tools
        if begin + sum(part.tokens for part in parts) <= limit:
            continue
        learnt, left = 0, False
        for part in parts:
            learnt += part.trainable
            outside = part.tokens - part.trainable
            left = left or (part.trainable > 0 and begin + outside < limit)
            begin += part.tokens
        yield parts, learnt, left or not learnt


def _cut(measure: Measure, parts: list[Part], limit: int, options: Options) -> Hit:
    """Return the hit for a sequence that is truncated, with the amount lost."""
    total = measure.tools + sum(part.tokens for part in parts)
    begin = measure.tools
    place = len(parts) - 1
    for place, part in enumerate(parts):
        if begin + part.tokens > limit or place == len(parts) - 1:
            break
        begin += part.tokens
    part, left = parts[place], min(max(limit - begin, 0), parts[place].tokens)
    model = options.get("model")
    whose = show(model["name"]) if model else "the service's models"
    case = "estimate" if measure.estimated else ""
    words = f"{'up to ' if case else ''}{total:,} tokens, over the limit of {limit:,} of {whose}"
    words += f": cut off in this {_named(part)}, of whose {part.tokens:,} tokens {left:,} are left"
    after = len(parts) - 1 - place
    if after:
        words += f"; {after:,} after it {'is' if after == 1 else 'are'} lost"
    return Hit(part.pointer, words, help="shorten the example, or split it", case=case)


def _named(part: Part) -> str:
    if len(part.pointer) == 1:
        return part.role
    return f"{part.role} message" if part.role in ROLES else "message"


def _epochs(number: int) -> str:
    return f"{number:,} epoch{'' if number == 1 else 's'}"


@rule("too-many-training-tokens", severity="error", on=Event.INPUT, tags=["limits"],
      job=["epochs"], cases={"possible": "warning"}, options={"maximum": int})  # fmt: skip
def too_many_training_tokens(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """The tokens of the file, times the epochs, are within what a job may process.

    Azure's quotas: training job size, tokens in the training file times the number of epochs, at
    most 2 billion. The epochs are those of `--epochs`, else the default of the service. Unless all
    tokens are counted (`--tokens exact`), bytes stand in for them, of which a text never has fewer
    (`possible`); images, which may have more tokens than bytes, need `--tokens exact`.
    """
    if facts.role != "train" or facts.kind != "lines" or facts.method == "rft":
        return
    epochs = epochs_of(options, facts.method, facts.examples)
    maximum = options["maximum"]
    if facts.tokens is not None:
        total = facts.tokens * epochs
        if total > maximum:
            words = f"{facts.tokens:,} tokens times {_epochs(epochs)} are {total:,}"
            yield Hit(None, f"{words}, the service takes {maximum:,}", help="train fewer epochs")
    elif facts.size is not None and facts.size * epochs > maximum:
        words = f"{facts.size:,} bytes times {_epochs(epochs)} may be over {maximum:,} tokens"
        yield Hit(None, words, help="count them: --tokens exact", case="possible")


@rule("estimated-cost-over-budget", severity="warning", on=Event.INPUT, tags=["limits"],
      job=["epochs", "model", "profile", "max_cost", "prices", "tier"],
      cases={"unknown": "warning"})  # fmt: skip
def estimated_cost_over_budget(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """The job costs no more than `--max-cost`.

    Azure's page on the cost of fine-tuning: tokens of the training file times epochs times the
    price of a token, in the training tier of the job, else in the dearest that has a price. Prices
    are those of ftlint's table or of `--prices`; a price that is not known is told (`unknown`), and
    so is that reinforcement jobs are billed by the hour.
    """
    most, model = options.get("max_cost"), options.get("model")
    if most is None or facts.role != "train" or facts.tokens is None:
        return
    epochs = epochs_of(options, facts.method, facts.examples)
    tokens = facts.tokens * epochs
    found = list(costs(options["prices"], options["profile"], facts.method, model, tokens))
    tier = options.get("tier", {}).get("found")
    full = max(
        [cost for cost in found if cost.tier == tier] or found,
        key=lambda cost: cost.price or (0.0, 0.0),
    )
    budget = f"the {money((most, most), full.currency)} of --max-cost"
    if full.unit == "hour":
        message = (
            f"a job of method {facts.method} is billed by the hour, so {budget} cannot be checked"
        )
        yield Hit(None, message, help="watch the hours of the job", case="unknown")
    elif full.cost is None:
        message = f"the price of {show(full.model)} is not known, so {budget} cannot be checked"
        yield Hit(None, message, help="give a table of prices: --prices FILE", case="unknown")
    elif full.cost[1] > most:
        words = f"{tokens:,} tokens in {_epochs(epochs)} cost about"
        cost = money((full.cost[1], full.cost[1]), full.currency)
        yield Hit(None, f"{words} {cost} ({full.tier} training), over {budget}")


@rule("auto-epochs-high", severity="info", on=Event.INPUT, tags=["limits"],
      job=["epochs"], options={"minimum": int})  # fmt: skip
def auto_epochs_high(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """So few examples are not gone over very often without being asked for.

    OpenAI's cookbook and Azure's tutorial: the service goes over fewer than 34 examples more than
    three times, so that it sees about 100; over 10 of them ten times, which is billed, and may be
    learnt by heart. Silent with `--epochs`.
    """
    if "epochs" in options or facts.role != "train" or facts.method != "sft" or not facts.examples:
        return
    epochs = epochs_of(options, facts.method, facts.examples)
    if epochs >= options["minimum"]:
        message = f"{facts.examples} examples are gone over {epochs} times by default"
        yield Hit(None, message, help="give more examples, or choose the number of epochs")
