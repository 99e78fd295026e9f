"""
The services of telegut, made from the ground up, once for each process.

`Foundation` is what every process stands on; `Services` are the domains on it. The web process gives them handlers, the
worker gives them jobs (both in `telegut.app`), the demonstration clinic lives through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telegut.accounts.entrance import Entrance
from telegut.accounts.patients import Patients
from telegut.accounts.service import Accounts, build_accounts, build_entrance
from telegut.careplan import gates
from telegut.careplan.notes.service import LiveNotes, build_live_notes
from telegut.careplan.service import CarePlans, build_care_plans
from telegut.clock import Clock, utc_now
from telegut.db.engine import Database
from telegut.db.sealed import RootKey, Vault
from telegut.evidence.service import EvidenceBase
from telegut.messaging.ledger import making as ledger_making
from telegut.messaging.ledger.making import LedgerServices
from telegut.messaging.retention.service import Retention
from telegut.messaging.saved_replies.service import SavedReplies
from telegut.messaging.scheduled.service import Later
from telegut.messaging.search.service import Search
from telegut.messaging.service import Messaging, build_messaging
from telegut.messaging.staffed import next_staffed
from telegut.messaging.threads.openness import open_ones
from telegut.messaging.uploads.making import UploadServices, build_uploads
from telegut.notices.choices.service import Choices
from telegut.notices.push.service import Push
from telegut.notices.reaching import Reaching
from telegut.notices.rules import Kind
from telegut.notices.service import Notices, build_notices
from telegut.notices.subjects import Subject
from telegut.notices.undelivered.service import Undelivered
from telegut.outcomes.service import Outcomes, build_outcomes
from telegut.realtime.bus import Bus
from telegut.realtime.service import Feed
from telegut.reports.change.service import Changes
from telegut.reports.cohorts.service import Cohorts
from telegut.reports.exchange.consent.service import Consents
from telegut.reports.exchange.service import Exchange
from telegut.reports.mapping.service import LaboratoryTables
from telegut.reports.orders.service import Orders
from telegut.reports.patient.levels_kept import ReadingLevels
from telegut.reports.protocols.quality import Quality
from telegut.reports.protocols.service import Protocols
from telegut.reports.service import Reports, build_reports
from telegut.reports.typed.service import Typing
from telegut.reports.versions.service import Versions
from telegut.rooms.making import RoomServices, build_rooms
from telegut.rooms.recordings.making import RecordingServices, build_recordings
from telegut.scheduling.busy.service import BusyElsewhere, build_busy
from telegut.scheduling.choice.service import Choice, build_choice
from telegut.scheduling.clinic.service import Clinic
from telegut.scheduling.feeds.service import Feeds, build_feeds
from telegut.scheduling.groups.service import GroupSessions, build_groups
from telegut.scheduling.intake.service import Intake, build_intake
from telegut.scheduling.reminders import standing
from telegut.scheduling.reminders.service import Reminders
from telegut.scheduling.series.service import SeriesOfVisits, build_series
from telegut.scheduling.service import Scheduling, build_scheduling
from telegut.scheduling.waitlist.service import Waitlist
from telegut.scheduling.zone_check.service import ZoneCheck
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every process of telegut stands on."""

    settings: Settings
    db: Database
    vault: Vault
    bus: Bus
    feed: Feed
    now: Clock


@dataclass(frozen=True, slots=True)
class Services:
    """Every domain's service, from the ground up."""

    entrance: Entrance
    accounts: Accounts
    patients: Patients
    notices: Notices
    reaching: Reaching
    choices: Choices
    push: Push
    undelivered: Undelivered
    scheduling: Scheduling
    clinic: Clinic
    choice: Choice
    reminders: Reminders
    zone_check: ZoneCheck
    feeds: Feeds
    busy: BusyElsewhere
    series: SeriesOfVisits
    waitlist: Waitlist
    groups: GroupSessions
    intake: Intake
    rooms: RoomServices
    recordings: RecordingServices
    messaging: Messaging
    ledger: LedgerServices
    later: Later
    saved_replies: SavedReplies
    search: Search
    retention: Retention
    uploads: UploadServices
    evidence: EvidenceBase
    care_plans: CarePlans
    notes: LiveNotes
    outcomes: Outcomes
    reports: Reports
    protocols: Protocols
    quality: Quality
    test_orders: Orders
    cohorts: Cohorts
    report_versions: Versions
    report_changes: Changes
    report_exchange: Exchange
    research_consents: Consents
    laboratory_tables: LaboratoryTables
    typing: Typing
    reading_levels: ReadingLevels


def build_foundation(settings: Settings, *, now: Clock = utc_now) -> Foundation:
    """Make the ground floor for *settings*; nothing connects before it is used."""
    db = Database(settings.database_url, pool_size=settings.database_pool, pool_wait_s=settings.database_pool_wait_s)
    bus = Bus(settings.database_url)
    db.wake = bus.wake
    vault = Vault(RootKey.load(settings.root_key_path))
    return Foundation(settings, db, vault, bus, Feed(db, page=settings.feed_page), now)


def build_services(base: Foundation) -> Services:
    """Make the domains' services; each is handed what it needs, nothing more."""
    entrance = build_entrance(base.db, base.now, base.vault.root, base.settings)
    subjects: dict[Kind, Subject] = {**standing.subjects(base.settings), **ledger_making.subjects()}
    staffed = next_staffed(base.settings)
    notices = build_notices(base.db, base.vault, base.now, base.settings, subjects, staffed)
    scheduling = build_scheduling(base.db, base.vault, base.settings)
    reaching = Reaching(base.db, base.vault.root, notices.gateway, notices.clinic)
    messaging = build_messaging(base.db, base.vault, base.now, notices, base.settings)
    care_plans = build_care_plans(base.db, base.vault, base.now, base.settings)
    rooms = build_rooms(base.db, base.vault.root, base.bus, base.now, scheduling, base.settings)
    reports = build_reports(base.db, base.vault, base.now, base.settings)
    return Services(
        entrance=entrance,
        accounts=build_accounts(base.db, base.now, entrance, base.settings, base.bus),
        patients=Patients(base.db, base.now, open_ones),
        notices=notices,
        reaching=reaching,
        choices=Choices(base.db, notices, reaching, notices.push),
        push=notices.push,
        undelivered=Undelivered(base.db),
        scheduling=scheduling,
        clinic=Clinic(base.db),
        choice=build_choice(scheduling),
        reminders=Reminders(base.db, notices),
        zone_check=ZoneCheck(base.db, notices, scheduling),
        feeds=build_feeds(base.db, base.settings),
        busy=build_busy(base.db, base.vault, base.settings),
        series=build_series(scheduling),
        waitlist=Waitlist(base.db, scheduling),
        groups=build_groups(scheduling),
        intake=build_intake(base.db, base.vault),
        rooms=rooms,
        recordings=build_recordings(base.db, base.vault, base.bus, base.now, rooms, base.settings),
        messaging=messaging,
        ledger=ledger_making.build_ledger(base.db, base.vault, base.now, notices, messaging.replies, base.settings),
        later=Later(messaging, timedelta(days=base.settings.message_ahead_days)),
        uploads=build_uploads(base.db, base.vault, base.now, base.settings),
        saved_replies=SavedReplies(base.db, base.vault, base.now, base.settings.message_max_characters),
        search=Search(base.db, base.vault, base.settings.search_page, base.settings.search_index_batch),
        retention=Retention(base.db, base.vault, base.now, base.settings.purge_batch),
        evidence=EvidenceBase(base.db, base.now, frozenset(gates.BY_ID)),
        care_plans=care_plans,
        notes=build_live_notes(base.db, base.vault, base.bus, base.now, base.settings),
        outcomes=build_outcomes(base.db, base.vault, base.now, care_plans, base.settings),
        reports=reports,
        protocols=Protocols(base.db, base.now),
        quality=Quality(base.db, base.now, reports.reader),
        test_orders=Orders(base.db, base.vault, base.now),
        cohorts=Cohorts(base.db, base.vault, base.now),
        report_exchange=Exchange(base.db, base.vault, base.now, f"{base.settings.origin}/fhir/R4"),
        research_consents=Consents(base.db, base.now),
        report_changes=Changes(base.db, base.vault),
        report_versions=Versions(
            db=base.db, vault=base.vault, now=base.now, reader=reports.reader, tries=reports.tries
        ),
        laboratory_tables=LaboratoryTables(base.db, base.vault, base.now, reports),
        typing=Typing(base.db, base.vault, base.now, reports),
        reading_levels=ReadingLevels(base.db, base.now),
    )
