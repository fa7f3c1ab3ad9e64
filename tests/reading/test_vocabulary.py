"""Symbols as they are typed: vocabularies, texts and lists, and why not."""

import numpy as np
import pytest

from rnncalc.errors import InputError
from rnncalc.network.symbols import Vocabulary
from rnncalc.reading.vocabulary import (
    embedding_of,
    ids_in,
    labels_of,
    positions_in,
    refuse_other_size,
    vocabulary_of,
)

HELO = Vocabulary(("h", "e", "l", "o"))
WORDS = Vocabulary(("<s>", "the", "cat", "sat"))


@pytest.mark.parametrize(
    ("typed", "symbols"),
    [
        ("helo", ("h", "e", "l", "o")),
        ("h e l o", ("h", "e", "l", "o")),
        ("<s> the cat", ("<s>", "the", "cat")),
        ("<s>\nthe\ncat\n", ("<s>", "the", "cat")),
        ("helo\n", ("h", "e", "l", "o")),
        (["<s>", "the", "cat"], ("<s>", "the", "cat")),
        (["a", " ", "\n"], ("a", " ", "\n")),
        ('["<s>", "new york"]', ("<s>", "new york")),
        ("[]()", ("[", "]", "(", ")")),
        ("01", ("0", "1")),
        ("äéß", ("ä", "é", "ß")),
    ],
)
def test_a_vocabulary_is_characters_words_or_a_list(
    typed: str | list[str], symbols: tuple[str, ...]
) -> None:
    assert vocabulary_of(typed).symbols == symbols


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("hello", "vocabulary: symbols 3 and 4 are both 'l'; list each symbol once: 'helo'"),
        ("the cat the", "vocabulary: symbols 1 and 3 are both 'the'; list each symbol once"),
        (["a", "a"], "vocabulary: symbols 1 and 2 are both 'a'; list each symbol once: 'a'"),
        (["a", 1], 'vocabulary: symbol 2 is 1; write symbols in quotes, as in "1"'),
        (["a", ""], "vocabulary: symbol 2 is empty; a symbol has at least one character"),
        ([], "vocabulary: is empty; at least one symbol is needed"),
        (" ", "vocabulary: is empty; at least one symbol is needed"),
        (4, 'vocabulary: 4, but vocabulary is a text, "helo", or a list of strings'),
    ],
)
def test_what_is_not_a_vocabulary_is_refused(typed: object, message: str) -> None:
    with pytest.raises(InputError) as refused:
        vocabulary_of(typed)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("typed", "positions"),
    [
        ("hell", [0, 1, 2, 2]),
        ("h e l l", [0, 1, 2, 2]),
        ("h, e,l\tl\n", [0, 1, 2, 2]),
        (["h", "e"], [0, 1]),
        ('["h", "e"]', [0, 1]),
        ("h", [0]),
    ],
)
def test_a_text_over_characters_is_read_character_by_character(
    typed: str | list[str], positions: list[int]
) -> None:
    assert positions_in(typed, HELO) == positions


def test_blanks_and_commas_that_are_symbols_do_not_separate() -> None:
    vocabulary = vocabulary_of([*"helo wrd,"])

    assert positions_in("hello world", vocabulary) == [0, 1, 2, 2, 3, 4, 5, 3, 6, 2, 7]
    assert positions_in("he, o", vocabulary) == [0, 1, 8, 4, 3]
    assert positions_in("a b\n", Vocabulary(("a", "b", "\n"))) == [0, 1, 2]


def test_a_text_over_words_is_words_between_blanks() -> None:
    assert positions_in("<s> the  cat\nsat", WORDS) == [0, 1, 2, 3]
    assert positions_in(["the", "cat"], WORDS) == [1, 2]
    assert positions_in("0110", Vocabulary(("0", "1"))) == [0, 1, 1, 0]
    assert positions_in(["new york"], Vocabulary(("new york", "a"))) == [0]


def test_brackets_and_quotes_can_be_symbols() -> None:
    assert positions_in('["a"]', Vocabulary(("[", "]", '"', "a"))) == [0, 2, 3, 2, 1]


def test_rows_of_numbers_stay_numbers() -> None:
    assert positions_in([[1, 0, 0, 0], [0, 1, 0, 0]], HELO) is None


@pytest.mark.parametrize(
    ("typed", "vocabulary", "message"),
    [
        ("hek", HELO, "x: step 3: 'k' is not in the vocabulary; known are h, e, l, o"),
        ("H", HELO, "x: step 1: 'H' is not in the vocabulary; did you mean 'h'?"),
        ("the Cat", WORDS, "x: step 2: 'Cat' is not in the vocabulary; did you mean 'cat'?"),
        ("the cats", WORDS, "x: step 2: 'cats' is not in the vocabulary; did you mean 'cat'?"),
        ("the, cat", WORDS, "x: step 1: 'the,' is not in the vocabulary; did you mean 'the'?"),
        (
            ["the", "xyz"],
            WORDS,
            "x: step 2: 'xyz' is not in the vocabulary; known are <s>, the, cat, sat",
        ),
        (
            "heo",
            Vocabulary(("<s>", "h", "e", "o")),
            "x: step 1: 'heo' is not in the vocabulary; separate symbols, as in 'h e o'",
        ),
        (
            ["he", "l"],
            HELO,
            "x: step 1: 'he' is not in the vocabulary; separate symbols, as in 'h e'",
        ),
        (" , ", HELO, "x: holds no symbols; at least one is needed"),
        (
            [0, 1, 2],
            HELO,
            "x: a flat list of numbers beside a vocabulary; write symbols, as in 'hel', "
            "or one row of numbers per step",
        ),
        (
            3.5,
            WORDS,
            "x: 3.5 beside a vocabulary; write symbols, as in '<s> the cat', "
            "or one row of numbers per step",
        ),
        (["h", 1], HELO, 'x: step 2 is 1; write symbols in quotes, as in "1"'),
        ([], HELO, "x: holds no symbols; at least one is needed"),
    ],
)
def test_what_is_not_symbols_is_refused_with_its_place(
    typed: object, vocabulary: Vocabulary, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        positions_in(typed, vocabulary)

    assert str(refused.value).split("\n")[0] == message


def test_an_unknown_symbol_of_a_text_is_pointed_at() -> None:
    with pytest.raises(InputError) as refused:
        positions_in("the dog sat", WORDS)

    assert refused.value.lines == ("the dog sat", "    ^")


def test_only_a_few_of_many_symbols_are_listed() -> None:
    many = Vocabulary(tuple(f"w{n}" for n in range(100)))

    with pytest.raises(InputError) as refused:
        positions_in(["zebra"], many)

    assert refused.value.message.endswith("; known are w0, w1, w2, w3 and 96 more")


def test_an_embedding_without_a_vocabulary_takes_ids() -> None:
    assert ids_in([12, 5.0, 77], 100) == [12, 5, 77]
    assert ids_in(3, 4) == [3]
    assert ids_in([[0.5], [0.25]], 100) is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ([0, 4], "x: step 2: 4 is not an id; embedding has 4 rows, so ids are 0 to 3"),
        ([4.0], "x: step 1: 4 is not an id; embedding has 4 rows, so ids are 0 to 3"),
        ([-1], "x: step 1: -1 is not an id; embedding has 4 rows, so ids are 0 to 3"),
        ([0.5], "x: step 1: 0.5 is not an id; embedding has 4 rows, so ids are 0 to 3"),
        ([True], "x: step 1: True is not an id; embedding has 4 rows, so ids are 0 to 3"),
        (["a"], "x: step 1: 'a' is a symbol, but the inputs have no vocabulary; they are 0 to 3"),
    ],
)
def test_what_is_not_an_id_is_refused(typed: object, message: str) -> None:
    with pytest.raises(InputError) as refused:
        ids_in(typed, 4)

    assert str(refused.value) == message


def test_a_target_is_the_number_of_an_output() -> None:
    with pytest.raises(InputError) as refused:
        ids_in([1, 4.0], 4, "target")

    assert str(refused.value) == (
        "target: step 2: 4 is not the number of an output; why has 4 rows, so these are 0 to 3; "
        'a target for each output is a row, as in "0.1 0.9; 1 0"'
    )


def test_an_embedding_has_a_row_per_symbol_and_a_column_per_input() -> None:
    assert np.array_equal(embedding_of([[1, 2]] * 4, HELO, 2), [[1, 2]] * 4)
    assert embedding_of([[1, 2]] * 7, None, 2).shape == (7, 2)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [[1, 2]] * 5,
            "embedding: 5 x 2, but the vocabulary has 4 symbols, so embedding needs 4 rows",
        ),
        (
            [[1, 2, 3]] * 4,
            "embedding: 4 x 3, but wxh has 2 columns, so every row of embedding needs 2",
        ),
        (
            [[1, 2, 3, 4]] * 2,
            "embedding: 2 x 4, but the vocabulary has 4 symbols, so embedding needs 4 rows; its transpose would fit",
        ),
    ],
)
def test_an_embedding_of_another_size_is_refused(rows: object, message: str) -> None:
    with pytest.raises(InputError) as refused:
        embedding_of(rows, HELO, 2)

    assert str(refused.value) == message


def test_one_hot_inputs_need_as_many_columns_as_symbols() -> None:
    refuse_other_size(HELO, 4)
    with pytest.raises(InputError) as refused:
        refuse_other_size(HELO, 3)

    assert str(refused.value) == (
        "vocabulary: 4 symbols, but wxh has 3 columns, so 3 are needed; "
        "or give an embedding, one row per symbol"
    )


def test_labels_name_the_outputs() -> None:
    assert labels_of("negative positive", 2).symbols == ("negative", "positive")
    assert labels_of("+-", 2).symbols == ("+", "-")
    assert labels_of("price", 1).symbols == ("price",)
    assert labels_of(["a", "b"], 2).symbols == ("a", "b")


@pytest.mark.parametrize(
    ("typed", "outputs", "message"),
    [
        ("a b c", 2, "labels: 3 labels, but why has 2 rows, so 2 are needed"),
        ("a b", 1, "labels: 2 labels, but why has 1 row, so 1 is needed"),
        ("a a", 2, "labels: labels 1 and 2 are both 'a'; list each label once: 'a'"),
    ],
)
def test_labels_of_another_number_are_refused(typed: str, outputs: int, message: str) -> None:
    with pytest.raises(InputError) as refused:
        labels_of(typed, outputs)

    assert str(refused.value) == message


def test_a_text_is_joined_by_blanks_where_symbols_are_words() -> None:
    assert HELO.text([0, 1, 2, 2, 3]) == "hello"
    assert WORDS.text([1, 2]) == "the cat"
