"""What the service refuses, an exception a code.

Written by `make pages` from the description of the API; not by hand.
"""

from coterie_client.problems import Refused


class AccountUnknown(Refused):
    """No account has this number or login."""

    status = 404


class ActBlocked(Refused):
    """That cannot be done now."""

    status = 409


class ActFailed(Refused):
    """The programme or the record said no."""

    status = 422


class ActUnknown(Refused):
    """There is no such act."""

    status = 400


class AlreadyUndone(Refused):
    """The event was undone before."""

    status = 422


class AuditEntryUnknown(Refused):
    """The audit trail has no such entry."""

    status = 404


class BackfillOutdated(Refused):
    """Something happened to the member since the metric was counted; count again."""

    status = 409


class BadAccount(Refused):
    """Such an account cannot be."""

    status = 400


class BadBrand(Refused):
    """The brand's settings cannot be so."""

    status = 400


class BadCursor(Refused):
    """The cursor is not one that was handed out."""

    status = 400


class BadDraft(Refused):
    """A draft cannot be kept like this."""

    status = 400


class BadEntry(Refused):
    """This cannot stand in a member's file."""

    status = 400


class BadHeader(Refused):
    """A header cannot be understood."""

    status = 400


class BadHosts(Refused):
    """These host names cannot be used."""

    status = 400


class BadIdentity(Refused):
    """This cannot be what a member is found by."""

    status = 400


class BadImage(Refused):
    """This image cannot be used."""

    status = 400


class BadKeyRequest(Refused):
    """Such a key cannot be issued."""

    status = 400


class BadMasterData(Refused):
    """A row of master data cannot be read."""

    status = 400


class BadMemberReference(Refused):
    """A member is named by exactly one of id, card, phone, email, messenger and external."""

    status = 400


class BadNewcomer(Refused):
    """A member cannot be made of this."""

    status = 400


class BadParameter(Refused):
    """A query parameter cannot be understood."""

    status = 400


class BadPolicy(Refused):
    """Such a policy cannot be."""

    status = 400


class BadReason(Refused):
    """An act needs a reason."""

    status = 400


class BadRole(Refused):
    """Such a role cannot be."""

    status = 400


class BadStatusChange(Refused):
    """The status change does not say what it needs, or says what it cannot use."""

    status = 400


class BadWebhook(Refused):
    """Nothing can be sent like that."""

    status = 400


class BadWording(Refused):
    """Nobody can be asked this."""

    status = 400


class BatchTooLarge(Refused):
    """A batch holds at most 1,000 events."""

    status = 413


class BeingCounted(Refused):
    """New metrics are being counted for this member; merge a little later."""

    status = 503


class BelowMinimum(Refused):
    """This is less than the programme lets go at once."""

    status = 422


class BodyTooLarge(Refused):
    """The body is larger than this address takes."""

    status = 413


class BodyTooSlow(Refused):
    """The body did not arrive in time."""

    status = 408


class BrandUnknown(Refused):
    """There is no such brand."""

    status = 404


class Busy(Refused):
    """There is too much to do at the moment; send the same again a little later."""

    status = 503


class CasesInvalid(Refused):
    """The worked cases cannot be run as they are written."""

    status = 400


class CategoryUnknown(Refused):
    """There is no such category."""

    status = 404


class ClockNotSet(Refused):
    """This world's time is the machine's, which cannot be stepped."""

    status = 409


class CodeNotSent(Refused):
    """The code could not be sent; try again in a moment."""

    status = 503


class DataFolderRefused(Refused):
    """This data folder cannot be used."""

    status = 409


class DatabaseNameRefused(Refused):
    """A database name is 1 to 63 lower-case letters, digits and underscores, a letter first."""

    status = 400


class DatabaseNewer(Refused):
    """This database was made by a newer Coterie."""

    status = 409


class DebtRefused(Refused):
    """More is taken back than the member has, and the currency allows no debt."""

    status = 422


class DecidedAlready(Refused):
    """This request does not wait any more."""

    status = 409


class DeliveryNotFound(Refused):
    """There is no such delivery, or it is too old to be remembered."""

    status = 404


class DeviceUnknown(Refused):
    """This till is not registered."""

    status = 404


class DraftChanged(Refused):
    """Somebody else has saved this draft since you opened it; nothing of yours was saved."""

    status = 409


class DraftUnknown(Refused):
    """There is no such draft."""

    status = 404


class DraftsFull(Refused):
    """There are as many drafts as there may be; delete one first."""

    status = 409


class EventUnknown(Refused):
    """There is no such recorded event."""

    status = 404


class ExpiresTooSoon(Refused):
    """The date lies before the day of the event."""

    status = 422


class ExportTooLong(Refused):
    """The format has no room for so many rows; use CSV or Parquet."""

    status = 413


class ExportUnknown(Refused):
    """This cannot be exported."""

    status = 400


class FactorSet(Refused):
    """A second factor is set already."""

    status = 409


class FileNameRefused(Refused):
    """Files of jobs lie in the world's own folder and have plain names."""

    status = 400


class FileUnreadable(Refused):
    """The file cannot be read."""

    status = 400


class FolderNotEmpty(Refused):
    """There is something in the folder already."""

    status = 409


class ForeignForm(Refused):
    """This form did not come from a page of ours, or the page is too old; open it again."""

    status = 403


class FormTooLarge(Refused):
    """The form or its file is larger than allowed."""

    status = 413


class FormUnreadable(Refused):
    """The form cannot be read."""

    status = 400


class HoldExists(Refused):
    """The member has or had a hold of this name."""

    status = 422


class HoldFinished(Refused):
    """The hold was captured, released or has lapsed."""

    status = 422


class HoldUnknown(Refused):
    """The member has no hold of this name."""

    status = 422


class IdempotencyKeyMissing(Refused):
    """This call changes something and needs an Idempotency-Key header that the caller makes up."""

    status = 400


class IdentityMissing(Refused):
    """A row of a member needs one of card, phone, email, messenger and external."""

    status = 400


class IdentityTaken(Refused):
    """Another member is found by this identity."""

    status = 409


class IdentityUnknown(Refused):
    """The member has no such active identity."""

    status = 404


class ImportElsewhere(Refused):
    """This file is being imported by another process."""

    status = 409


class ImportInterrupted(Refused):
    """A process of the import was ended from outside; the same import goes on where it stood."""

    status = 503


class InTheFuture(Refused):
    """The event lies in the future."""

    status = 422


class InsufficientUnits(Refused):
    """The member has fewer units than this asks for."""

    status = 422


class InternalKind(Refused):
    """Only Coterie itself makes events of this kind."""

    status = 400


class InvitationRefused(Refused):
    """This code was used, has expired, or never was one."""

    status = 401


class JobArguments(Refused):
    """A job of this kind cannot be asked for like this."""

    status = 400


class JobBroke(Refused):
    """The job broke; the log of the worker says where."""

    status = 409


class JobKeptDying(Refused):
    """The process of the job died again and again."""

    status = 409


class JobKindUnknown(Refused):
    """No kind of job has this name."""

    status = 400


class JobOver(Refused):
    """The job has ended."""

    status = 409


class JobUnknown(Refused):
    """There is no such job."""

    status = 404


class JobsFull(Refused):
    """Too many jobs wait already."""

    status = 409


class KeyExpired(Refused):
    """This API key has expired."""

    status = 401


class KeyNotFound(Refused):
    """No API key has this id."""

    status = 404


class KeyReused(Refused):
    """The key was used before with other content."""

    status = 409


class KeyRevoked(Refused):
    """This API key was revoked."""

    status = 401


class KeyUnknown(Refused):
    """This API key is not known."""

    status = 401


class LadderUnknown(Refused):
    """The programme has no such ladder."""

    status = 400


class LastOwner(Refused):
    """The last owner stays one."""

    status = 409


class LimitReached(Refused):
    """The member has had as many as the programme gives in this time."""

    status = 422


class LoginTaken(Refused):
    """Somebody signs in by that already."""

    status = 409


class MajorVersionDiffers(Refused):
    """The data folder was made by another major version of PostgreSQL."""

    status = 409


class Malformed(Refused):
    """The input cannot be understood."""

    status = 400


class MappingMalformed(Refused):
    """The mapping cannot be understood."""

    status = 400


class MemberGone(Refused):
    """The member was merged into another or erased."""

    status = 422


class MemberUnknown(Refused):
    """No member is found by what was given."""

    status = 404


class MergeBlocked(Refused):
    """A member with units on hold, or in a pool, cannot be merged."""

    status = 422


class MessengerRefused(Refused):
    """The messenger did not say who you are; begin again."""

    status = 401


class MethodNotAllowed(Refused):
    """This address does not know that method."""

    status = 405


class MigrationBlocked(Refused):
    """The migration waited too long for a lock somebody else holds; nothing was changed."""

    status = 503


class MigrationChanged(Refused):
    """A migration that was applied to this database has another text now."""

    status = 409


class MigrationMisnamed(Refused):
    """Migrations are called 0001_name.sql, 0002_name.sql and so on, without a gap."""

    status = 409


class NameUndeclared(Refused):
    """No version of the programme declares this name."""

    status = 404


class NoProgramme(Refused):
    """No programme is published yet; publish one with `coterie programme publish`."""

    status = 503


class NoSuchPath(Refused):
    """There is nothing at this address."""

    status = 404


class NotAPool(Refused):
    """This member cannot pool for the other."""

    status = 422


class NotAllowedHere(Refused):
    """Your role does not allow that."""

    status = 403


class NotLapsed(Refused):
    """Fewer units have lapsed than should be reinstated."""

    status = 422


class NotOffered(Refused):
    """The programme does not offer this to the member now."""

    status = 422


class NotReady(Refused):
    """The service cannot work at the moment."""

    status = 503


class NotSpendable(Refused):
    """Units of this currency cannot be spent."""

    status = 422


class NotTransferable(Refused):
    """Units of this currency cannot be given to others."""

    status = 422


class NoteUnknown(Refused):
    """The member has no such open note."""

    status = 404


class NothingToChoose(Refused):
    """The member has nothing to choose there."""

    status = 422


class NothingToUndo(Refused):
    """There is no such event of this member that can be undone."""

    status = 422


class OpenHouseRefused(Refused):
    """Only a new demo opens its doors."""

    status = 409


class OwnRequest(Refused):
    """Nobody decides about what they asked for."""

    status = 403


class PageMethodNotAllowed(Refused):
    """This page cannot be called in that way."""

    status = 405


class PageUnknown(Refused):
    """There is no such page."""

    status = 404


class ParentUnknown(Refused):
    """What this is a part of is not known."""

    status = 404


class PermissionMissing(Refused):
    """You may not do that."""

    status = 403


class PlaceMisplaced(Refused):
    """A brand stands alone, a region in brand or region, a store in either, nothing in a store."""

    status = 409


class PoolForbids(Refused):
    """The pool does not let this member do that."""

    status = 422


class PoolFull(Refused):
    """The pool has as many members as the programme allows."""

    status = 422


class Pooled(Refused):
    """The member's pools do not allow this."""

    status = 422


class PreviewChanged(Refused):
    """What it would do is not what was shown; please look again."""

    status = 409


class ProductUnknown(Refused):
    """There is no such product."""

    status = 404


class ProgrammeInvalid(Refused):
    """The programme cannot be used as it is written."""

    status = 400


class QueryFileRefused(Refused):
    """A queries file does not follow its format."""

    status = 400


class RecordDiffers(Refused):
    """What is recorded cannot be decided again; `coterie verify --replay` says more."""

    status = 409


class ReferralLimit(Refused):
    """The member has been rewarded for as many friends as the programme allows."""

    status = 422


class RequestLapsed(Refused):
    """This request waited too long."""

    status = 409


class RequestUnknown(Refused):
    """There is no such request."""

    status = 404


class ReturnUnmatched(Refused):
    """What comes back was not bought, or came back before."""

    status = 422


class RoleInUse(Refused):
    """People have this role."""

    status = 409


class RoleUnknown(Refused):
    """There is no such role."""

    status = 404


class SaleUnknown(Refused):
    """The member has no sale of this name."""

    status = 422


class ScopeMissing(Refused):
    """This API key does not allow that."""

    status = 403


class SelfLink(Refused):
    """A member is not linked to themselves."""

    status = 422


class SelfTransfer(Refused):
    """A member cannot transfer units to themselves."""

    status = 422


class ServerTooOld(Refused):
    """This PostgreSQL is too old; Coterie needs version 15 or newer."""

    status = 409


class ShareExceeded(Refused):
    """This would pay more of the bill than the reward may."""

    status = 422


class SignInFirst(Refused):
    """Sign in to see this page."""

    status = 401


class SignInRefused(Refused):
    """Login, password or code is not right."""

    status = 401


class SignInUnknown(Refused):
    """There is no such sign-in."""

    status = 404


class SignedOut(Refused):
    """Please sign in."""

    status = 401


class SourceMismatch(Refused):
    """A key sends events of its own source only."""

    status = 403


class StateForbids(Refused):
    """The member's state does not allow this."""

    status = 422


class StatusUnchanged(Refused):
    """The member's status does not allow this change."""

    status = 422


class StorageError(Refused):
    """The storage cannot do this."""

    status = 409


class StorageUnavailable(Refused):
    """PostgreSQL cannot be reached."""

    status = 503


class StoreUnknown(Refused):
    """There is no such store."""

    status = 404


class TemplateUnknown(Refused):
    """There is no template of this name."""

    status = 404


class TierUnknown(Refused):
    """The ladder has no such tier."""

    status = 400


class TooLate(Refused):
    """The event is older than the programme accepts."""

    status = 422


class TooManyCodes(Refused):
    """Codes were asked for too often; wait a little and try again."""

    status = 503


class TooManyMembers(Refused):
    """One call takes at most 10,000 members."""

    status = 413


class TooManyRows(Refused):
    """One call takes at most 10,000 rows."""

    status = 413


class TooManyTries(Refused):
    """Too many tries; please wait."""

    status = 429


class TransactionNested(Refused):
    """A transaction was opened inside another one."""

    status = 409


class TreeCycle(Refused):
    """Nothing can be a part of itself."""

    status = 409


class TreeTooDeep(Refused):
    """A tree has at most 12 levels and 100,000 nodes."""

    status = 409


class UndeclaredName(Refused):
    """The programme declares no such name."""

    status = 400


class UnknownCheck(Refused):
    """There is no check of this name."""

    status = 400


class UnknownField(Refused):
    """The event has a field that its kind does not know."""

    status = 400


class UnknownHost(Refused):
    """This server does not answer under that name."""

    status = 403


class UnknownKind(Refused):
    """There is no such kind of event."""

    status = 400


class UnknownName(Refused):
    """A name is not known here."""

    status = 400


class UnknownParameter(Refused):
    """The address has a query parameter that is not known here."""

    status = 400


class UnsupportedMediaType(Refused):
    """The body must be JSON: send Content-Type: application/json, without a Content-Encoding."""

    status = 415


class VersionRefused(Refused):
    """The programme cannot follow the version that is published."""

    status = 409


class VersionUnknown(Refused):
    """There is no such version of the programme."""

    status = 404


class WeakPassword(Refused):
    """This password is too easy to guess."""

    status = 400


class WeakPin(Refused):
    """This PIN is too easy to guess."""

    status = 400


class WebhookNotFound(Refused):
    """No webhook has this id."""

    status = 404


class WebhookSecretsTooMany(Refused):
    """As many secrets as may be sign already; wait until an older one is over."""

    status = 409


class WebhooksTooMany(Refused):
    """There are as many webhooks as there may be."""

    status = 409


class WordingUnknown(Refused):
    """There is no such wording to agree to."""

    status = 404


class WorldInUse(Refused):
    """This world has a programme or members of its own; the demo would mix with them."""

    status = 409


class WrongValue(Refused):
    """The value is not one the programme declares."""

    status = 400


BY_CODE: dict[str, type[Refused]] = {
    "account_unknown": AccountUnknown,
    "act_blocked": ActBlocked,
    "act_failed": ActFailed,
    "act_unknown": ActUnknown,
    "already_undone": AlreadyUndone,
    "audit_entry_unknown": AuditEntryUnknown,
    "backfill_outdated": BackfillOutdated,
    "bad_account": BadAccount,
    "bad_brand": BadBrand,
    "bad_cursor": BadCursor,
    "bad_draft": BadDraft,
    "bad_entry": BadEntry,
    "bad_header": BadHeader,
    "bad_hosts": BadHosts,
    "bad_identity": BadIdentity,
    "bad_image": BadImage,
    "bad_key_request": BadKeyRequest,
    "bad_master_data": BadMasterData,
    "bad_member_reference": BadMemberReference,
    "bad_newcomer": BadNewcomer,
    "bad_parameter": BadParameter,
    "bad_policy": BadPolicy,
    "bad_reason": BadReason,
    "bad_role": BadRole,
    "bad_status_change": BadStatusChange,
    "bad_webhook": BadWebhook,
    "bad_wording": BadWording,
    "batch_too_large": BatchTooLarge,
    "being_counted": BeingCounted,
    "below_minimum": BelowMinimum,
    "body_too_large": BodyTooLarge,
    "body_too_slow": BodyTooSlow,
    "brand_unknown": BrandUnknown,
    "busy": Busy,
    "cases_invalid": CasesInvalid,
    "category_unknown": CategoryUnknown,
    "clock_not_set": ClockNotSet,
    "code_not_sent": CodeNotSent,
    "data_folder_refused": DataFolderRefused,
    "database_name_refused": DatabaseNameRefused,
    "database_newer": DatabaseNewer,
    "debt_refused": DebtRefused,
    "decided_already": DecidedAlready,
    "delivery_not_found": DeliveryNotFound,
    "device_unknown": DeviceUnknown,
    "draft_changed": DraftChanged,
    "draft_unknown": DraftUnknown,
    "drafts_full": DraftsFull,
    "event_unknown": EventUnknown,
    "expires_too_soon": ExpiresTooSoon,
    "export_too_long": ExportTooLong,
    "export_unknown": ExportUnknown,
    "factor_set": FactorSet,
    "file_name_refused": FileNameRefused,
    "file_unreadable": FileUnreadable,
    "folder_not_empty": FolderNotEmpty,
    "foreign_form": ForeignForm,
    "form_too_large": FormTooLarge,
    "form_unreadable": FormUnreadable,
    "hold_exists": HoldExists,
    "hold_finished": HoldFinished,
    "hold_unknown": HoldUnknown,
    "idempotency_key_missing": IdempotencyKeyMissing,
    "identity_missing": IdentityMissing,
    "identity_taken": IdentityTaken,
    "identity_unknown": IdentityUnknown,
    "import_elsewhere": ImportElsewhere,
    "import_interrupted": ImportInterrupted,
    "in_the_future": InTheFuture,
    "insufficient_units": InsufficientUnits,
    "internal_kind": InternalKind,
    "invitation_refused": InvitationRefused,
    "job_arguments": JobArguments,
    "job_broke": JobBroke,
    "job_kept_dying": JobKeptDying,
    "job_kind_unknown": JobKindUnknown,
    "job_over": JobOver,
    "job_unknown": JobUnknown,
    "jobs_full": JobsFull,
    "key_expired": KeyExpired,
    "key_not_found": KeyNotFound,
    "key_reused": KeyReused,
    "key_revoked": KeyRevoked,
    "key_unknown": KeyUnknown,
    "ladder_unknown": LadderUnknown,
    "last_owner": LastOwner,
    "limit_reached": LimitReached,
    "login_taken": LoginTaken,
    "major_version_differs": MajorVersionDiffers,
    "malformed": Malformed,
    "mapping_malformed": MappingMalformed,
    "member_gone": MemberGone,
    "member_unknown": MemberUnknown,
    "merge_blocked": MergeBlocked,
    "messenger_refused": MessengerRefused,
    "method_not_allowed": MethodNotAllowed,
    "migration_blocked": MigrationBlocked,
    "migration_changed": MigrationChanged,
    "migration_misnamed": MigrationMisnamed,
    "name_undeclared": NameUndeclared,
    "no_programme": NoProgramme,
    "no_such_path": NoSuchPath,
    "not_a_pool": NotAPool,
    "not_allowed_here": NotAllowedHere,
    "not_lapsed": NotLapsed,
    "not_offered": NotOffered,
    "not_ready": NotReady,
    "not_spendable": NotSpendable,
    "not_transferable": NotTransferable,
    "note_unknown": NoteUnknown,
    "nothing_to_choose": NothingToChoose,
    "nothing_to_undo": NothingToUndo,
    "open_house_refused": OpenHouseRefused,
    "own_request": OwnRequest,
    "page_method_not_allowed": PageMethodNotAllowed,
    "page_unknown": PageUnknown,
    "parent_unknown": ParentUnknown,
    "permission_missing": PermissionMissing,
    "place_misplaced": PlaceMisplaced,
    "pool_forbids": PoolForbids,
    "pool_full": PoolFull,
    "pooled": Pooled,
    "preview_changed": PreviewChanged,
    "product_unknown": ProductUnknown,
    "programme_invalid": ProgrammeInvalid,
    "query_file_refused": QueryFileRefused,
    "record_differs": RecordDiffers,
    "referral_limit": ReferralLimit,
    "request_lapsed": RequestLapsed,
    "request_unknown": RequestUnknown,
    "return_unmatched": ReturnUnmatched,
    "role_in_use": RoleInUse,
    "role_unknown": RoleUnknown,
    "sale_unknown": SaleUnknown,
    "scope_missing": ScopeMissing,
    "self_link": SelfLink,
    "self_transfer": SelfTransfer,
    "server_too_old": ServerTooOld,
    "share_exceeded": ShareExceeded,
    "sign_in_first": SignInFirst,
    "sign_in_refused": SignInRefused,
    "sign_in_unknown": SignInUnknown,
    "signed_out": SignedOut,
    "source_mismatch": SourceMismatch,
    "state_forbids": StateForbids,
    "status_unchanged": StatusUnchanged,
    "storage_error": StorageError,
    "storage_unavailable": StorageUnavailable,
    "store_unknown": StoreUnknown,
    "template_unknown": TemplateUnknown,
    "tier_unknown": TierUnknown,
    "too_late": TooLate,
    "too_many_codes": TooManyCodes,
    "too_many_members": TooManyMembers,
    "too_many_rows": TooManyRows,
    "too_many_tries": TooManyTries,
    "transaction_nested": TransactionNested,
    "tree_cycle": TreeCycle,
    "tree_too_deep": TreeTooDeep,
    "undeclared_name": UndeclaredName,
    "unknown_check": UnknownCheck,
    "unknown_field": UnknownField,
    "unknown_host": UnknownHost,
    "unknown_kind": UnknownKind,
    "unknown_name": UnknownName,
    "unknown_parameter": UnknownParameter,
    "unsupported_media_type": UnsupportedMediaType,
    "version_refused": VersionRefused,
    "version_unknown": VersionUnknown,
    "weak_password": WeakPassword,
    "weak_pin": WeakPin,
    "webhook_not_found": WebhookNotFound,
    "webhook_secrets_too_many": WebhookSecretsTooMany,
    "webhooks_too_many": WebhooksTooMany,
    "wording_unknown": WordingUnknown,
    "world_in_use": WorldInUse,
    "wrong_value": WrongValue,
}
