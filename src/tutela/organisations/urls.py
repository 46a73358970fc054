"""Addresses of the organisation's pages."""

from django.urls import path

from tutela.organisations import act_pages, listing_pages, pages, recipient_pages, view_pages

urlpatterns = [
    path("desk/organisation/", pages.organisation, name="organisation"),
    path("desk/organisation/invite/", pages.invite, name="invite"),
    path("desk/organisation/invitations/<uuid:invitation>/withdraw/", pages.withdraw, name="withdraw"),
    path("desk/organisation/people/<uuid:person>/", pages.person, name="person"),
    path("desk/organisation/keys/new/", pages.key_new, name="key_new"),
    path("desk/organisation/keys/<uuid:key>/", pages.key_change, name="key_change"),
    path("desk/organisation/recipients/new/", recipient_pages.recipient_new, name="recipient_new"),
    path(
        "desk/organisation/recipients/<uuid:recipient>/revoke/",
        recipient_pages.recipient_revoke,
        name="recipient_revoke",
    ),
    path("desk/organisation/contacts/new/", pages.contact_new, name="contact_new"),
    path("desk/organisation/acts/", act_pages.rules, name="act_rules"),
    path("desk/acts/", act_pages.waiting, name="acts"),
    path("desk/acts/approvals/<uuid:approval>/approval.json", act_pages.approval, name="act_approval"),
    path("desk/acts/<uuid:act_request>/", act_pages.one, name="act"),
    path("desk/organisation/addresses/", pages.addresses, name="addresses"),
    path("desk/messages/", listing_pages.message_list, name="messages"),
    path("desk/messages/<uuid:message>/again/", listing_pages.message_again, name="message_again"),
    path("desk/directory/", listing_pages.directory_list, name="directory"),
    path("desk/directory/new/", pages.organisation_new, name="organisation_new"),
    path("desk/directory/<uuid:organisation>/", pages.organisation_entry, name="organisation_entry"),
    path("desk/you/", pages.you, name="you"),
    path("desk/you/address/", pages.address_new, name="address_new"),
    path("desk/you/address/code/", pages.address_confirm, name="address_confirm"),
    path("desk/you/sessions/", pages.sessions_end, name="sessions_end"),
    path("desk/views/save/", view_pages.save, name="view_save"),
    path("desk/views/<uuid:view>/remove/", view_pages.remove, name="view_remove"),
    path("desk/purpose/", pages.purpose, name="purpose"),
    path("join/<str:token>/", pages.join, name="join"),
]
