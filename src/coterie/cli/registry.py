"""Which commands there are: one line each, ``module:function`` and what ``--help`` says of it.

The help stands here a second time so that listing the commands imports none of them; a test
compares. A command whose module is not there is not listed.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "approvals": (
        "coterie.cli.approving:approvals",
        "What waits for a second person.",
    ),
    "audit": (
        "coterie.cli.auditing:audit",
        "What staff and keys did, in a chain that proves itself.",
    ),
    "balances": (
        "coterie.cli.ledger:balances",
        "Print what the member has of each currency, and what lapses next.",
    ),
    "books": ("coterie.cli.ledger:books", "Accounting days that are closed."),
    "brands": ("coterie.cli.catalogue:brands", "Product brands."),
    "categories": ("coterie.cli.catalogue:categories", "The tree of product categories."),
    "clock": ("coterie.cli.clock:clock", "The time of this world."),
    "consents": ("coterie.cli.consents:consents", "What members are asked to agree to."),
    "database": ("coterie.cli.database:database", "The database underneath."),
    "demo": ("coterie.cli.demo:demo", "Start Coterie with a filled demo world."),
    "events": ("coterie.cli.events:events", "What happens to members."),
    "explain": (
        "coterie.cli.explaining:explain_command",
        "Explain something about MEMBER: from event to rule and version to values to lots.",
    ),
    "export": (
        "coterie.cli.exporting:export",
        "Write WHAT into the file PATH (.csv, .xlsx or .parquet); `world` into the folder PATH.",
    ),
    "find": (
        "coterie.cli.finding:find_command",
        "Find members, orders and names of the programme by whatever TEXT may be.",
    ),
    "import": ("coterie.cli.importing:import_group", "Bring in files."),
    "jobs": ("coterie.cli.jobs:jobs", "Long work that goes on beside traffic."),
    "keys": ("coterie.cli.keys:keys", "API keys: who may call, and for what."),
    "lots": ("coterie.cli.ledger:lots", "Print the member's lots in the order they will be spent."),
    "members": ("coterie.cli.members:members", "Members and what they are found by."),
    "places": ("coterie.cli.catalogue:places", "The tree of brands, regions and stores."),
    "products": ("coterie.cli.catalogue:products", "Products."),
    "programme": ("coterie.cli.programme:programme", "What the brand promises."),
    "sellers": ("coterie.cli.catalogue:sellers", "Who sells, and where."),
    "serve": ("coterie.cli.serving:serve", "Answer calls over HTTP."),
    "settings": ("coterie.cli.setting:settings", "How the pages look, and where they answer."),
    "staff": ("coterie.cli.staff:staff", "Who signs in, and what they may."),
    "statement": (
        "coterie.cli.ledger:statement",
        "Print the member's movements with their reasons, newest first.",
    ),
    "tiers": ("coterie.cli.tiers:tiers", "Where members stand on ladders."),
    "verify": (
        "coterie.cli.verifying:verify_command",
        "Check that balances, lots, holds, sums and events follow from each other.",
    ),
    "webhooks": (
        "coterie.cli.webhooks:webhooks",
        "Who is told what happened, and what became of it.",
    ),
    "worker": ("coterie.cli.serving:worker", "Decide what falls due, as time passes."),
}
