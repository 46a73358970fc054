"""URLs of the search over all desks, of the bell, of notifications, of mandates, hand-overs, and of the roster.

Those of shared work are its domains' (`work_urls`).
"""

from django.urls import path

from tutela.casework.hand_overs import cases
from tutela.casework.web import (
    alert_bell,
    hand_over_pages,
    mandate_pages,
    notification_pages,
    roster_pages,
    search_pages,
)
from tutela.casework.web.work_urls import work_urls

HAND_OVER = "desk/hand-overs/<uuid:hand_over>/"

urlpatterns = [
    path("desk/alerts/bell/", alert_bell.bell, name="alert_bell"),
    path("desk/hand-overs/", hand_over_pages.list_hand_overs, name="hand_overs_list"),
    path("desk/hand-overs/new/", hand_over_pages.enter, name="hand_over_new"),
    path(HAND_OVER, hand_over_pages.show, name="hand_over_detail"),
    path(f"{HAND_OVER}take/", hand_over_pages.take, name="hand_over_take"),
    path(f"{HAND_OVER}leave/", hand_over_pages.leave, name="hand_over_leave"),
    path(f"{HAND_OVER}step/", hand_over_pages.step, name="hand_over_step"),
    path(f"{HAND_OVER}again/", hand_over_pages.again, name="hand_over_again"),
    path(f"{HAND_OVER}settle/", hand_over_pages.settle, name="hand_over_settle"),
    path(f"{HAND_OVER}withdraw/", hand_over_pages.withdraw, name="hand_over_withdraw"),
    path(f"{HAND_OVER}alert/", hand_over_pages.answer_alert, name="hand_over_alert"),
    *work_urls(cases.HAND_OVERS),
    path("desk/mandates/", mandate_pages.mandate_list, name="mandates"),
    path("desk/mandates/<uuid:mandate>/confirm/", mandate_pages.confirm, name="mandate_confirm"),
    path("desk/mandates/<uuid:mandate>/withdraw/", mandate_pages.withdraw, name="mandate_withdraw"),
    path("desk/on-call/", roster_pages.on_call_roster, name="on_call"),
    path("desk/on-call/<uuid:shift>/end/", roster_pages.end, name="shift_end"),
    path("desk/search/", search_pages.search, name="search"),
    path("desk/search/samples/", search_pages.list_samples, name="search_samples"),
    path("desk/search/samples/<uuid:search_sample>/", search_pages.check_sample, name="search_sample_check"),
    path("desk/notifications/", notification_pages.own, name="notifications"),
    path("desk/notifications/bell/", notification_pages.bell, name="notifications_bell"),
]
