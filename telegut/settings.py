"""
Every setting of telegut: one frozen value, read once, passed down as arguments.

Each field is the environment variable ``TELEGUT_<NAME>`` and the flag ``--<name>``; what is neither a secret nor a
place has a default here, with its unit in the name or as a duration in seconds.
"""

from __future__ import annotations

import dataclasses
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from telegut.errors import FieldError, Invalid

Mode = Literal["production", "demo", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one telegut process works with."""

    # --- the installation
    mode: Mode = "production"
    """``production`` refuses what is unsafe; ``demo`` opens on a demonstration clinic; ``test`` is for tests."""
    data: Path = field(default_factory=lambda: Path.home() / ".local" / "share" / "telegut")
    """Everything a server keeps lives under this folder."""
    database_url: str = ""
    """``postgresql://…`` of a server ≥ 15; empty starts the embedded one in the data folder."""
    root_key_file: Path | None = None
    """The key that wraps patients' keys; default ``DATA/keys/root.key``."""
    listen: str = "127.0.0.1:8080"
    """Address and port of the web processes."""
    public_url: str = ""
    """How people reach us, such as ``https://clinic.example``; empty: the listen address over plain HTTP."""
    web_processes: int = 1
    """How many web processes share the listening socket."""
    clinic_name: str = "telegut"
    """What mails and pages call the clinic; may be neutral."""

    # --- web
    body_limit_bytes: int = 1_048_576
    """Largest JSON body."""
    upload_limit_bytes: int = 20 * 1_048_576
    """Largest single uploaded file."""
    socket_message_bytes: int = 65_536
    """Largest message on a socket."""
    sockets_per_account: int = 20
    """Open sockets one account may have on one process."""
    sockets_per_process: int = 12_000
    """Open sockets of one process; beyond it handshakes get 503."""
    socket_handshakes_per_s: float = 2_500.0
    """Handshakes on ``/events`` that one process takes each second for long; beyond it they get 503."""
    socket_handshakes_burst: int = 5_000
    """Handshakes on ``/events`` that one process takes at once after a quiet time."""
    idempotency_days: int = 7
    """How long the first answer to an ``Idempotency-Key`` is kept."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose ``X-Forwarded-*`` headers are believed."""
    shutdown_s: float = 20.0
    """How long open requests may finish at a clean stop."""

    # --- database
    database_pool: int = 10
    """Connections each web process keeps; as many again may open in a rush."""
    database_pool_wait_s: float = 8.0
    """How long a request waits for a free connection in a rush before it gets 503."""

    # --- realtime
    feed_page: int = 256
    """Most events sent to a socket before it must have drained them."""
    feed_keep_hours: int = 72
    """How long events can be resumed; at least 24."""
    feed_poll_s: float = 1.0
    """Fall-back poll when a wake-up is lost."""
    heartbeat_s: float = 25.0
    """Ping interval on sockets; a silent peer is dropped after two."""

    # --- jobs
    job_lease_s: float = 60.0
    """How long a worker holds a job before another may take it."""
    job_tries: int = 5
    """Tries before a job is parked for a person to look at."""
    worker_tasks: int = 4
    """Jobs one worker process runs at once."""

    # --- accounts
    password_memory_kib: int = 47_104
    """Memory of one argon2id hash: 46 MiB with one pass (OWASP ASVS 5.0.0, appendix C)."""
    password_passes: int = 1
    """Passes of argon2id over its memory."""
    password_lanes: int = 1
    """Lanes of argon2id."""
    password_threads: int = 0
    """Threads that hash passwords at once; 0: as many as there are cores."""
    password_queue: int = 64
    """Sign-ins that may wait for a hashing thread; beyond it they get 503."""
    password_min_alone: int = 15
    """Characters of a password that is the only factor (NIST SP 800-63B-4)."""
    password_min_with_second_factor: int = 8
    """Characters of a password beside a second factor (NIST SP 800-63B-4)."""
    password_max: int = 1_024
    """Characters of a password at most."""
    session_staff_s: int = 12 * 3_600
    """How long a sign-in of staff lasts."""
    session_staff_idle_s: int = 30 * 60
    """How long a sign-in of staff lasts without a request."""
    session_patient_s: int = 24 * 3_600
    """How long a sign-in of a patient or guardian lasts."""
    session_patient_idle_s: int = 60 * 60
    """How long a sign-in of a patient or guardian lasts without a request."""
    sign_in_limits: bool | None = None
    """Whether failed sign-ins slow down the next ones; unset: only in production."""
    sign_in_free_failures: int = 5
    """Failed sign-ins of one account from one address before the next ones have to wait."""
    sign_in_free_failures_per_account: int = 50
    """Failed sign-ins of one account from anywhere before the next have to wait (NIST SP 800-63B-4: at most 100)."""
    sign_in_free_failures_per_address: int = 30
    """Failed sign-ins from one address, whatever the account, before the next ones have to wait."""
    sign_in_wait_max_s: int = 15 * 60
    """The longest wait after a failed sign-in."""
    sign_in_remembered_s: int = 24 * 3_600
    """How long failed sign-ins are remembered."""
    sign_in_step_s: int = 5 * 60
    """How long somebody may take between the password and the code of their second factor."""
    session_check_s: float = 2.0
    """How often the sign-ins of open sockets are looked at, should the news that one ended get lost."""

    # --- messaging
    message_max_characters: int = 8_000
    """Characters of one message at most."""
    search_page: int = 20
    """Messages of one page of search results."""
    search_index_batch: int = 2_000
    """Entries of a conversation that one search, or one turn of the worker, adds to its index at most."""
    purge_batch: int = 5_000
    """Entries whose words one turn of the worker removes at most, once they are older than the clinic keeps them."""
    message_ahead_days: int = 365
    """How many days ahead a message can be scheduled."""
    urgent_first_s: float = 300.0
    """How long an urgent message of a patient may stay unread before somebody on call is told."""
    urgent_every_s: float = 120.0
    """How long until the next one is told, while nobody of the care team has read it."""
    urgent_times: int = 10
    """How often somebody is told about one urgent message at most."""
    urgent_cover_hours: float = 24.0
    """How long who was told, and is not in the care team, can see the record."""
    message_queue: int = 4_096
    """Sends that may wait for the writer of one web process; beyond it they get 503."""
    message_batch: int = 256
    """Sends that are committed together at most."""
    message_retry_s: float = 8.0
    """How long the writer tries a group again while the database is away, before its senders are told to try again."""
    message_in_flight: int = 256
    """Unanswered sends one socket may have; beyond it we read on when some are answered."""
    message_page: int = 500
    """Entries of a conversation's log in one answer at most."""
    upload_message_files: int = 10
    """Files of one message at most."""
    upload_day_files: int = 100
    """Files one person may hand in within 24 hours."""
    upload_day_bytes: int = 500 * 1_048_576
    """Bytes of the files one person may hand in within 24 hours."""
    upload_patient_bytes: int = 5 * 1_073_741_824
    """Bytes of all files of one patient."""
    upload_unsent_hours: int = 24
    """How long a file may wait to be sent before it is removed."""
    upload_pixels: int = 60_000_000
    """Pixels of a picture (width times height) that is taken."""
    upload_image_side: int = 2_560
    """Longest side of a picture as it is kept, in pixels."""
    upload_thumbnail_side: int = 480
    """Longest side of a picture in small, in pixels."""
    upload_pdf_pages: int = 300
    """Pages of a PDF."""
    upload_pdf_objects: int = 50_000
    """Objects of a PDF, which all are looked into."""
    upload_recording_s: float = 600.0
    """Length of a voice note."""
    upload_reader_s: float = 60.0
    """How long the looking into one file may take, in a process of its own."""
    upload_reader_memory_bytes: int = 1_024 * 1_048_576
    """Memory of that process (its address space)."""
    clamd: str = ""
    """Where clamd answers, which scans files: the path of its socket, or ``host:port``; empty: nothing is scanned."""
    clamd_s: float = 60.0
    """How long one scan may take."""
    upload_unscanned: bool | None = None
    """Whether files are taken without a scanner; unset: everywhere but in production."""
    s3_url: str = ""
    """An S3-compatible server for files, such as ``https://s3.example``; empty: the folder ``uploads`` in the data."""
    s3_bucket: str = "telegut"
    """The bucket there; it has to exist."""
    s3_region: str = "us-east-1"
    """The region that requests are signed for."""
    s3_key_id: str = ""
    """Name of the access key for the bucket."""
    s3_secret: str = ""
    """Secret of the access key for the bucket."""
    s3_s: float = 30.0
    """How long one call to the bucket may take."""
    clinic_zone: str = "Europe/Berlin"
    """The IANA zone of the staffed hours."""
    staffed_hours: str = "MO-FR 09:00-17:00"
    """When somebody answers messages, such as ``MO-FR 09:00-17:00; SA 10:00-12:00``."""
    reply_hours: float = 8.0
    """Staffed hours within which a message is answered."""
    emergency_numbers: tuple[str, ...] = ("Emergency services: 112",)
    """What to call when it cannot wait, each ``label: number``; 112 is the emergency number of the EU (Directive (EU)
    2018/1972, article 109)."""

    # --- notices
    smtp_url: str = ""
    """The mail server, ``smtp://user:password@host:587`` (STARTTLS when offered) or ``smtps://…``; empty: no mail."""
    mail_from: str = ""
    """The sender of mails; empty: ``telegut@`` the host of the public address."""
    smtp_timeout_s: float = 20.0
    """How long the mail server may take over one step."""
    sms_url: str = ""
    """The gateway for text messages, ``https://…``; takes a POST of ``{"to", "text", "id"}``. Empty: no texts."""
    sms_token: str = ""
    """The bearer token that the gateway knows us by."""
    sms_timeout_s: float = 10.0
    """How long the gateway may take over one message."""
    message_notice_delay_s: float = 120.0
    """How long a message may stay unread before a notice says that there is one."""
    push_contact: str = ""
    """Whom push services write to about us, ``mailto:`` or ``https:``; empty: the sender of mails (RFC 8292)."""
    push_timeout_s: float = 10.0
    """How long a push service may take over one message."""
    push_devices: int = 10
    """Devices that one person may have notices pushed to; beyond it the oldest is forgotten."""
    push_on_loopback: bool = False
    """Whether a push service may be on this machine over plain HTTP; for tests."""

    # --- rooms
    visit_opens_before_s: float = 15 * 60
    """How long before the agreed start a visit's room opens."""
    visit_closes_after_s: float = 30 * 60
    """How long after the agreed end an empty room is closed and the outcome decided."""
    visit_looks_again_s: float = 10 * 60
    """How often a room that is over its time, and not empty, is looked at again."""
    visit_enough_s: float = 120
    """How long a visit that nobody ended must have held to count as attended."""
    visit_encrypted: bool = False
    """Whether visits are encrypted end to end through the forwarder unless their host says otherwise."""
    visit_seats: int = 12
    """People one visit may have seats for, invited guests and colleagues included."""
    knock_again_s: float = 60
    """How long until whoever should open is pushed once more, while somebody waits."""
    knocks: int = 60
    """How often at most they are pushed for one knock."""
    ticket_lifetime_s: float = 60
    """How long a ticket to a room can be used."""
    room_heartbeat_s: float = 5
    """Ping interval on room sockets: a vanished person is noticed within one and a half of it."""
    room_beat_s: float = 3
    """How often a web process says that its room sockets live."""
    room_silent_s: float = 12
    """After how much silence of a web process its room sockets count as lost."""
    room_join_s: float = 10
    """How long a fresh room socket may take to show its ticket."""
    room_messages_per_s: float = 50
    """Messages a room socket may send each second, on average over a few seconds."""
    room_queue: int = 256
    """Messages that may wait for a slow room socket; beyond it the socket is closed and can come back."""
    turn_urls: tuple[str, ...] = ()
    """Addresses of our TURN server in the order to try them; with any, calls go through it alone."""
    turn_secret: str = ""
    """The secret shared with the TURN server (coturn's ``static-auth-secret``)."""
    turn_lifetime_s: float = 600
    """How long TURN credentials are good; at most ten minutes."""
    media: bool | None = None
    """Whether a media process shares our data folder, and web is ready only with it; unset: everywhere but in tests."""
    media_host: str = "127.0.0.1"
    """Address on which the media process takes UDP; ``0.0.0.0`` for people outside this machine."""
    media_port: int = 0
    """UDP port of the media process, the next ones for further processes; 0: any free ones."""
    media_tcp: bool = True
    """Whether the media process takes calls by TCP too, on the same port, from networks that let no UDP through."""
    media_public_host: str = ""
    """Name or address under which browsers reach the media process; empty: the host of the public address."""
    media_processes: int | None = None
    """Media processes on this machine; unset: one for each core that is not needed otherwise, at least one (none
    where ``TELEGUT_MEDIA_ELSEWHERE`` names others)."""
    media_number: int = 0
    """Which of this machine's media processes a process that is started alone is, from 0 on."""
    media_elsewhere: tuple[str, ...] = ()
    """Media processes on other machines, each ``host:port`` of their control address; all web processes name the
    same."""
    media_listen: str = ""
    """Control address of a media process for web on other machines, ``host:port``, TLS only; empty: none."""
    media_certificate: Path | None = None
    """Our own certificate (PEM, with its chain) towards the other end of the control address."""
    media_certificate_key: Path | None = None
    """The key of that certificate."""
    media_authority: Path | None = None
    """Certificates of who vouches for the other end (PEM); nobody else is spoken with."""
    media_key_file: Path | None = None
    """The key that web's commands to media processes are signed with; default ``DATA/run/media.key``, made there."""
    media_most_cpu: float | None = None
    """The part of a core above which a media process takes no new rooms; unset: 0.75 in production, elsewhere 1."""
    media_most_lag_s: float | None = None
    """The lag of its loop above which a media process takes no new rooms; unset: 0.02 in production, elsewhere 1."""
    media_most_rooms: int = 400
    """Rooms of one media process; beyond it new ones go to others."""
    media_lost_s: float = 1.0
    """How long a media process may be away before its rooms are placed elsewhere."""
    media_drain_s: float = 60.0
    """How long a media process that was told to end waits for its calls, before they move to another one."""

    # --- recordings of visits
    recording_bytes: int = 2 * 1_073_741_824
    """Bytes of the packets of one recording; a longer one ends there, and says so."""
    recording_waiting_bytes: int = 16 * 1_048_576
    """Bytes of a recording that may wait for the disk; a slower disk ends the recording, never the call."""
    recording_keep_days: int = 365
    """How long a recording is kept; everybody is told before they agree."""
    recording_film_s: float = 1_800
    """How long making the film of one recording may take."""

    # --- reports
    report_files: int = 4
    """Files that may be handed in together as one report."""
    report_unpacked_bytes: int = 64 * 1_048_576
    """Largest lab file after decompression."""
    report_rows: int = 200_000
    """Rows of a lab file that are read at most."""
    report_reader_s: float = 60.0
    """How long the reading of one report may take."""
    report_reader_memory_bytes: int = 1_024 * 1_048_576
    """Memory of the process that reads one report (its address space)."""

    # --- careplan
    report_back_days: int = 14
    """How many days ago a day may be that a patient still reports on."""
    notes_message_bytes: int = 1_048_576
    """Largest message on a notes socket: what somebody typed while offline comes as one."""
    notes_document_bytes: int = 2 * 1_048_576
    """Largest live note, counted as the CRDT's state."""
    notes_peers: int = 64
    """Sockets of one live note in one process."""
    notes_compact_every: int = 200
    """Rows of a note's log before it is made into a snapshot."""
    notes_poll_s: float = 5.0
    """How often an open note reads the log without having been woken."""
    notes_recheck_s: float = 3.0
    """How often an open notes socket asks whether it may still be open."""

    # --- outcomes
    series_days: int = 1_100
    """Longest span of one series, in days."""

    # --- scheduling (the clinic's own numbers, such as minimum notice, are in the database)
    slots_practitioner_days: int = 4_000
    """The most that one question about free times may span: practitioners times days."""
    booking_group: int = 64
    """Bookings of one transaction at most; see `telegut.scheduling.writer`."""
    booking_waiting: int = 2_000
    """Bookings that may queue in one web process before the next one is told to come back."""
    booking_at_once: int = 3
    """Bookings of one practitioner's time that one process has in the database at once; the rest wait before it."""
    booking_patience_s: float = 15.0
    """How long a booking waits for its turn before it is told to come back."""

    # --- calendars
    feeds_per_person: int = 10
    """Private feeds one person may have at once; as many app passwords for CalDAV."""
    feed_visits: int = 2_000
    """Visits one feed holds at most; beyond it the past is left out."""
    feed_back_days: int = 90
    """How many days back a feed shows visits."""
    feed_cancelled_days: int = 14
    """How many days a cancelled visit stays in a feed, marked as cancelled, before it is gone."""
    feed_refresh_minutes: int = 15
    """How often a feed asks calendar programs to come (RFC 7986)."""
    feed_reads_per_hour: int | None = None
    """Fetches of one feed, or tries of one address in vain, in an hour; unset: 120 in production, elsewhere any."""
    caldav_body_bytes: int = 262_144
    """Largest XML document a CalDAV client may send."""
    busy_sources: int = 5
    """Calendars elsewhere that one practitioner may name."""
    busy_every_s: float = 600.0
    """How often a calendar elsewhere is read."""
    busy_keep_s: float = 24 * 3_600
    """How long busy times count when their calendar can no longer be read."""
    busy_fetch_s: float = 30.0
    """How long fetching one calendar elsewhere may take."""
    busy_bytes: int = 10 * 1_048_576
    """Largest calendar elsewhere, after decompression."""
    busy_events: int = 20_000
    """Events of one calendar elsewhere that are read at most."""
    busy_reader_s: float = 20.0
    """How long the reading of one calendar elsewhere may take, in a process of its own."""
    busy_reader_memory_bytes: int = 512 * 1_048_576
    """Memory of that process (its address space)."""
    busy_on_loopback: bool = False
    """Whether a calendar elsewhere may be on this machine over plain HTTP; for tests and demonstrations."""

    @property
    def media_beside(self) -> bool:
        """Whether readiness asks for the media process."""
        return self.mode != "test" if self.media is None else self.media

    @property
    def media_count(self) -> int:
        """How many media processes this machine has; two cores are for web, the database and the worker."""
        if self.media_processes is not None:
            return self.media_processes
        if self.media_elsewhere:
            return 0
        return max(1, _cores() - self.web_processes - 1) if self.mode != "test" else 1

    @property
    def takes_unscanned(self) -> bool:
        """Whether files are taken that nothing scans."""
        return self.mode != "production" if self.upload_unscanned is None else self.upload_unscanned

    @property
    def root_key_path(self) -> Path:
        """Where the root key is."""
        return self.root_key_file or self.data / "keys" / "root.key"

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers must name in ``Origin``."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS."""
        return self.origin.startswith("https://")

    @classmethod
    def load(cls, environ: Mapping[str, str], **flags: Any) -> Self:
        """
        The settings of *environ*, with *flags* (those not None) on top.

        Raises:
            Invalid: a value that does not fit its setting, with one error for each.
        """
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        hints = typing.get_type_hints(cls)
        for one in dataclasses.fields(cls):
            raw = flags.get(one.name)
            if raw is None:
                raw = environ.get(f"TELEGUT_{one.name.upper()}")
            if raw is None:
                continue
            try:
                values[one.name] = _parse(hints[one.name], raw)
            except ValueError as exc:
                errors.append(FieldError(f"TELEGUT_{one.name.upper()}", str(exc)))
        if errors:
            raise Invalid("; ".join(f"{e.field}: {e.message}" for e in errors), errors)
        return cls(**values)


def _cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parse(kind: Any, raw: Any) -> Any:
    """*raw* as a value of *kind*; text comes from the environment or a flag."""
    if not isinstance(raw, str):
        return raw
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
        return None if raw == "" else _parse(kind, raw)
    if origin is Literal:
        choices = typing.get_args(kind)
        if raw not in choices:
            raise ValueError(f"is one of {', '.join(choices)}")
        return raw
    if origin is tuple:
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if kind is bool:
        return _parse_bool(raw)
    if kind is Path:
        return Path(raw).expanduser()
    return kind(raw)


def _parse_bool(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("is true or false")
