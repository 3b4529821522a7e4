"""Typed option classes: a click option is a field of a frozen dataclass, declared once.

A command takes the options of a class with `@takes(SomeOptions)` and reads them once, with
`SomeOptions.of(given)`. Below the command function, an option is an attribute that mypy knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, ClassVar, NoReturn, Self, TypeVar, dataclass_transform

import click

JOB, SERVICE, CHECK, OUTPUT = SECTIONS = ("The job", "The service", "The check", "Output")
"""Sections of the help of a `SectionedCommand`, in their order."""

_MAX_SECONDS = 2_592_000
"""Thirty days: more than the longest job takes (Azure's quotas: 720 hours)."""

T = TypeVar("T")
Command = Callable[..., Any]


class Seconds(click.ParamType[float]):
    """A number of seconds from 0; not nan, which click's own ranges let through."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Raises `click.BadParameter` if it is none, or out of range."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= _MAX_SECONDS:
            self.fail(f"{value!r} is no time from 0 to {_MAX_SECONDS:,} seconds", param, ctx)
        return seconds


SECONDS = Seconds()


class SectionedOption(click.Option):
    """An option that carries its section of the help."""

    def __init__(self, *args: Any, section: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = section


class SectionedCommand(click.Command):
    """A command whose help lists the options by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each section that has any."""
        sections: dict[str, list[tuple[str, str]]] = {title: [] for title in SECTIONS}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                sections[getattr(param, "section", OUTPUT)].append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def option(text: str, *flags: str, section: str = OUTPUT, **attributes: Any) -> Any:
    """Declare a field as an option; `text` is its help, `attributes` are those of `click.option`.

    Without `flags`, the flag is the name of the field: `max_cost` is `--max-cost`.
    """
    attributes |= {"help": text, "section": section, "cls": SectionedOption}
    attributes.setdefault("show_default", "default" in attributes)
    return field(metadata={"flags": flags, "attributes": attributes})


def seconds(text: str, **attributes: Any) -> Any:
    """Declare a field as an option that takes seconds."""
    return option(text, type=SECONDS, metavar="SECONDS", **attributes)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option, seconds))
def option_class(cls: type[T]) -> type[T]:
    """Make a frozen dataclass with slots, for `Options.of` to fill.

    Its methods are those of `Options`: compiling them for each class costs 0.7 ms at start-up.
    """
    return dataclass(init=False, repr=False, eq=False, slots=True)(cls)


class Options:
    """The base of option classes; a field without `option` keeps its default."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Build from the parameters that click gives to a command."""
        options = cls()
        for each in fields(cls):
            value = given[each.name] if each.metadata else each.default
            object.__setattr__(options, each.name, value)
        return options


def takes(*classes: type[Options]) -> Callable[[Command], Command]:
    """Add the options of classes to a command, the own ones of a class before those of its base.

    An option that is declared several times is added once, where it stands last.
    """
    declared: dict[str, Field[Any]] = {}
    for cls in classes:
        for base in cls.__mro__[: cls.__mro__.index(Options)]:
            for name in base.__annotations__:
                each = declared.pop(name, cls.__dataclass_fields__[name])
                declared |= {name: each} if each.metadata else {}

    def decorate(command: Command) -> Command:
        for name, each in reversed(declared.items()):
            flags = each.metadata["flags"] or (f"--{name.replace('_', '-')}",)
            command = click.option(name, *flags, **each.metadata["attributes"])(command)
        return command

    return decorate
