"""``python -m bench.finding``: looking members up by what somebody types, among a million.

Needs no history: members, identities and tokens are copied in, with the tokens the product makes.
Beside every text a plain lookup by card is measured, which is what no search can beat.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import click
import psycopg

from coterie.members import look_up, resolve
from coterie.members.lookup.tokens import tokens_of
from coterie.storage import Connection, StorageSettings, known_migrations, migrate, open_storage

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂鹏飞玉红华建国文志海波宇浩然欣怡梓涵子轩雨泽思远嘉琪晓东"
    "梦婷佳慧俊凯雪梅春燕振宁宏亮少峰立新小龙大为永康天乐景行若曦一诺"
)
FIRST_ID = 100_001
SEED = 20_260_101
PREFIXES = ("138", "139", "136", "150", "158", "186", "188", "199")


def people(count: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield (id, name, phone, card): surnames as unevenly spread as they are."""
    draw = random.Random(SEED)
    weights = [1 / (rank + 1.5) for rank in range(len(SURNAMES))]
    surnames = draw.choices(SURNAMES, weights, k=count)
    for number, surname in enumerate(surnames):
        given = "".join(draw.choices(GIVEN, k=1 if draw.random() < 0.2 else 2))
        phone = f"+86{draw.choice(PREFIXES)}{draw.randrange(10**8):08d}"
        yield FIRST_ID + number, surname + given, phone, f"88{number:08d}"


def seed(db: Connection, count: int) -> None:
    """Fill an empty, migrated database."""
    db.execute("set statement_timeout = 0")
    with db.transaction():
        with db.cursor().copy("copy members.member (member_id, enrolled_us) from stdin") as copy:
            for member_id in range(FIRST_ID, FIRST_ID + count):
                copy.write_row((member_id, 1_767_225_600_000_000 + member_id))
        with db.cursor().copy("copy members.profile (member_id, name) from stdin") as copy:
            for member_id, name, _, _ in people(count):
                copy.write_row((member_id, name))
        statement = "copy members.identity (kind, value, member_id, valid_from_us) from stdin"
        taken: set[str] = set()
        with db.cursor().copy(statement) as copy:
            for member_id, _, phone, card in people(count):
                copy.write_row(("card", card, member_id, 0))
                if phone not in taken:
                    taken.add(phone)
                    copy.write_row(("phone", phone, member_id, 0))
        # Copied into a bare table and indexed at the end, as any large load is.
        db.execute("alter table members.token drop constraint token_pkey")
        db.execute("drop index members.token_typed")
        with db.cursor().copy("copy members.token (member_id, token) from stdin") as copy:
            for member_id, name, phone, card in people(count):
                for token in tokens_of(name, (("phone", phone), ("card", card))):
                    copy.write_row((member_id, token))
        db.execute("alter table members.token add primary key (member_id, token)")
        db.execute("create index token_typed on members.token (token, member_id)")
    db.execute("vacuum analyze")


TEXTS: dict[str, Callable[[random.Random, tuple[int, str, str, str]], str]] = {
    "a surname": lambda _, who: who[1][0],
    "one character of a given name": lambda _, who: who[1][-1],
    "two characters": lambda _, who: who[1][:2],
    "a whole name": lambda _, who: who[1],
    "pinyin of a surname": lambda _, who: _pinyin(who[1], "c")[:5],
    "whole pinyin": lambda _, who: _pinyin(who[1], "c"),
    "initials": lambda _, who: _pinyin(who[1], "e"),
    "one letter": lambda draw, _: draw.choice("abcdefghjklmnpqrstwxyz"),
    "the last four digits": lambda _, who: who[2][-4:],
    "the beginning of a phone number": lambda _, who: who[2][3:9],
    "a whole phone number": lambda _, who: who[2],
    "a surname and the last four": lambda _, who: f"{who[1][0]} {who[2][-4:]}",
    "two common words": lambda _, who: f"{who[1][0]} {who[2][3:6]}",
    "pinyin and a given name": lambda _, who: f"{_pinyin(who[1], 'c')[:4]} {who[1][-1]}",
    "nobody": lambda draw, _: f"{draw.choice(SURNAMES)}鑫鑫 {draw.randrange(10_000):04d}",
}


def _pinyin(name: str, letter: str) -> str:
    return min(token for token in tokens_of(name, ()) if token[0] == letter)[1:]


def measure(db: Connection, count: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return p50, p99 and the longest of every kind of text, in milliseconds."""
    draw = random.Random(SEED + 1)
    wanted = set(draw.sample(range(count), min(count, rounds)))
    sample = [who for number, who in enumerate(people(count)) if number in wanted]

    def card(number: int) -> None:
        resolve(db, [("card", sample[number % len(sample)][3])])

    found = {"a plain lookup by card": _timed(card, rounds)}
    for name, make in TEXTS.items():
        texts = [make(draw, sample[i % len(sample)]) for i in range(rounds)]
        found[name] = _timed(lambda i, texts=texts: look_up(db, texts[i]), rounds)  # type: ignore[misc]
    return found


def _timed(call: Callable[[int], object], rounds: int) -> dict[str, float]:
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        call(number)
        taken.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(taken, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(taken), 2)}


@click.command(help="Measure looking members up; on the wheel's PostgreSQL or an installed one.")
@click.option("--members", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--rounds", type=click.IntRange(100), default=500, show_default=True)
@click.option("--postgres-bin", type=click.Path(path_type=Path), help="An installed one's bin.")
@click.option("--home", type=click.Path(path_type=Path), required=True, help="Data folder; kept.")
def main(*, members: int, rounds: int, postgres_bin: Path | None, home: Path) -> None:
    """Seed once, measure, tell."""
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    with open_storage(StorageSettings(home=home, postgres_bin=postgres_bin)) as storage:
        name = f"finding_{members}"
        if storage.create_database(name):
            migrate(storage.url_for(name), known_migrations())
            with psycopg.connect(storage.url_for(name), autocommit=True) as db:
                began = time.monotonic()
                seed(db, members)
                click.echo(f"seeded in {time.monotonic() - began:.0f} s", err=True)
        with psycopg.connect(storage.url_for(name), autocommit=True) as db:
            sizes = db.execute(
                "select version(), pg_size_pretty(pg_total_relation_size('members.token')),"
                " (select count(*) from members.token)"
            ).fetchone()
            click.echo(str(sizes))
            measure(db, members, 100)
            click.echo(json.dumps(measure(db, members, rounds), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
