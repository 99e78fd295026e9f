"""
What a process does with the services of `telegut.composition`.

`build_app` is the web process: floors, then each domain's handlers. `run_worker` is the worker: each domain's jobs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from aiohttp import web

from telegut.accounts import handlers as accounts_handlers
from telegut.careplan import handlers as careplan_handlers
from telegut.careplan.noted.service import NotedPlaces
from telegut.clock import Clock, utc_now
from telegut.composition import Foundation, Services, build_foundation, build_services
from telegut.db.sealed import RootKey
from telegut.demonstration import handlers as demonstration_handlers
from telegut.evidence import handlers as evidence_handlers
from telegut.home import handlers as home_handlers
from telegut.home.anchors import anchors, noted_anchors
from telegut.home.before import FirstThings
from telegut.home.beside import page as beside_page
from telegut.home.beside.service import Beside
from telegut.home.day.service import Days
from telegut.home.pointing import may_see
from telegut.home.service import Home
from telegut.home.shown import page as shown_page
from telegut.jobs.queue import Job, Queue
from telegut.jobs.runner import Handler, Runner
from telegut.messaging import handlers as messaging_handlers
from telegut.messaging import work as messaging_work
from telegut.messaging.anchors import Anchors
from telegut.messaging.export import handlers as export_handlers
from telegut.messaging.ledger import handlers as ledger_handlers
from telegut.messaging.ledger import work as ledger_work
from telegut.messaging.offline import handlers as offline_handlers
from telegut.messaging.retention import handlers as retention_handlers
from telegut.messaging.retention import work as retention_work
from telegut.messaging.saved_replies import handlers as saved_replies_handlers
from telegut.messaging.scheduled import handlers as scheduled_handlers
from telegut.messaging.scheduled import work as scheduled_work
from telegut.messaging.search import handlers as search_handlers
from telegut.messaging.search import work as search_work
from telegut.messaging.threads import handlers as threads_handlers
from telegut.messaging.uploads import handlers as uploads_handlers
from telegut.messaging.uploads import work as uploads_work
from telegut.notices import handlers as notices_handlers
from telegut.notices import work as notices_work
from telegut.notices.choices import handlers as choices_handlers
from telegut.notices.push import handlers as push_handlers
from telegut.notices.undelivered import handlers as undelivered_handlers
from telegut.outcomes import handlers as outcomes_handlers
from telegut.realtime import handlers as realtime_handlers
from telegut.realtime.bus import BUS_TOPIC_SESSION_ENDED
from telegut.realtime.hub import Hub
from telegut.reports import handlers as reports_handlers
from telegut.reports import work as reports_work
from telegut.reports.change import handlers as reports_change_handlers
from telegut.reports.cohorts import handlers as cohorts_handlers
from telegut.reports.exchange import handlers as reports_exchange_handlers
from telegut.reports.mapping import handlers as reports_mapping_handlers
from telegut.reports.orders import handlers as orders_handlers
from telegut.reports.orders import screens as orders_screens
from telegut.reports.patient import handlers as patient_report_handlers
from telegut.reports.protocols import handlers as protocols_handlers
from telegut.reports.protocols import screens as protocols_screens
from telegut.reports.typed import handlers as reports_typed_handlers
from telegut.reports.versions import handlers as reports_versions_handlers
from telegut.reports.versions import work as reports_versions_work
from telegut.rooms import handlers as rooms_handlers
from telegut.rooms import work as rooms_work
from telegut.rooms.door.ringing import Ringing, rings
from telegut.rooms.guests import handlers as guests_handlers
from telegut.rooms.guests import panel_handlers
from telegut.rooms.lateness import handlers as lateness_handlers
from telegut.rooms.lost import handlers as lost_handlers
from telegut.rooms.pointing.service import Pointing
from telegut.rooms.recordings import handlers as recordings_handlers
from telegut.rooms.recordings import work as recordings_work
from telegut.rooms.rehearsal import handlers as rehearsal_handlers
from telegut.scheduling import handlers as scheduling_handlers
from telegut.scheduling import zones
from telegut.scheduling.busy import handlers as busy_handlers
from telegut.scheduling.busy import work as busy_work
from telegut.scheduling.choice import handlers as choice_handlers
from telegut.scheduling.clinic import handlers as clinic_handlers
from telegut.scheduling.feeds import handlers as feeds_handlers
from telegut.scheduling.groups import handlers as groups_handlers
from telegut.scheduling.intake import handlers as intake_handlers
from telegut.scheduling.interpreters import handlers as interpreters_handlers
from telegut.scheduling.reminders import handlers as reminders_handlers
from telegut.scheduling.series import handlers as series_handlers
from telegut.scheduling.waitlist import handlers as waitlist_handlers
from telegut.scheduling.waitlist import work as waitlist_work
from telegut.scheduling.zone_check import handlers as zone_check_handlers
from telegut.scheduling.zone_check import work as zone_check_work
from telegut.settings import Settings
from telegut.web import assets, health, keys, sockets
from telegut.web.admission import Admission
from telegut.web.api import LEDGER, OPERATIONS
from telegut.web.idempotency import Ledger
from telegut.web.middleware import know_caller, surround


def build_app(settings: Settings, *, now: Clock = utc_now) -> web.Application:
    """The web process."""
    base = build_foundation(settings, now=now)
    app = web.Application(middlewares=[surround, know_caller], client_max_size=settings.upload_limit_bytes + 65_536)
    _install_floor(app, base)
    _install_domains(app, build_services(base))
    return app


def _install_floor(app: web.Application, base: Foundation) -> None:
    settings = base.settings
    app[keys.SETTINGS], app[keys.DATABASE], app[keys.VAULT], app[keys.NOW] = settings, base.db, base.vault, base.now
    app[keys.RESOLVERS], app[keys.PAGE_CONTEXT], app[OPERATIONS] = [], [], []
    app[LEDGER] = Ledger(base.vault.root)
    app[sockets.SOCKETS] = sockets.Sockets(
        per_account=settings.sockets_per_account,
        per_process=settings.sockets_per_process,
        admission=Admission(
            per_s=settings.socket_handshakes_per_s, burst=settings.socket_handshakes_burst, clock=time.monotonic
        ),
    )
    hub = Hub(base.feed, base.bus, poll_s=settings.feed_poll_s)
    health.install(app)
    app[health.CHECKS].update(keys=_keys_there, zone_data=_zones_pinned)
    assets.install(app, assets.Assets(assets.built_folder()))
    realtime_handlers.install(app, base.feed, hub, base.bus)
    base.bus.subscribe(BUS_TOPIC_SESSION_ENDED, lambda fact: _session_ended(app, fact))
    app.on_shutdown.append(_send_away)
    app.cleanup_ctx.append(lambda _: _running(app, base, hub))


async def _keys_there(app: web.Application) -> bool:
    """The root key can be read, and is the one this process works with."""
    found = await asyncio.to_thread(RootKey.load, app[keys.SETTINGS].root_key_path)
    return found == app[keys.VAULT].root


async def _zones_pinned(_: web.Application) -> bool:
    return zones.pinned()


async def _send_away(app: web.Application) -> None:
    """Sockets are asked to come back; a clean stop would wait for them for ever."""
    await app[sockets.SOCKETS].close_all()


def _session_ended(app: web.Application, fact: dict[str, str | None]) -> None:
    from uuid import UUID

    session = fact.get("session")
    app[sockets.SOCKETS].end_session(UUID(str(fact["account"])), UUID(session) if session else None)


async def _running(app: web.Application, base: Foundation, hub: Hub) -> AsyncIterator[None]:
    await base.bus.start()
    polling = asyncio.create_task(hub.poll(), name="hub poll")
    yield
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await base.bus.stop()
    await base.db.dispose()


def _install_domains(app: web.Application, services: Services) -> None:
    """Each domain's handlers, from the ground up. Services are made in `telegut.composition.build_services`."""
    accounts_handlers.install(app, services.accounts, services.entrance, services.patients)
    # Before scheduling, whose pattern for one of something would take a name for an id.
    choice_handlers.install(app, services.choice)
    clinic_handlers.install(app, services.clinic)
    notices_handlers.install(app, services.reaching)
    push_handlers.install(app, services.push)
    choices_handlers.install(app, services.choices)
    undelivered_handlers.install(app, services.undelivered)
    offline_handlers.install(app)
    scheduling_handlers.install(app, services.scheduling)
    feeds_handlers.install(app, services.feeds)
    busy_handlers.install(app, services.busy)
    series_handlers.install(app, services.series)
    waitlist_handlers.install(app, services.waitlist)
    groups_handlers.install(app, services.groups)
    interpreters_handlers.install(app)
    reminders_handlers.install(app)
    zone_check_handlers.install(app, services.zone_check)
    intake_handlers.install(app, services.intake)
    rooms_handlers.install(app, services.rooms)
    guests_handlers.install(app, services.rooms.guests)
    panel_handlers.install(app, services.rooms.showing)
    lateness_handlers.install(app, services.rooms.lateness)
    Pointing(services.rooms.board, may_see(app[keys.DATABASE])).install()
    lost_handlers.install(app, services.rooms.lost)
    recordings_handlers.install(app, services.recordings)
    rehearsal_handlers.install(app, services.rooms.rehearsals)
    evidence_handlers.install(app, services.evidence)
    noted = NotedPlaces(app[keys.DATABASE], noted_anchors(app[keys.VAULT]))
    careplan_handlers.install(app, services.care_plans, services.notes, noted)
    outcomes_handlers.install(app, services.outcomes)
    messaging_handlers.install(app, services.messaging, Anchors(app[keys.DATABASE], anchors(app[keys.VAULT])))
    ledger_handlers.install(app, services.ledger)
    threads_handlers.install(app)
    scheduled_handlers.install(app, services.later)
    saved_replies_handlers.install(app, services.saved_replies)
    search_handlers.install(app, services.search)
    retention_handlers.install(app, services.retention)
    export_handlers.install(app)
    uploads_handlers.install(app, services.uploads.uploads)
    reports_handlers.install(app, services.reports)
    protocols_handlers.install(app, services.protocols, services.quality)
    protocols_screens.install(app)
    orders_handlers.install(app, services.test_orders)
    orders_screens.install(app)
    cohorts_handlers.install(app, services.cohorts)
    reports_versions_handlers.install(app, services.report_versions)
    reports_change_handlers.install(app, services.report_changes)
    reports_exchange_handlers.install(app, services.report_exchange, services.research_consents)
    reports_mapping_handlers.install(app, services.laboratory_tables)
    reports_typed_handlers.install(app, services.typing)
    first_things = FirstThings(services.care_plans, services.outcomes)
    patient_report_handlers.install(app, services.reading_levels, first_things.before)
    home = _home(app, services)
    home_handlers.install(app, home, _days(app, services))
    beside_page.install(app, Beside(home, app[keys.VAULT]))
    shown_page.install(app)
    demonstration_handlers.install(app)


def _days(app: web.Application, services: Services) -> Days:
    return Days(
        db=app[keys.DATABASE],
        opens_before=timedelta(seconds=app[keys.SETTINGS].visit_opens_before_s),
        scheduling=services.scheduling,
        messaging=services.messaging,
        ledger=services.ledger.ledger,
    )


def _home(app: web.Application, services: Services) -> Home:
    return Home(
        db=app[keys.DATABASE],
        now=app[keys.NOW],
        opens_before=timedelta(seconds=app[keys.SETTINGS].visit_opens_before_s),
        patients=services.patients,
        scheduling=services.scheduling,
        entry=services.rooms.entry,
        messaging=services.messaging,
        ledger=services.ledger.ledger,
        plans=services.care_plans,
        reports=services.reports,
        orders=services.test_orders,
        outcomes=services.outcomes,
    )


def job_handlers(base: Foundation, services: Services) -> Mapping[str, Handler]:
    """What the worker can do, by kind of job: each domain adds its own."""
    settings = base.settings
    queue = _queue(base)

    async def purge(_: Job) -> None:
        await base.feed.purge(timedelta(hours=settings.feed_keep_hours))
        await queue.purge(timedelta(days=7))
        await Ledger(base.vault.root).purge(base.db, timedelta(days=settings.idempotency_days))
        await services.entrance.forget_old_tries()

    return {
        "telegut.purge": purge,
        **notices_work.jobs(services.notices),
        **notices_work.code_jobs(services.reaching),
        **busy_work.jobs(services.busy),
        **messaging_work.jobs(services.messaging),
        **ledger_work.jobs(services.ledger),
        **scheduled_work.jobs(services.later),
        **search_work.jobs(services.search),
        **retention_work.jobs(services.retention),
        **uploads_work.jobs(services.uploads),
        **reports_work.jobs(services.reports),
        **reports_versions_work.jobs(services.report_versions),
        **zone_check_work.jobs(services.zone_check),
        **rooms_work.jobs(services.rooms.entry, services.notices, services.reminders),
        **Ringing(services.rooms.rooms, services.push, settings.clinic_name, rings(settings)).jobs(),
        **recordings_work.jobs(services.recordings.films),
        **waitlist_work.jobs(services.waitlist, services.notices),
    }


PERIODIC: Mapping[str, float] = {
    "telegut.purge": 3600.0,
    **notices_work.PERIODIC,
    **messaging_work.PERIODIC,
    **ledger_work.PERIODIC,
    **search_work.PERIODIC,
    **retention_work.PERIODIC,
    **uploads_work.PERIODIC,
    **busy_work.PERIODIC,
    **reports_versions_work.PERIODIC,
    **rooms_work.PERIODIC,
    **recordings_work.PERIODIC,
    **zone_check_work.PERIODIC,
    **waitlist_work.PERIODIC,
}
"""Kinds of jobs that come round by themselves, with their period in seconds."""


def _queue(base: Foundation) -> Queue:
    settings = base.settings
    return Queue(base.db, lease=timedelta(seconds=settings.job_lease_s), tries=settings.job_tries)


def build_runner(base: Foundation) -> Runner:
    """The worker's loop over *base*."""
    settings = base.settings
    return Runner(
        base.db,
        _queue(base),
        job_handlers(base, build_services(base)),
        now=base.now,
        tasks=settings.worker_tasks,
        lease_s=settings.job_lease_s,
        periodic=PERIODIC,
    )


async def run_worker(settings: Settings, *, now: Clock = utc_now) -> None:
    """The worker process: works until it is cancelled."""
    base = build_foundation(settings, now=now)
    runner = build_runner(base)
    await base.bus.start()
    try:
        await runner.run()
    finally:
        await base.bus.stop()
        await base.db.dispose()


__all__ = ["Foundation", "build_app", "build_foundation", "build_runner", "job_handlers", "run_worker"]
