"""Every page of telegut, as somebody for whom it is made. Add a line when you add a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """
    One page: its path (names in braces are filled in by the world), who looks, and a selector that says it is ready.

    visitor: a role of `people_of`, or ``nobody``. expected: the status of the answer. apart: this visitor sees another
    page than the first one of this path, so that it is looked at in every run, and not with ``--all`` alone.
    """

    path: str
    visitor: str
    ready: str = "h1"
    expected: int = 200
    apart: bool = False

    @property
    def name(self) -> str:
        """For test ids and file names."""
        shape = self.path.strip("/").replace("/", "-").replace("{", "").replace("}", "").replace("?", "-") or "first"
        return f"{shape}-{self.visitor}"


PAGES = [
    Shown("/sign-in", "nobody"),
    Shown("/no-such-page", "nobody", expected=404),
    Shown("/no-such-page", "patient", expected=404),
    Shown("/welcome", "admin"),
    Shown("/welcome", "auditor"),
    Shown("/account", "patient"),
    Shown("/account/notices", "patient"),
    Shown("/account/notices", "consultant"),
    Shown("/undelivered", "admin"),
    Shown("/offline", "nobody"),
    Shown("/api/docs", "nobody"),
    # the patient's side
    Shown("/today", "patient"),
    Shown("/today", "guardian"),
    Shown("/today", "newcomer"),
    Shown("/messages", "patient"),
    Shown("/reports", "patient"),
    Shown("/patients/{patient}/test-orders", "patient"),
    Shown("/test-orders/{test_order}", "patient"),
    Shown("/reports/{report}", "patient"),
    # the care team's
    Shown("/messages", "nutritionist", apart=True),
    Shown("/messages/{conversation}", "nutritionist", "[data-turn-bar] button"),
    Shown("/messages/{conversation}#about", "nutritionist", ".about"),
    Shown("/account/away", "nutritionist"),
    Shown("/on-call", "coordinator", "[data-nobody]:visible, [data-list] li"),
    Shown("/promises", "coordinator"),
    Shown("/retention?find=Lena", "admin"),
    Shown("/patients", "consultant"),
    Shown("/patients/{patient}", "consultant"),
    Shown("/patients/{patient}/reports", "consultant"),
    Shown("/patients/{patient}/test-orders", "nutritionist"),
    Shown("/protocols", "consultant"),
    Shown("/protocols/{protocol}", "consultant"),
    Shown("/reports/{own_table}", "consultant"),
    Shown("/reports/{own_table}/columns", "consultant", "[data-preview] tbody tr"),
    Shown("/reports/{document}/typing", "nutritionist"),
    Shown("/patients/{patient}/accesses", "consultant"),
    Shown("/patients/{patient}/recordings", "patient"),
    Shown("/patients/{patient}/recordings", "consultant"),
    Shown("/recordings/{recording}", "patient", "#player"),
    Shown("/reports/{report}", "consultant", apart=True),
    Shown("/reports/{report}/context", "consultant", "[data-context]"),
    Shown("/reports/{later_report}/versus/{earlier}", "consultant", "[data-rung]"),
    Shown("/reports/{later_report}/versus/{earlier}", "patient", "[data-rung]"),
    Shown("/reports/{report}/versus/{earlier}", "patient", "[data-reason]"),
    Shown("/reports/{report}/versus", "consultant", "[data-others]"),
    Shown("/reports/{earlier}/versions", "consultant", "[data-version]"),
    Shown("/reports/{earlier}/versions/1", "patient"),
    Shown("/reports/{later_report}/out", "consultant"),
    Shown("/patients/{patient}/research", "patient"),
    Shown("/cohorts", "consultant"),
    # the plan and how it has been
    Shown("/patients/{patient}/plan", "patient", "[data-note-state=saved]"),
    Shown("/patients/{patient}/plan", "consultant", "[data-note-state=saved]", apart=True),
    Shown("/learn", "patient"),
    Shown("/learn/four-groups", "patient", "[data-lesson]"),
    Shown("/evidence", "nutritionist"),
    Shown("/evidence/DIET-SMILES", "nutritionist", "[data-act=propose]"),
    Shown("/check-in", "patient"),
    Shown("/patients/{patient}/scores", "patient"),
    Shown("/patients/{patient}/scores", "nutritionist"),
    # time
    Shown("/book", "patient", "[data-services] input"),
    Shown("/book", "coordinator", "[data-services] input"),
    Shown("/book?move={later}", "patient", ".book-time"),
    Shown("/visits", "patient"),
    Shown("/visits/{later_visit}", "patient", "[data-move]"),
    Shown("/appointments/{later}/slip", "patient"),
    Shown("/intake/{later}", "patient", "[data-begin]"),
    Shown("/intake/{later}#2", "patient", "[data-known]"),
    Shown("/visits/{visit}/intake", "consultant"),
    Shown("/visits", "newcomer"),
    Shown("/series", "coordinator"),
    Shown("/series/{series}", "coordinator", "[data-visit]"),
    Shown("/calendars", "patient"),
    Shown("/calendars", "consultant"),
    Shown("/waitlist", "patient", "[data-entry]"),
    Shown("/waitlist", "newcomer"),
    Shown("/waitlist", "coordinator", "[data-entry]"),
    Shown("/groups", "patient"),
    Shown("/groups", "nutritionist", "#session-start:enabled"),
    Shown("/interpreting", "interpreter"),
    Shown("/availability", "interpreter"),
    Shown("/day", "consultant"),
    Shown("/day", "coordinator"),
    Shown("/day?date=2027-01-05", "nutritionist"),
    Shown("/week", "consultant", ".agenda-placed"),
    Shown("/week", "coordinator", ".agenda-placed"),
    Shown("/availability", "consultant", "[data-rules] li"),
    Shown("/zone-findings", "coordinator"),
    Shown("/board", "coordinator", ".agenda-placed"),
    Shown("/clinic", "coordinator"),
    Shown("/clinic/forms/{service}", "coordinator", "[data-question]"),
    # the visit
    Shown("/visits/{visit}", "patient"),
    # The host goes straight in once the room is open; then the stage is what is there, with a heading of its own.
    Shown("/visits/{visit}", "consultant", ready="h1:visible, #stage h2:visible", apart=True),
    Shown("/j/somebody-elses-secret", "nobody", expected=404),
]


def again(place: int) -> bool:
    """Whether `PAGES` has the path at *place* before, for somebody who sees much the same."""
    one = PAGES[place]
    return not one.apart and any(_plain(earlier.path) == _plain(one.path) for earlier in PAGES[:place])


def _plain(path: str) -> str:
    return path.partition("#")[0].partition("?")[0]
