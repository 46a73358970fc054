"""Addresses of the provider's desk."""

from django.urls import path

from tutela.detection.pages import candidates, drafts, figures, informing, lists, tips

urlpatterns = [
    path("desk/candidates/", candidates.listing, name="candidates"),
    path("desk/candidates/<uuid:candidate>/", candidates.candidate, name="candidate"),
    path("desk/candidates/<uuid:candidate>/open/", candidates.open_item, name="candidate_open"),
    path("desk/candidates/<uuid:candidate>/item/", candidates.item, name="candidate_item"),
    path("desk/candidates/<uuid:candidate>/review/", candidates.decide, name="candidate_decide"),
    path("desk/candidates/<uuid:candidate>/urgent/", candidates.urgent, name="candidate_urgent"),
    path("desk/drafts/", drafts.listing, name="drafts"),
    path("desk/drafts/new/", drafts.manual, name="draft_new"),
    path("desk/drafts/outcomes/", figures.outcomes, name="draft_outcomes"),
    path("desk/drafts/<uuid:draft>/", drafts.draft, name="draft"),
    path("desk/drafts/<uuid:draft>/edit/", drafts.edit, name="draft_edit"),
    path("desk/drafts/<uuid:draft>/send/", drafts.send, name="draft_send"),
    path("desk/drafts/<uuid:draft>/discard/", drafts.discard, name="draft_discard"),
    path("desk/drafts/informing/", informing.listing, name="informing"),
    path("desk/drafts/<uuid:draft>/informing/", informing.telling, name="draft_informing"),
    path("desk/drafts/<uuid:draft>/informing.txt", informing.as_text, name="draft_informing_text"),
    path("desk/drafts/<uuid:draft>/informed/", informing.told, name="draft_informed"),
    path("desk/drafts/<uuid:draft>/notification.json", drafts.as_json, name="draft_json"),
    path("desk/drafts/<uuid:draft>/notification/<uuid:authority>.pdf", drafts.as_pdf, name="draft_pdf"),
    path("desk/drafts/<uuid:draft>/dispatch/", drafts.dispatch, name="draft_dispatch"),
    path("desk/drafts/<uuid:draft>/recipients/", tips.recipients, name="draft_recipients"),
    path("desk/drafts/<uuid:draft>/tip/", tips.send, name="draft_tip"),
    path("desk/drafts/<uuid:draft>/tip/retract/", tips.retract, name="draft_tip_retract"),
    path("desk/lists/cybertip/", tips.accounts, name="tip_accounts"),
    path("desk/lists/cybertip/switch/", tips.switch, name="tip_switch"),
    path("desk/lists/cybertip/ask/", tips.ask, name="tip_ask"),
    path("desk/lists/", lists.lists, name="lists"),
    path("desk/lists/services/new/", lists.service_new, name="service_new"),
    path("desk/lists/services/<uuid:service>/", lists.service, name="service"),
    path("desk/lists/services/<uuid:service>/key/", lists.link_key, name="service_key"),
    path("desk/lists/identity/", lists.identity_page, name="identity"),
    path("desk/lists/sources/", lists.source, name="source_note"),
    path("desk/lists/join/", lists.join, name="centre_join"),
    path("desk/lists/authorities/", lists.authority_list, name="authorities"),
    path("desk/lists/authorities/seed/", lists.authority_seed, name="authorities_seed"),
    path("desk/lists/authorities/<uuid:address>/end/", lists.authority_end, name="authority_end"),
]
