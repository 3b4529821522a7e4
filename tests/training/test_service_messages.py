"""What messages of services mean: each quote has its reading, and each rule named exists."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ftlint.core.rule import RULES
from ftlint.training.service_messages import reading, readings
from tests.rules.test_server_messages import MESSAGES


class Quote(NamedTuple):
    """A message as it was seen, by its number in the catalogue, and a rule that finds its cause."""

    number: int
    message: str
    rule: str | None


QUOTES = (
    Quote(1, "Validation of jsonl file failed: No valid json line found in file. Each line's json "
          'may only contain two properties: ("context" or "prompt") and "completion".',
          "legacy-empty-prompt"),
    Quote(2, "Expected file to have JSONL format, where every line is a JSON dictionary. Line 1 is "
          'not a dictionary (HINT: line starts with: "{"p...").', "unexpected-bom"),
    Quote(2, "Expected file to have JSONL format, where every line is a valid JSON dictionary",
          "json-array-file"),
    Quote(3, "Invalid file format. Example 1273 cannot be parsed. Error: line contains invalid "
          "json: Expecting ',' delimiter: line 1 column 79 (char 78) (line 1273)", "invalid-json"),
    Quote(4, "Training file has 7 example(s), but must have at least 10 examples",
          "too-few-examples"),
    Quote(5, "The job failed due to a file format error in the training file. Invalid file format. "
          'Example 1 contains an extra "weight".', "top-level-weight"),
    Quote(5, 'Invalid file format. Example 1 contains an extra "source_agent".',
          "extra-top-level-key"),
    Quote(6, "The job failed due to an invalid training file. Invalid file format. Example 100, "
          "message 2 Discriminator 'role' is missing in value", "missing-role"),
    Quote(7, "Invalid file format. Example X is missing key 'messages'", "missing-messages"),
    Quote(7, "Invalid file format. Example 1 is missing key 'input'.", "missing-preference-key"),
    Quote(8, "Unexpected file format, expected either prompt/completion pairs or chat messages.",
          "unrecognised-format"),
    Quote(9, "Invalid file format. Input file file-abc is in the fine-tune-chat format, but the "
          "specified fine-tuning job is not using 'supervised' as the training method (provided "
          "method=dpo).", "format-method-mismatch"),
    Quote(10, "The job failed due to a file format error in the training file. Invalid file "
          "format. Example 6174 message contains an invalid token: <|fim_suffix|>.",
          "special-token-in-content"),
    Quote(11, "This training file was blocked because too many examples were flagged by our "
          "moderation API for containing content that violates OpenAI's usage policies", None),
    Quote(11, "This file failed moderation safety checks", None),
    Quote(12, "System messages are not supported in 'reinforcement' examples",
          "system-message-in-rft"),
    Quote(12, "Finetuning with o4-mini-2025-04-16 requires the reinforcement method of "
          "finetuning.", "model-not-finetunable"),
    Quote(12, "unsafe_file: The job failed due to an unsafe training file. This training file was "
          "blocked because too many examples were flagged by our moderation for content that "
          "violates Azure OpenAI's usage policies with respect to model reasoning extraction",
          "reasoning-extraction-prompt"),
    Quote(13, "contains invalid schema (20)", "unanswered-tool-call"),
    Quote(13, "contains invalid schema", "azure-unsupported-schema-keyword"),
    Quote(13, "contains invalid schema", "null-content"),
    Quote(14, "The specified base model gpt-5.4-mini-2026-03-17 does not support fine-tuning with "
          "Standard TrainingType.", "model-not-finetunable"),
    Quote(14, "The specified base model does not support fine-tuning", "unknown-training-tier"),
    Quote(15, "The provided training data failed RAI checks for harm types: [hate_fairness, "
          "self_harm, violence]. Please fix the data and try again.", None),
    Quote(15, "This model is unable to be deployed. Model evaluation identified that this fine "
          "tuned model scores above acceptable thresholds for [Violence, Self Harm].", None),
    Quote(15, "User data has failed data safety check", None),
    Quote(16, "The file has no or an empty content type specified.", None),
    Quote(16, "jsonlValidationFailed: Validation of jsonl data failed.", "invalid-json"),
    Quote(17, "An assistant message with 'tool_calls' must be followed by tool messages responding "
          "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
          "call_xxx", "unanswered-tool-call"),
    Quote(17, "messages with role 'tool' must be a response to a preceeding message with "
          "'tool_calls'", "orphan-tool-message"),
    Quote(17, "'$.messages' is too long. Maximum length is 2048", "too-many-messages"),
    Quote(18, "File is empty", "empty-file"),
    Quote(18, "File is not UTF-8 encoded.", "invalid-utf8"),
    Quote(18, "Error parsing json payload. Unexpected format on line 1.", "unexpected-bom"),
    Quote(18, "Error parsing json payload. Unexpected format on line 10.", "invalid-json"),
    Quote(18, 'Found extra column "x" in the line 10.', "extra-top-level-key"),
    Quote(18, "All samples in the dataset must have the same dataset format.", "mixed-formats"),
    Quote(18, "Invalid role turns on line 10 of the input file. After the optional system message, "
          "conversation roles must alternate between user/assistant/user/assistant.",
          "consecutive-same-role"),
    Quote(18, "At least one message with the assistant role must be present",
          "no-assistant-message"),
    Quote(18, "The last message in the input conversation must not be from the assistant",
          "input-ends-with-assistant"),
    Quote(18, "The `preferred_output` field must be a list", "output-not-array"),
    Quote(18, "Weight must be an integer on line 10.", "weight-float"),
    Quote(18, "Weight must be either 0 or 1 on line 10.", "weight-not-0-or-1"),
    Quote(18, "the `url` field must be either a JPEG, PNG or WEBP base64-encoded image",
          "remote-url-not-allowed"),
    Quote(18, "Processing data.jsonl resulted in only 0 samples. Our minimum is 1 samples.",
          "too-few-examples"),
    Quote(19, "Value error, At least one training file or repository is required.", None),
    Quote(19, "Invalid file format", "unrecognised-format"),
    Quote(20, "All prompts are identical: ''", "legacy-empty-prompt"),
    Quote(20, "`completion` column/key is missing. Please make sure you name your columns/keys "
          "appropriately, then retry", "missing-messages"),
    Quote(20, "Your JSONL file appears to be in a JSON format.", "json-array-file"),
)  # fmt: skip


@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"{quote.number}-{quote.rule}")
def test_a_message_has_its_reading(quote: Quote) -> None:
    found = reading(quote.message)
    assert found is not None
    assert found.means
    assert found.source
    if quote.rule is None:
        assert found.rules == ()
    else:
        assert quote.rule in found.rules


def test_each_message_of_the_catalogue_is_there() -> None:
    assert {quote.number for quote in QUOTES} == set(range(1, 21))


def test_the_rules_that_find_a_cause_are_those_named() -> None:
    """Of the files in `test_server_messages`, whose causes are found, the rules are in readings."""
    for said in MESSAGES:
        named = {
            rule
            for quote in QUOTES
            if quote.number == said.number and (found := reading(quote.message))
            for rule in found.rules
        }
        assert said.rule in named, said.words


def test_every_rule_named_exists() -> None:
    for known in readings():
        assert set(known.rules) <= RULES.keys(), known.means


@pytest.mark.parametrize("message", ["", "The server had an error", "weight", "x" * 1_000_000])
def test_what_is_not_known_has_no_reading(message: str) -> None:
    assert reading(message) is None
