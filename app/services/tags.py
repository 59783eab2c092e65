"""Tags: free words that a person gives things of the library, and finds them by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import LimitReached, Refused
from app.models import Work
from app.services.chosen import Chosen, Row, chosen_rows
from app.services.library import lock_person
from app.services.titles import clean_title, forms
from app.shelf_models import TAG_LENGTH, AssetTag, WorkTag

#: Longest tag as it is written, in characters; most that are given at once, and that one thing may have.
WORD_CHARACTERS, MOST_AT_ONCE, MOST_OF_ONE = 40, 20, 50
#: Suggestions that are told.
MOST_TOLD = 200


def read_tags(text: str) -> list[str]:
    """The tags that a person typed, with commas between them and perhaps a # before each."""
    words = (clean_title(each.strip().lstrip("#"), WORD_CHARACTERS) for each in text.split(","))
    return [word for word in words if word]


def fold_tag(word: str) -> str:
    """The tag as it is compared: without case and accents, of which one spelling counts."""
    return forms(word)[0][:TAG_LENGTH]


def model_of(row_or_model: Any) -> Any:
    """The table of the tags of a row, or of a model's rows."""
    is_work = isinstance(row_or_model, Work) or row_or_model is Work
    return WorkTag if is_work else AssetTag


def id_column(tag: Any) -> Any:
    """The column that says whose tag it is."""
    return tag.work_id if tag is WorkTag else tag.asset_id


def has_tag(model: Any, word: str) -> ColumnElement[bool]:
    """That a row bears the tag."""
    tag = model_of(model)
    return exists().where(id_column(tag) == model.id, tag.folded == fold_tag(word))


def change_tags(session: Session, person_id: str, chosen: Chosen, add: Sequence[str], remove: Sequence[str]) -> int:
    """Give what was chosen some tags and take others; gives how many things it were.

    Raises NotFound, Refused for a tag without a letter, LimitReached for too many.
    """
    words = {fold_tag(word): word for word in (clean_title(each, WORD_CHARACTERS) for each in add)}
    if "" in words:
        raise Refused("app.tag_empty")
    if len(words) > MOST_AT_ONCE:
        raise LimitReached("app.most_tags", count=MOST_AT_ONCE)
    gone = {fold_tag(word) for word in remove}
    with writing(session):
        lock_person(session, person_id)
        rows = chosen_rows(session, person_id, chosen)
        known = {folded: word for folded, word, _ in own_tags(session, person_id)}
        worn = worn_by(session, rows)
        for row in rows:
            change_one(session, row, {folded: known.get(folded, word) for folded, word in words.items()}, gone, worn[row.id])
    return len(rows)


def change_one(session: Session, row: Row, words: Mapping[str, str], gone: Collection[str], worn: Mapping[str, str]) -> None:
    """Give one thing its tags. Inside a transaction that writes."""
    tag = model_of(row)
    if len((set(worn) - set(gone)) | set(words)) > MOST_OF_ONE:
        raise LimitReached("app.most_tags_of_one", count=MOST_OF_ONE)
    if taken := set(gone) & set(worn):
        session.execute(delete(tag).where(id_column(tag) == row.id, tag.folded.in_(taken)))
    for folded in words.keys() - (worn.keys() - taken):
        key = "work_id" if tag is WorkTag else "asset_id"
        session.add(tag(**{key: row.id}, folded=folded, word=words[folded], person_id=row.person_id))


def worn_by(session: Session, rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """The tags of the rows: row id -> folded -> as it was written; by a question to the database for each kind of row."""
    listed = list(rows)
    worn: dict[str, dict[str, str]] = {row.id: {} for row in listed}
    for tag in (AssetTag, WorkTag):
        ids = [row.id for row in listed if model_of(row) is tag]
        for begin in range(0, len(ids), 500):
            column = id_column(tag)
            query = select(column, tag.folded, tag.word).where(column.in_(ids[begin : begin + 500])).order_by(tag.folded)
            for row_id, folded, word in session.execute(query):
                worn[row_id][folded] = word
    return worn


def own_tags(session: Session, person_id: str) -> list[tuple[str, str, int]]:
    """The person's tags: folded, as it was written, and how many things bear it; those of most things first."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    for tag in (AssetTag, WorkTag):
        query = select(tag.folded, func.min(tag.word), func.count()).where(tag.person_id == person_id).group_by(tag.folded)
        for folded, word, count in session.execute(query):
            counts[folded] += count
            words.setdefault(folded, word)
    return [(folded, words[folded], count) for folded, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def suggested_tags(session: Session, person_id: str, begin: str = "") -> list[tuple[str, str, int]]:
    """Those of the person's tags that begin so."""
    folded = fold_tag(begin.strip())
    return [each for each in own_tags(session, person_id) if each[0].startswith(folded)][:MOST_TOLD]
