"""URLs of the support desk: information requests, support cases, vault, helpline, library, survivors' voices."""

from django.urls import path

from tutela.casework.web.public_urls import PLACE
from tutela.casework.web.work_urls import work_urls
from tutela.victims import support_cases
from tutela.victims.web import (
    helpline_pages,
    information_pages,
    support_pages,
    support_person_pages,
    vault_pages,
    voice_pages,
)

INFORMATION = "desk/information/<uuid:information>/"
SUPPORT = "desk/support/<uuid:support>/"
VAULT_KEY = "desk/support/vault/<uuid:vault_key>/"
VOICE = "desk/support/voices/<uuid:survivor_input>/"
CASE = f"{PLACE}answers/"
DESK = [
    path("desk/information/", information_pages.list_requests, name="information_requests"),
    path("desk/information/new/", information_pages.enter, name="information_new"),
    path(INFORMATION, information_pages.show, name="information_request"),
    path(f"{INFORMATION}identity/", information_pages.check_identity, name="information_identity"),
    path(f"{INFORMATION}proof/", information_pages.delete_proof, name="information_proof"),
    path(f"{INFORMATION}items/", information_pages.add_items, name="information_items"),
    path(f"{INFORMATION}own/", information_pages.decide_own, name="information_own"),
    path(f"{INFORMATION}facts/", information_pages.add_fact, name="information_fact"),
    path(f"{INFORMATION}sightings/", information_pages.add_sighting, name="information_sighting"),
    path(f"{INFORMATION}sightings/letter/", information_pages.record_letter, name="information_sighting_letter"),
    path(f"{INFORMATION}wish/", information_pages.record_wish, name="information_wish"),
    path(f"{INFORMATION}asker/", information_pages.record_asker, name="information_asker"),
    path(f"{INFORMATION}conflict/", information_pages.record_conflict, name="information_conflict"),
    path(f"{INFORMATION}hold/", information_pages.place_hold, name="information_hold"),
    path(f"{INFORMATION}answer/", information_pages.answer, name="information_answer"),
    path(f"{INFORMATION}neutral/", information_pages.answer_neutral, name="information_neutral"),
    path(f"{INFORMATION}alert/", information_pages.answer_alert, name="information_alert"),
    *work_urls(support_cases.INFORMATION),
    path("desk/support/", support_pages.list_cases, name="support_cases"),
    path("desk/support/new/", support_pages.enter, name="support_new"),
    path("desk/support/vault/", vault_pages.show, name="vault"),
    path("desk/support/vault/enrol/", vault_pages.enrol, name="vault_enrol"),
    path(f"{VAULT_KEY}admit/", vault_pages.admit, name="vault_admit"),
    path(f"{VAULT_KEY}end/", vault_pages.end, name="vault_end"),
    path("desk/support/library/", helpline_pages.library, name="support_library"),
    path("desk/support/voices/", voice_pages.voices, name="survivor_voices"),
    path("desk/support/voices/enter/", voice_pages.enter, name="voice_enter"),
    path("desk/support/voices/meetings/", voice_pages.add_meeting, name="voice_meeting"),
    path(f"{VOICE}change/", voice_pages.add_change, name="voice_change"),
    path(f"{VOICE}withdraw/", voice_pages.withdraw, name="voice_withdraw"),
    path(SUPPORT, support_pages.show, name="support_case"),
    path(f"{SUPPORT}wish/", support_pages.choose, name="support_wish"),
    path(f"{SUPPORT}assess/", support_pages.assess, name="support_assess"),
    path(f"{SUPPORT}services/", support_pages.offer, name="support_offer"),
    path(f"{SUPPORT}services/<uuid:service_row>/", support_pages.change_service, name="support_service"),
    path(f"{SUPPORT}interviews/", support_pages.add_interview, name="support_interview"),
    path(f"{SUPPORT}care/", support_pages.change_care, name="support_care"),
    path(f"{SUPPORT}hand-over/", support_pages.hand_over, name="support_hand_over"),
    path(f"{SUPPORT}identity/", vault_pages.identity, name="vault_identity"),
    path(f"{SUPPORT}identity/store/", vault_pages.store, name="vault_store"),
    path(f"{SUPPORT}identity/open/", vault_pages.open_identity, name="vault_open"),
    path(f"{SUPPORT}close/", support_pages.close, name="support_close"),
    path(f"{SUPPORT}reopen/", support_pages.reopen, name="support_reopen"),
    path(f"{SUPPORT}alert/", support_pages.answer_alert, name="support_alert"),
    *work_urls(support_cases.SUPPORT),
    path("desk/helpline/", helpline_pages.helpline, name="helpline"),
    path("desk/helpline/returns/", helpline_pages.make_return, name="helpline_return_new"),
    path("desk/helpline/returns/<uuid:quarterly_return>/", helpline_pages.show_return, name="helpline_return"),
]
PUBLIC = [
    path(f"{CASE}notify/", support_person_pages.notify, name="information_notify"),
    path(f"{CASE}wish/", support_person_pages.wish, name="support_person_wish"),
    path(f"{CASE}consent/", support_person_pages.consent, name="voice_consent"),
    path(f"{CASE}format/", support_person_pages.answer_format, name="information_format"),
]
