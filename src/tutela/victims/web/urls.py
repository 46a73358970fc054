"""URLs of public help and of removal requests. The language of a public page is in its address: no cookie tells it."""

from django.conf import settings
from django.urls import path

from tutela.casework.web.public_urls import PLACE
from tutela.casework.web.work_urls import work_urls
from tutela.victims import cases
from tutela.victims.web import (
    help_pages,
    item_pages,
    person_pages,
    public_pages,
    request_pages,
    service_pages,
    support_urls,
)

REQUEST = "desk/removals/<uuid:removal>/"
ITEM = "desk/removal-items/<uuid:found>/"
CASE = f"{PLACE}answers/"
urlpatterns = [
    path("desk/removals/", request_pages.list_requests, name="removals"),
    path("desk/removals/new/", request_pages.enter, name="removal_new"),
    path("desk/removals/hosts/", request_pages.list_hosts, name="removal_hosts"),
    path(REQUEST, request_pages.show, name="removal_request"),
    path(f"{REQUEST}add/", request_pages.add, name="removal_add"),
    path(f"{REQUEST}look-up/", request_pages.ask_register, name="removal_look_up"),
    path(f"{REQUEST}hosts/", request_pages.send_to_hosts, name="removal_send"),
    path(f"{REQUEST}hotline/", request_pages.send_to_hotline, name="removal_hand_over"),
    path(f"{REQUEST}search/", request_pages.search, name="removal_search"),
    path(f"{REQUEST}release/", request_pages.release, name="removal_release"),
    path(f"{REQUEST}mandate/", request_pages.mandate, name="removal_mandate"),
    path(f"{REQUEST}mandate/<uuid:representative>/end/", request_pages.end_mandate, name="removal_mandate_end"),
    path(f"{REQUEST}contact/", request_pages.note_contact, name="removal_contact_note"),
    path(f"{REQUEST}close/", request_pages.close, name="removal_close"),
    path(f"{REQUEST}withdraw/", request_pages.withdraw, name="removal_withdraw"),
    path(f"{REQUEST}alert/", request_pages.answer_alert, name="removal_alert"),
    *work_urls(cases.REQUESTS),
    *support_urls.DESK,
    path("desk/help-services/", service_pages.list_services, name="help_services"),
    path("desk/help-services/edit/", service_pages.edit, name="help_service_edit"),
    path("desk/help-services/<uuid:entry>/withdraw/", service_pages.withdraw, name="help_service_withdraw"),
    # On every node: whoever comes by chance finds whom to call.
    path("help/", help_pages.first, name="help"),
    path("help/<slug:language>/", help_pages.show, name="help_language"),
    path("help/<slug:language>/find/", help_pages.help_finder, name="help_find"),
    path("help/<slug:language>/duties/", help_pages.duties, name="help_duties"),
    path("help/<slug:language>/leave/", help_pages.leave, name="help_leave"),
    path("help/<slug:language>/<path:address>/", help_pages.show, name="help_page"),
]
if "provider" in settings.DESKS:
    urlpatterns += [
        path("desk/removal-items/", item_pages.list_items, name="removal_items"),
        path("desk/removal-items/scheme/", item_pages.scheme, name="removal_scheme"),
        path("desk/removal-items/scheme/accept/", item_pages.accept, name="removal_scheme_accept"),
        path("desk/removal-items/scheme/<uuid:membership>/leave/", item_pages.leave, name="removal_scheme_leave"),
        path(ITEM, item_pages.show, name="removal_item"),
        path(f"{ITEM}open/", item_pages.open_item, name="removal_item_opening"),
        path(f"{ITEM}item/", item_pages.item, name="removal_item_open"),
        path(f"{ITEM}decide/", item_pages.decide, name="removal_item_decide"),
        path(f"{ITEM}alert/", item_pages.answer_alert, name="removal_item_alert"),
        *work_urls(cases.ITEMS),
    ]
if "public" in settings.DESKS:
    urlpatterns += [
        *support_urls.PUBLIC,
        path("removal/", public_pages.choose_language, name="removal"),
        path("<slug:language>/removal/", public_pages.question, name="removal_question"),
        path("<slug:language>/removal/danger/", public_pages.danger, name="removal_danger"),
        path("<slug:language>/removal/for-somebody/", public_pages.for_somebody, name="removal_for_somebody"),
        path("<slug:language>/removal/pictures/", public_pages.pictures, name="removal_pictures"),
        path("<slug:language>/removal/fingerprints/", public_pages.fingerprints, name="removal_fingerprints"),
        path(f"{CASE}pause/", person_pages.pause, name="removal_pause"),
        path(f"{CASE}resume/", person_pages.resume, name="removal_resume"),
        path(f"{CASE}contact/", person_pages.choose_contact, name="removal_contact"),
        path(f"{CASE}mandates/", person_pages.end_mandates, name="removal_mandates_end"),
        path(f"{CASE}own-access/", person_pages.own_access, name="removal_own_access"),
    ]
