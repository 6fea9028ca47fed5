"""What the ledger does, a line an action; every number was reckoned by hand."""

import pytest

from tests.ledger.reading_tables import Case, Player, cases


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_table(case: Case):
    player = Player(case)
    for number, columns in case.rows:
        try:
            player.play(columns)
        except AssertionError as error:
            shown = f"{player.balance()} | {player.lots(dated=True)}"
            if player.decision is not None:
                shown += f" | {player.moved()}"
            error.add_note(f"line {number}: {' | '.join(columns)}\n     found: {shown}")
            raise
