"""URLs of the authority's desk."""

from django.urls import path

from tutela.casework.web.work_urls import work_urls
from tutela.investigations import cases
from tutela.investigations.web import deconfliction_pages, evidence_pages, referral_pages, resealing_pages, team_pages

urlpatterns = [
    path("desk/inbox/", referral_pages.inbox, name="inbox"),
    path("desk/inbox/teams/", team_pages.list_teams, name="teams"),
    path("desk/inbox/teams/<uuid:team>/end/", team_pages.end, name="team_end"),
    path("desk/inbox/assign/", team_pages.assign, name="referrals_assign"),
    path("desk/inbox/outcomes/", team_pages.outcomes, name="outcomes_table"),
    path("desk/inbox/resealing/", resealing_pages.list_resealing, name="resealing"),
    path("desk/inbox/resealing/files.json", resealing_pages.named, name="resealing_json"),
    path("desk/inbox/resealing/<uuid:file>/", resealing_pages.misaddressed, name="resealing_file"),
    path(
        "desk/inbox/resealing/<uuid:file>/reseal/",
        resealing_pages.hand_in_misaddressed,
        name="resealing_hand_in_misaddressed",
    ),
    path("desk/inbox/<uuid:referral>/evidence/<uuid:file>/reseal/", resealing_pages.hand_in, name="resealing_hand_in"),
    path("desk/inbox/<uuid:referral>/", referral_pages.referral, name="referral"),
    path("desk/inbox/<uuid:referral>/package.json", referral_pages.package, {"form": "json"}, name="referral_json"),
    path("desk/inbox/<uuid:referral>/package.pdf", referral_pages.package, {"form": "pdf"}, name="referral_pdf"),
    path("desk/inbox/<uuid:referral>/evidence/", evidence_pages.files, name="referral_files"),
    path("desk/inbox/<uuid:referral>/evidence/<uuid:file>/", evidence_pages.file, name="referral_file"),
    path("desk/inbox/<uuid:referral>/package.zip", evidence_pages.whole, name="referral_archive"),
    path("desk/inbox/<uuid:referral>/package.stix.json", evidence_pages.stix_bundle, name="referral_stix"),
    path("desk/inbox/<uuid:referral>/acknowledge/", referral_pages.acknowledge, name="referral_acknowledge"),
    path("desk/inbox/<uuid:referral>/return/", referral_pages.give_back, name="referral_return"),
    path("desk/inbox/<uuid:referral>/outcome/", referral_pages.outcome, name="referral_outcome"),
    path("desk/inbox/<uuid:referral>/hold/", referral_pages.hold, name="referral_hold"),
    path("desk/inbox/<uuid:referral>/hold/end/", referral_pages.hold_end, name="referral_hold_end"),
    path("desk/deconfliction/", deconfliction_pages.overview, name="deconfliction"),
    path("desk/deconfliction/part/", deconfliction_pages.part, name="deconfliction_part"),
    path("desk/deconfliction/ask/", deconfliction_pages.ask, name="deconfliction_ask"),
    path("desk/deconfliction/identifiers/", deconfliction_pages.hold, name="deconfliction_hold"),
    path(
        "desk/deconfliction/identifiers/<uuid:identifier>/remove/",
        deconfliction_pages.remove,
        name="deconfliction_remove",
    ),
    path("desk/deconfliction/hits/<uuid:hit>/contact/", deconfliction_pages.contact, name="deconfliction_contact"),
    path("desk/deconfliction/requests/", deconfliction_pages.requests, name="contact_requests"),
    path("desk/deconfliction/requests/<uuid:wanted>/", deconfliction_pages.decide, name="deconfliction_decide"),
    *work_urls(cases.CASES),
]
