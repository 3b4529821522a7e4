"""How a rule is declared. A rule is one function under `@rule(...)` and one fixture folder.

`on` says what the function is called for, and so what it is given:

==================== ============================ ==============================================
on                   called with                  when
==================== ============================ ==============================================
file                 Probe, options               once for each input, before its lines
line.blank           Line, options                the line holds white space only
line.bom             Line, length, options              a byte-order mark stands where it must not
line.refused         Line, options                orjson refuses the line; the first rule that
                                                  yields has the word, in order of declaration
line.crlf            Line, options                the line ends in CR LF
line.separator       Line, options                the line parses and may hold a line separator
line.long            Line, options                the line parses and is longer than 64 KiB
line.brackets        Line, options                the line parses and may nest deeply
line.duplicate       Line, options                the line parses and repeats a key
line.value           Line, value, options         the line parses, but not to an object
line.format          Line, kind, expected, data,  the object is not of the format of the file,
                     options                      or the file is not chat
line.too-long        Line, length, options        the line is over the cap; it is not parsed
line.unended         Line, options                the line is the last one, and no LF ends it
schema               Fault, options               the schema of the format refuses a value
turns                turns, options               once for each conversation (`ftlint.walk`); places
                                                  in hits are indices of turns
row                  Example, options             once for each line that is an object, whether or
                                                  not its shape is sound
example              Example, options             once for each example
example.KEY          Example, at, holder, options the example has the key, and it is sound; `at` is
                                                  its pointer, `holder` the object that has it
conversation         Example, Conversation,       for each list of messages that is sound
                     options
messages.KEY         Example, Conversation,       the same, where one of the messages has the key
                     options
message.KEY          Example, at, message,        a message has the key, and it is sound
                     options
text                 Example, Text, options       for each text of a message
tokens               Example, Measure, limit,     the example has more tokens than the model takes
                     options                      (`limit`); see `ftlint.tokens.measure`
image                Example, Picture, options    for each image of a message (`ftlint.images`)
images               Example, Conversation,       for each list of messages that holds images; the
                     pictures, options            messages are sound only as far as those go
dataset              options                      a class: see `Accumulator`
dataset.images       options                      the same, for the examples that hold images
input                InputFacts, options          once for each input, after its lines
job                  job, options                 once for each file to train on, and without data
                                                  where a job is started; `job` is what is said of
                                                  it (`ftlint.config.Config.job`), with the
                                                  `method` and the `format` of the file
pair                 Pair, options                once for a training and a validation file
grader               Document, options            the file given with --grader
response-format      Document, options            the file given with --response-format
document.refused     Document, options            one of these files is not JSON
==================== ============================ ==============================================
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from ftlint.model import Example, FtlintError, Hit, Severity

Options = Mapping[str, Any]
RuleFunction = Callable[..., Any]
"""A generator of hits; for a rule on dataset, a class."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What is known of a rule.

    `formats` are the data formats that it is for, none for all. `cases` are variants with a
    severity of their own, addressed as `rule.case`. `options` are the names and types of the
    values that a profile gives it, `job` the names of what it is told of the job where the user
    says it, or of the file: see `ftlint.config.Config.job`. A rule that is `once` is reported at
    most once for an input, at its first place. What a rule that has a case `everywhere` finds at
    every example of an input, once at each and about the same (`Hit.about`), becomes a single
    finding: of that case, or of its own, if it is of a case already.
    `state` is the class of a rule that is on dataset besides something else. `memory` says whether
    what the rule keeps grows with the input. `doc` is its description, in Markdown; the first line
    is a summary.

    The rest says when the rule has nothing to say, so that most lines pass without a call of it
    (`ftlint.skeleton`); what is left out costs time, never a finding. `when` is a cheap test that
    must be passed first, by the text (on text, message.content), by the value of the key (on
    example.KEY, message.KEY), by the data of the example (on dataset), by the bytes of the line (on
    row), by the messages (on conversation). `starts` are the ways in which a text begins, case
    aside and two characters at least, of which the rule speaks; "" is none or white space (on text,
    message.content). `holds` is what a string then holds (on row). `alike` is what two texts of an
    example have in common (on conversation): "start", neighbours begin with the same letter, white
    space and case aside; "length", they have as many characters. On dataset it says of which
    examples one is enough: "skeleton", of those with the same skeleton. A rule on message.KEY or
    messages.KEY is `by_shape` when it looks at no text, and at ids only for which are the same;
    else `values` tests it, by the data of a chat example and the value of the key.
    """

    id: str
    severity: Severity
    on: tuple[str, ...]
    function: RuleFunction = field(repr=False)
    tags: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    cases: Mapping[str, Severity] = field(default_factory=dict)
    options: Mapping[str, type] = field(default_factory=dict)
    job: tuple[str, ...] = ()
    fixable: bool = False
    once: bool = False
    everywhere: str = ""
    when: Callable[[Any], object] | None = field(default=None, repr=False)
    starts: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    alike: str = ""
    by_shape: bool = False
    values: Callable[[dict[str, Any], Any], object] | None = field(default=None, repr=False)
    state: Callable[[Options], Accumulator] | None = field(default=None, repr=False)
    memory: str = "constant"
    since: str = "0.1"
    aliases: tuple[str, ...] = ()
    doc: str = ""

    @property
    def scope(self) -> str:
        """Whether the rule looks at a file, at an example, at all of a dataset, or at the job."""
        event = self.on[0].partition(".")[0]
        if event == "job":
            return event
        if event in ("input", "dataset", "pair"):
            return "dataset"
        return "file" if event in _FILE else "example"

    @property
    def summary(self) -> str:
        """The requirement, in one sentence."""
        return self.doc.partition("\n")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The rule and its cases, as a profile and `--select` address them."""
        return (self.id, *(f"{self.id}.{case}" for case in self.cases))

    def name_of(self, hit: Hit) -> str:
        """Name a hit as `rule` or `rule.case`."""
        return f"{self.id}.{hit.case}" if hit.case else self.id

    def default_severity(self, name: str) -> Severity:
        """Return the severity that the declaration gives to `rule` or `rule.case`."""
        return self.cases.get(name.partition(".")[2], self.severity)


_FILE = ("file", "line", "grader", "response-format", "document")

RULES: dict[str, Rule] = {}
"""Every rule declared so far, by id."""


def rule(
    id: str,  # noqa: A002 - the word that profiles, reports and users have for it
    *,
    severity: str,
    on: str | Sequence[str],
    tags: Sequence[str] = (),
    formats: Sequence[str] = (),
    cases: Mapping[str, str] | None = None,
    options: Mapping[str, type] | None = None,
    job: Sequence[str] = (),
    fixable: bool = False,
    once: bool = False,
    everywhere: str = "",
    when: Callable[[Any], object] | None = None,
    starts: Sequence[str] = (),
    holds: Sequence[str] = (),
    alike: str = "",
    by_shape: bool = False,
    values: Callable[[dict[str, Any], Any], object] | None = None,
    state: Callable[[Options], Accumulator] | None = None,
    memory: str = "constant",
    aliases: Sequence[str] = (),
) -> Callable[[RuleFunction], RuleFunction]:
    """Declare the decorated function as a rule; its docstring is the rule's documentation.

    Raises `FtlintError` when the id is taken.
    """

    def declare(function: RuleFunction) -> RuleFunction:
        if id in RULES:
            raise FtlintError(f"rule {id!r} is declared twice; give one of them another id")
        RULES[id] = Rule(
            id=id,
            severity=Severity(severity),
            on=(on,) if isinstance(on, str) else tuple(on),
            function=function,
            tags=tuple(tags),
            formats=tuple(formats),
            cases={case: Severity(level) for case, level in (cases or {}).items()},
            options=dict(options or {}),
            job=tuple(job),
            fixable=fixable,
            once=once,
            everywhere=everywhere,
            when=when,
            starts=tuple(starts),
            holds=tuple(holds),
            alike=alike,
            by_shape=by_shape,
            values=values,
            state=state,
            memory=memory,
            aliases=tuple(aliases),
            doc=inspect.getdoc(function) or "",
        )
        return function

    return declare


def on_any(rule: Rule, *events: str) -> bool:
    """Tell whether a rule is called for one of some events."""
    return any(event in rule.on for event in events)


class Mergeable(Protocol):
    """What is kept of a part of a dataset; it must be picklable."""

    def merge(self, other: Self) -> Self:
        """Return what both parts come to, whichever was first; change neither."""


class Accumulator(Mergeable, Protocol):
    """What a rule over a whole dataset keeps of the examples of a part of it.

    It is made with the options of the rule, once for each range.
    """

    def add(self, example: Example) -> None:
        """Take an example whose shape is sound."""

    def finish(self, facts: Any) -> Iterable[Hit]:
        """Say what is to be said of an input; `facts` are as on input."""


class Collector:
    """Calls rules, and keeps what they yield; a rule that raises does not end the run.

    `options` are the limits of the rules by id, `job` what is known of the job and the file.
    """

    def __init__(self, options: Mapping[str, Options], job: Mapping[str, Any]) -> None:
        self._limits, self._job = options, job
        self._options: dict[str, Options] = {}
        self.hits: list[tuple[Rule, Hit]] = []
        self.crashes: list[tuple[Rule, Exception]] = []

    def options(self, rule: Rule) -> Options:
        """Return what a rule is given: its limits, and what it asked to know of the job."""
        if rule.id not in self._options:
            told = {key: self._job[key] for key in rule.job if key in self._job}
            self._options[rule.id] = {**self._limits[rule.id], **told}
        return self._options[rule.id]

    def clear(self) -> None:
        """Forget what was kept."""
        if self.hits:
            self.hits = []
        if self.crashes:
            self.crashes = []

    def call(self, rule: Rule, *args: object) -> None:
        """Call a rule and keep its hits."""
        try:  # `take`, written out: this runs several times for each example
            for hit in rule.function(*args, self._options.get(rule.id) or self.options(rule)):
                self.hits.append((rule, hit))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
            self.crashes.append((rule, error))

    def take(self, rule: Rule, function: RuleFunction, *args: object) -> None:
        """Call a function on behalf of a rule and keep its hits."""
        try:
            for hit in function(*args):
                self.hits.append((rule, hit))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
            self.crashes.append((rule, error))

    def first(self, rules: Iterable[Rule], *args: object) -> None:
        """Call rules until one of them has something to say."""
        known = len(self.hits)
        for rule in rules:
            self.call(rule, *args)
            if len(self.hits) > known:
                return
