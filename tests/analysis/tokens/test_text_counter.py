"""Token counts are those of tiktoken, on any text, and no text keeps it busy."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe

from ftlint.analysis.tokens import vocabulary as packed
from ftlint.analysis.tokens.text_counter import Counter
from ftlint.analysis.tokens.vocabulary import VOCABULARIES, load, pack, published, tokens_of, unpack
from scripts import vocabulary
from tests.conftest import ROOT, SAMPLES

PUBLISHED = ROOT.parent / "shared" / "data" / "vocabulary"
NAMES = sorted(VOCABULARIES)

needs_files = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"the published vocabularies are not there: {PUBLISHED}"
)

SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "Latin with marks": "äöüßéèçñšžłøåæĂŐỵ",
    "Greek": "αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓάέ",
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВ",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "Devanagari": "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहािीुूेैोौ्ं",
    "Bengali": "অআইঈউঊএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহািীুূেৈোৌ্",
    "Tamil": "அஆஇஈஉஊஎஏஐஒஓஔகஙசஞடணதநபமயரலவழளறனாிீுூெேைொோௌ்",
    "Telugu": "అఆఇఈఉఊకఖగఘచఛజఝటఠడఢణతథదధనపఫబభమయరలవశషసహాిీుూ్",
    "Thai": "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศษสหอะาิีึืุูเแโใไ่้",
    "Lao": "ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮະາິີ",
    "Khmer": "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអាិីឹ្",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "Han": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生",
    "Hiragana": "あいうえおかきくけこさしすせそたちつてとなにぬねの",
    "Katakana": "アイウエオカキクケコサシスセソーガギグ",
    "Hangul": "가나다라마바사아자차카타파하한국어는을를",
    "Ethiopic": "ሀለሐመሠረሰሸቀበተቸኀነኘአከወዐዘ",
    "emoji": "😀😂🥲👍🏽👨‍👩‍👧‍👦🇩🇪❤️",
}
BETWEEN = [
    *(" ", " ", " ", "  ", "\n", "\n\n", "\t", " \n", "\r\n", "\u00a0", "\u3000", ", ", ". "),
    *("!? ", "/", "\n/", "'s ", "'LL ", "\u2019s ", " 12 ", " 1234567 ", "\u2028", "\u0085 "),
    *(
        " \u2003 ",
        "<|endoftext|>",
        "\x1c ",
        "\u200b ",
        "\n    ",
        "    return ",
        "\t\t",
        '{"a": 1} ',
    ),
]


@cache
def counter(name: str) -> Counter:
    return Counter(name)


@cache
def original(name: str) -> tiktoken.Encoding:
    """Return the encoding that tiktoken makes of the published file, where that is there."""
    if not PUBLISHED.is_dir():
        return load(name)
    ranks = load_tiktoken_bpe(str(PUBLISHED / f"{name}.tiktoken"), VOCABULARIES[name].sha256)
    special = {"<|endoftext|>": len(ranks)}
    pattern = VOCABULARIES[name].pattern
    return tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=special)


def strings(value: Any) -> Iterator[str]:
    """Yield all strings of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield key
            yield from strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from strings(held)


def generated() -> list[str]:
    """Return texts in each script, and in all of them at once."""
    chosen = random.Random(5)  # noqa: S311 - the same texts on every run
    texts = []
    for letters in (*SCRIPTS.values(), "".join(SCRIPTS.values())):
        for _ in range(500):
            words = ("".join(chosen.choices(letters, k=chosen.randrange(10))) for _ in range(20))
            texts.append("".join(word + chosen.choice(BETWEEN) for word in words))
    return texts


@pytest.mark.parametrize("name", NAMES)
def test_generated_texts_have_the_tokens_of_tiktoken(name: str) -> None:
    assert len(SCRIPTS) > 20
    count, known = counter(name), original(name)
    for _ in range(2):  # the second time, from memory
        for text in generated():
            assert count(text) == len(known.encode_ordinary(text)), text


@needs_files
@pytest.mark.parametrize("name", NAMES)
def test_every_string_of_the_samples_has_the_tokens_of_tiktoken(name: str) -> None:
    count, known = counter(name), original(name)
    seen = 0
    for sample in SAMPLES.glob("*.json*"):
        raw = sample.read_bytes()
        for line in [raw] if sample.suffix == ".json" else raw.splitlines():
            for text in strings(orjson.loads(line)):
                assert count(text) == len(known.encode_ordinary(text)), text
                seen += 1
    assert seen > 20_000


PIECES = st.sampled_from([*BETWEEN, *SCRIPTS["Latin"][:5], "é", "漢", "don't", "1", "=", "'"])


@pytest.mark.parametrize("name", NAMES)
@given(text=st.one_of(st.text(), st.lists(PIECES, max_size=200).map("".join)))
def test_any_text_has_the_tokens_of_tiktoken(name: str, text: str) -> None:
    assert counter(name)(text) == len(original(name).encode_ordinary(text))


@pytest.mark.parametrize("name", NAMES)
def test_memory_that_is_full_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("_WORDS", "_TEXTS", "_SEEN"):
        monkeypatch.setattr(f"ftlint.analysis.tokens.text_counter.{limit}", 3)
    count, known = Counter(name), original(name)
    for text in [*generated()[:50], *generated()[:50]]:
        assert count(text) == len(known.encode_ordinary(text))


HOSTILE = {
    "letters": "a",
    "spaces": " ",
    "line ends": "\n",
    "digits": "0",
    "signs": "=",
    "tabs": "\t",
    "special tokens": "<|endoftext|>",
    "short words": "a ",
    "spaces between": "   a",
    "Han": "漢",
    "emoji": "😀",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_texts_are_counted(name: str, unit: str) -> None:
    for length in (1_000_000, 1_200_000):  # of white space, tiktoken takes no more than a million
        text = unit * (length // len(unit))
        tokens = Counter(name)(text)
        assert 0 < tokens <= len(text.encode())
        if length == 1_000_000 and not unit.isspace():
            assert tokens == len(original(name).encode_ordinary(text))


@pytest.mark.parametrize("name", NAMES)
def test_more_white_space_than_tiktoken_takes_is_counted_piece_by_piece(name: str) -> None:
    spaces = " " * 1_100_000
    count = Counter(name)
    assert count(f"{spaces}x") == count(spaces[:-1]) + count(" x")


@pytest.mark.parametrize("name", NAMES)
def test_the_packed_vocabulary_is_the_published_one(name: str) -> None:
    tokens = tokens_of(name)
    assert hashlib.sha256(published(tokens)).hexdigest() == VOCABULARIES[name].sha256
    assert unpack(pack(tokens)) == tokens


@needs_files
def test_the_script_packs_the_published_files(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "__file__", str(tmp_path / "vocabulary.py"))
    assert vocabulary.main([str(PUBLISHED)]) == 0
    for name in NAMES:
        assert unpack((tmp_path / f"{name}.vocabulary").read_bytes()) == tokens_of(name)
    assert vocabulary.main([]) == 2


def test_the_script_refuses_other_files() -> None:
    known = VOCABULARIES["cl100k_base"].sha256
    with pytest.raises(ValueError, match=f"expected {known}; take the published file"):
        vocabulary.packed(b"IQ== 0\n", known)
    gap = b"IQ== 0\nIg== 2\n"
    with pytest.raises(ValueError, match="gaps"):
        vocabulary.packed(gap, hashlib.sha256(gap).hexdigest())


def test_an_encoding_that_does_not_ship_is_refused() -> None:
    with pytest.raises(KeyError, match="tekken"):
        tokens_of("tekken")
