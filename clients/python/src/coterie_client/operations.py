"""What can be asked of the service.

Written by `make pages` from the description of the API; not by hand.
"""

from __future__ import annotations
from collections.abc import Iterator
from typing import Any, Literal, cast
from coterie_client.models import *
from coterie_client.sending import Sending, _quoted, new_key


class Operations(Sending):
    """A method an operation."""

    def send_event(
        self,
        body: Order
        | Return
        | Adjustment
        | OpeningBalance
        | AttributeChange
        | StateChange
        | StatusChange
        | Activity
        | Spend
        | Convert
        | Exchange
        | Redeem
        | Choose
        | Hold
        | Capture
        | Release
        | Confirm
        | Transfer
        | OptIn
        | Assign
        | TagChange
        | Link
        | Unmerge
        | OpeningMetrics
        | PoolJoin
        | PoolLeave
        | PoolChange
        | Extend
        | Reinstate
        | Reversal,
    ) -> Answer:
        """Send one event: ``POST /v1/events``."""
        return cast("Answer", self._request("POST", "/v1/events", body=body))

    def send_events(self, body: EventBatch) -> BatchAnswers:
        """Send up to 1,000 events: ``POST /v1/events:batch``."""
        return cast("BatchAnswers", self._request("POST", "/v1/events:batch", body=body))

    def get_event(self, event: str) -> RecordedEvent:
        """Read a recorded event: ``GET /v1/events/{event}``."""
        return cast("RecordedEvent", self._request("GET", f"/v1/events/{_quoted(event)}"))

    def create_member(self, body: NewMember, *, idempotency_key: str | None = None) -> FoundMember:
        """Enrol a member: ``POST /v1/members``."""
        return cast(
            "FoundMember",
            self._request("POST", "/v1/members", body=body, key=idempotency_key or new_key()),
        )

    def find_member(self, body: MemberRef) -> FoundMember:
        """Find a member by card, phone, e-mail, ...: ``POST /v1/members:find``."""
        return cast("FoundMember", self._request("POST", "/v1/members:find", body=body))

    def get_member(self, member_id: int) -> MemberShape:
        """Read a member: ``GET /v1/members/{member_id}``."""
        return cast("MemberShape", self._request("GET", f"/v1/members/{_quoted(member_id)}"))

    def preview_merge(self, member_id: int, *, into: int) -> MergePlan:
        """Preview a merge of members: ``GET /v1/members/{member_id}/merge``."""
        return cast(
            "MergePlan",
            self._request("GET", f"/v1/members/{_quoted(member_id)}/merge", query={"into": into}),
        )

    def merge_member(
        self, member_id: int, body: Merge, *, idempotency_key: str | None = None
    ) -> Answer:
        """Merge a member into another: ``POST /v1/members/{member_id}/merge``."""
        return cast(
            "Answer",
            self._request(
                "POST",
                f"/v1/members/{_quoted(member_id)}/merge",
                body=body,
                key=idempotency_key or new_key(),
            ),
        )

    def unmerge_member(
        self, member_id: int, body: Separation, *, idempotency_key: str | None = None
    ) -> Answer:
        """Take a merge back: ``POST /v1/members/{member_id}/unmerge``."""
        return cast(
            "Answer",
            self._request(
                "POST",
                f"/v1/members/{_quoted(member_id)}/unmerge",
                body=body,
                key=idempotency_key or new_key(),
            ),
        )

    def erase_member(
        self, member_id: int, body: Erasure, *, idempotency_key: str | None = None
    ) -> Answer:
        """Erase a member's personal data: ``POST /v1/members/{member_id}/erase``."""
        return cast(
            "Answer",
            self._request(
                "POST",
                f"/v1/members/{_quoted(member_id)}/erase",
                body=body,
                key=idempotency_key or new_key(),
            ),
        )

    def list_prospects(
        self,
        *,
        origin: str | None = None,
        open: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ProspectPage:
        """List prospects: ``GET /v1/prospects``."""
        return cast(
            "ProspectPage",
            self._request(
                "GET",
                "/v1/prospects",
                query={"origin": origin, "open": open, "cursor": cursor, "limit": limit},
            ),
        )

    def every_prospects(
        self, *, origin: str | None = None, open: bool | None = None
    ) -> Iterator[ProspectShape]:
        """All pages of :meth:`list_prospects`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_prospects(origin=origin, open=open, cursor=cursor, limit=200)
            yield from page["prospects"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def search(self, body: SearchText) -> SearchResult:
        """Find anyone or anything from one text: ``POST /v1/search``."""
        return cast("SearchResult", self._request("POST", "/v1/search", body=body))

    def get_balances(self, member_id: int) -> Balances:
        """Read a member's balances: ``GET /v1/members/{member_id}/balances``."""
        return cast("Balances", self._request("GET", f"/v1/members/{_quoted(member_id)}/balances"))

    def list_lots(
        self,
        member_id: int,
        *,
        currency: str | None = None,
        finished: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> LotPage:
        """List a member's lots in burn order: ``GET /v1/members/{member_id}/lots``."""
        return cast(
            "LotPage",
            self._request(
                "GET",
                f"/v1/members/{_quoted(member_id)}/lots",
                query={
                    "currency": currency,
                    "finished": finished,
                    "cursor": cursor,
                    "limit": limit,
                },
            ),
        )

    def every_lots(
        self, member_id: int, *, currency: str | None = None, finished: bool | None = None
    ) -> Iterator[LotShape]:
        """All pages of :meth:`list_lots`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_lots(
                member_id, currency=currency, finished=finished, cursor=cursor, limit=200
            )
            yield from page["lots"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def list_holds(
        self,
        member_id: int,
        *,
        finished: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> HoldPage:
        """List a member's holds, newest first: ``GET /v1/members/{member_id}/holds``."""
        return cast(
            "HoldPage",
            self._request(
                "GET",
                f"/v1/members/{_quoted(member_id)}/holds",
                query={"finished": finished, "cursor": cursor, "limit": limit},
            ),
        )

    def every_holds(self, member_id: int, *, finished: bool | None = None) -> Iterator[HoldShape]:
        """All pages of :meth:`list_holds`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_holds(member_id, finished=finished, cursor=cursor, limit=200)
            yield from page["holds"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def read_statement(
        self,
        member_id: int,
        *,
        currency: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> StatementPage:
        """Read a member's statement, newest first: ``GET /v1/members/{member_id}/statement``."""
        return cast(
            "StatementPage",
            self._request(
                "GET",
                f"/v1/members/{_quoted(member_id)}/statement",
                query={"currency": currency, "cursor": cursor, "limit": limit},
            ),
        )

    def every_statement(
        self, member_id: int, *, currency: str | None = None
    ) -> Iterator[LineShape]:
        """All pages of :meth:`read_statement`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.read_statement(member_id, currency=currency, cursor=cursor, limit=200)
            yield from page["lines"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_tiers(self, member_id: int) -> Tiers:
        """Read a member's tiers and what is missing: ``GET /v1/members/{member_id}/tiers``."""
        return cast("Tiers", self._request("GET", f"/v1/members/{_quoted(member_id)}/tiers"))

    def list_tier_changes(
        self,
        member_id: int,
        *,
        ladder: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> TierChangePage:
        """List a member's tier changes, newest first: ``GET /v1/members/{member_id}/tiers/changes``."""
        return cast(
            "TierChangePage",
            self._request(
                "GET",
                f"/v1/members/{_quoted(member_id)}/tiers/changes",
                query={"ladder": ladder, "cursor": cursor, "limit": limit},
            ),
        )

    def every_tier_changes(
        self, member_id: int, *, ladder: str | None = None
    ) -> Iterator[TierChangeShape]:
        """All pages of :meth:`list_tier_changes`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_tier_changes(member_id, ladder=ladder, cursor=cursor, limit=200)
            yield from page["changes"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def try_event(self, body: EventTrial) -> ExplainedEvent:
        """Try an event: what would it bring, and why: ``POST /v1/events:dry-run``."""
        return cast("ExplainedEvent", self._request("POST", "/v1/events:dry-run", body=body))

    def explain_member(
        self,
        member_id: int,
        *,
        event: str | None = None,
        currency: str | None = None,
        missing: str | None = None,
        tier: str | None = None,
    ) -> Explanation:
        """Explain an event, a balance, a reward: ``GET /v1/members/{member_id}/explanation``."""
        return cast(
            "Explanation",
            self._request(
                "GET",
                f"/v1/members/{_quoted(member_id)}/explanation",
                query={"event": event, "currency": currency, "missing": missing, "tier": tier},
            ),
        )

    def list_products(
        self, *, category: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> ProductPage:
        """List products: ``GET /v1/catalogue/products``."""
        return cast(
            "ProductPage",
            self._request(
                "GET",
                "/v1/catalogue/products",
                query={"category": category, "cursor": cursor, "limit": limit},
            ),
        )

    def every_products(self, *, category: str | None = None) -> Iterator[Product]:
        """All pages of :meth:`list_products`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_products(category=category, cursor=cursor, limit=200)
            yield from page["products"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_product(self, product: str) -> Product:
        """Read a product: ``GET /v1/catalogue/products/{product}``."""
        return cast("Product", self._request("GET", f"/v1/catalogue/products/{_quoted(product)}"))

    def list_categories(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> CategoryPage:
        """List categories: ``GET /v1/catalogue/categories``."""
        return cast(
            "CategoryPage",
            self._request(
                "GET", "/v1/catalogue/categories", query={"cursor": cursor, "limit": limit}
            ),
        )

    def every_categories(self) -> Iterator[Category]:
        """All pages of :meth:`list_categories`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_categories(cursor=cursor, limit=200)
            yield from page["categories"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def list_brands(self, *, cursor: str | None = None, limit: int | None = None) -> BrandPage:
        """List brands: ``GET /v1/catalogue/brands``."""
        return cast(
            "BrandPage",
            self._request("GET", "/v1/catalogue/brands", query={"cursor": cursor, "limit": limit}),
        )

    def every_brands(self) -> Iterator[Brand]:
        """All pages of :meth:`list_brands`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_brands(cursor=cursor, limit=200)
            yield from page["brands"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def list_places(self, *, cursor: str | None = None, limit: int | None = None) -> PlacePage:
        """List places: ``GET /v1/catalogue/places``."""
        return cast(
            "PlacePage",
            self._request("GET", "/v1/catalogue/places", query={"cursor": cursor, "limit": limit}),
        )

    def every_places(self) -> Iterator[Place]:
        """All pages of :meth:`list_places`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_places(cursor=cursor, limit=200)
            yield from page["places"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def list_staff(self, *, cursor: str | None = None, limit: int | None = None) -> StaffPage:
        """List staff: ``GET /v1/catalogue/staff``."""
        return cast(
            "StaffPage",
            self._request("GET", "/v1/catalogue/staff", query={"cursor": cursor, "limit": limit}),
        )

    def every_staff(self) -> Iterator[Staff]:
        """All pages of :meth:`list_staff`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_staff(cursor=cursor, limit=200)
            yield from page["staff"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_programme(self) -> VersionShape:
        """Read the programme in force: ``GET /v1/programme``."""
        return cast("VersionShape", self._request("GET", "/v1/programme"))

    def list_programme_versions(
        self, *, below: int | None = None, limit: int | None = None
    ) -> VersionPage:
        """List the programme's versions, newest first: ``GET /v1/programme/versions``."""
        return cast(
            "VersionPage",
            self._request("GET", "/v1/programme/versions", query={"below": below, "limit": limit}),
        )

    def publish_programme(
        self, body: Publication, *, idempotency_key: str | None = None
    ) -> PublishedVersion:
        """Publish a new version: ``POST /v1/programme/versions``."""
        return cast(
            "PublishedVersion",
            self._request(
                "POST", "/v1/programme/versions", body=body, key=idempotency_key or new_key()
            ),
        )

    def get_programme_version(self, version: int) -> VersionShape:
        """Read a version: ``GET /v1/programme/versions/{version}``."""
        return cast(
            "VersionShape", self._request("GET", f"/v1/programme/versions/{_quoted(version)}")
        )

    def list_campaigns(self) -> CampaignDraws:
        """List campaigns and how they draw: ``GET /v1/programme/campaigns``."""
        return cast("CampaignDraws", self._request("GET", "/v1/programme/campaigns"))

    def check_programme(self, body: ProgrammeCheck) -> CheckedProgramme:
        """Check a programme's text: ``POST /v1/programme:check``."""
        return cast("CheckedProgramme", self._request("POST", "/v1/programme:check", body=body))

    def compare_programmes(self, body: ProgrammeComparison) -> ComparedProgrammes:
        """Compare two programmes: ``POST /v1/programme:diff``."""
        return cast("ComparedProgrammes", self._request("POST", "/v1/programme:diff", body=body))

    def get_programme_schema(self) -> dict[str, Any]:
        """The JSON Schema of programmes: ``GET /v1/programme/schema``."""
        return cast("dict[str, Any]", self._request("GET", "/v1/programme/schema"))

    def roll_back_programme(
        self, body: Rollback, *, idempotency_key: str | None = None
    ) -> PublishedVersion:
        """Go back to an earlier version's content: ``POST /v1/programme:rollback``."""
        return cast(
            "PublishedVersion",
            self._request(
                "POST", "/v1/programme:rollback", body=body, key=idempotency_key or new_key()
            ),
        )

    def list_set_aside(
        self, version: int, *, limit: int | None = None, cursor: str | None = None
    ) -> SetAsidePage:
        """List members a version could not be counted for: ``GET /v1/programme/versions/{version}/aside``."""
        return cast(
            "SetAsidePage",
            self._request(
                "GET",
                f"/v1/programme/versions/{_quoted(version)}/aside",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def every_set_aside(self, version: int) -> Iterator[SetAsideMember]:
        """All pages of :meth:`list_set_aside`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_set_aside(version, cursor=cursor, limit=200)
            yield from page["members"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def accept_set_aside(self, version: int) -> SetAsideAccepted:
        """Let a version begin without them: ``POST /v1/programme/versions/{version}/aside:accept``."""
        return cast(
            "SetAsideAccepted",
            self._request("POST", f"/v1/programme/versions/{_quoted(version)}/aside:accept"),
        )

    def create_webhook(
        self, body: WebhookWish, *, idempotency_key: str | None = None
    ) -> NewWebhook:
        """Subscribe to facts: ``POST /v1/webhooks``."""
        return cast(
            "NewWebhook",
            self._request("POST", "/v1/webhooks", body=body, key=idempotency_key or new_key()),
        )

    def list_webhooks(self, *, cursor: str | None = None, limit: int | None = None) -> WebhookPage:
        """List webhooks: ``GET /v1/webhooks``."""
        return cast(
            "WebhookPage",
            self._request("GET", "/v1/webhooks", query={"cursor": cursor, "limit": limit}),
        )

    def every_webhooks(self) -> Iterator[Webhook]:
        """All pages of :meth:`list_webhooks`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_webhooks(cursor=cursor, limit=200)
            yield from page["webhooks"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_webhook(self, webhook: int) -> Webhook:
        """Read a webhook: ``GET /v1/webhooks/{webhook}``."""
        return cast("Webhook", self._request("GET", f"/v1/webhooks/{_quoted(webhook)}"))

    def change_webhook(self, webhook: int, body: WebhookChange) -> Webhook:
        """Change, pause or resume a webhook: ``PATCH /v1/webhooks/{webhook}``."""
        return cast(
            "Webhook", self._request("PATCH", f"/v1/webhooks/{_quoted(webhook)}", body=body)
        )

    def delete_webhook(self, webhook: int) -> Webhook:
        """Remove a webhook, what waits for it and its log: ``DELETE /v1/webhooks/{webhook}``."""
        return cast("Webhook", self._request("DELETE", f"/v1/webhooks/{_quoted(webhook)}"))

    def rotate_webhook_secret(
        self, webhook: int, body: Rotation, *, idempotency_key: str | None = None
    ) -> NewSecret:
        """Sign by a new secret: ``POST /v1/webhooks/{webhook}/secrets``."""
        return cast(
            "NewSecret",
            self._request(
                "POST",
                f"/v1/webhooks/{_quoted(webhook)}/secrets",
                body=body,
                key=idempotency_key or new_key(),
            ),
        )

    def ping_webhook(self, webhook: int) -> Message:
        """Send a test message: ``POST /v1/webhooks/{webhook}/pings``."""
        return cast("Message", self._request("POST", f"/v1/webhooks/{_quoted(webhook)}/pings"))

    def list_webhook_deliveries(
        self,
        webhook: int,
        *,
        state: Literal["dead", "delivered", "waiting"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> DeliveryPage:
        """List deliveries: ``GET /v1/webhooks/{webhook}/deliveries``."""
        return cast(
            "DeliveryPage",
            self._request(
                "GET",
                f"/v1/webhooks/{_quoted(webhook)}/deliveries",
                query={"state": state, "cursor": cursor, "limit": limit},
            ),
        )

    def every_webhook_deliveries(
        self, webhook: int, *, state: Literal["dead", "delivered", "waiting"] | None = None
    ) -> Iterator[WebhookDelivery]:
        """All pages of :meth:`list_webhook_deliveries`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_webhook_deliveries(webhook, state=state, cursor=cursor, limit=200)
            yield from page["deliveries"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_webhook_delivery(self, webhook: int, message: str) -> DeliveryDetail:
        """Read a delivery with its tries: ``GET /v1/webhooks/{webhook}/deliveries/{message}``."""
        return cast(
            "DeliveryDetail",
            self._request("GET", f"/v1/webhooks/{_quoted(webhook)}/deliveries/{_quoted(message)}"),
        )

    def replay_webhook_delivery(self, webhook: int, message: str) -> Message:
        """Send one message again: ``POST /v1/webhooks/{webhook}/deliveries/{message}/replays``."""
        return cast(
            "Message",
            self._request(
                "POST", f"/v1/webhooks/{_quoted(webhook)}/deliveries/{_quoted(message)}/replays"
            ),
        )

    def replay_webhook_deliveries(self, webhook: int, body: ReplayWish) -> Replayed:
        """Send the messages of a time again: ``POST /v1/webhooks/{webhook}/replays``."""
        return cast(
            "Replayed", self._request("POST", f"/v1/webhooks/{_quoted(webhook)}/replays", body=body)
        )

    def plan_programme(
        self, body: PlanArguments, *, idempotency_key: str | None = None
    ) -> AskedJob:
        """Plan a draft, or a rival's programme: ``POST /v1/programme/plans``."""
        return cast(
            "AskedJob",
            self._request(
                "POST", "/v1/programme/plans", body=body, key=idempotency_key or new_key()
            ),
        )

    def start_job(self, body: NewJob, *, idempotency_key: str | None = None) -> AskedJob:
        """Start a long job: ``POST /v1/jobs``."""
        return cast(
            "AskedJob",
            self._request("POST", "/v1/jobs", body=body, key=idempotency_key or new_key()),
        )

    def list_jobs(
        self,
        *,
        state: JobState | None = None,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> JobPage:
        """List jobs, newest first: ``GET /v1/jobs``."""
        return cast(
            "JobPage",
            self._request(
                "GET",
                "/v1/jobs",
                query={"state": state, "kind": kind, "cursor": cursor, "limit": limit},
            ),
        )

    def every_jobs(
        self, *, state: JobState | None = None, kind: str | None = None
    ) -> Iterator[JobLine]:
        """All pages of :meth:`list_jobs`, one row after the other."""
        cursor: str | None = None
        while True:
            page = self.list_jobs(state=state, kind=kind, cursor=cursor, limit=200)
            yield from page["jobs"]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def get_job(self, job_id: int) -> JobShape:
        """How far a job is, and what came of it: ``GET /v1/jobs/{job_id}``."""
        return cast("JobShape", self._request("GET", f"/v1/jobs/{_quoted(job_id)}"))

    def cancel_job(self, job_id: int) -> JobLine:
        """Let a job end: ``DELETE /v1/jobs/{job_id}``."""
        return cast("JobLine", self._request("DELETE", f"/v1/jobs/{_quoted(job_id)}"))

    def get_health(self) -> Health:
        """Whether the process is alive: ``GET /healthz``."""
        return cast("Health", self._request("GET", "/healthz"))

    def get_readiness(self) -> Health:
        """Whether it can take requests: ``GET /readyz``."""
        return cast("Health", self._request("GET", "/readyz"))

    def get_openapi(self) -> dict[str, Any]:
        """Read the OpenAPI document of this API: ``GET /openapi.json``."""
        return cast("dict[str, Any]", self._request("GET", "/openapi.json"))
