"""URLs of the organisation's pages."""

from django.urls import path

from tutela.organisations.web import (
    account_pages,
    api_key_pages,
    guarded_act_pages,
    message_pages,
    organisation_pages,
    people_pages,
    recipient_pages,
    role_pages,
    saved_view_pages,
)

urlpatterns = [
    path("desk/organisation/", organisation_pages.organisation, name="organisation"),
    path("desk/organisation/roles/", role_pages.role_list, name="roles"),
    path("desk/organisation/invite/", people_pages.invite, name="invite"),
    path("desk/organisation/invitations/<uuid:invitation>/withdraw/", people_pages.withdraw, name="withdraw"),
    path("desk/organisation/people/<uuid:person>/", people_pages.person, name="person"),
    path("desk/organisation/keys/new/", api_key_pages.key_new, name="key_new"),
    path("desk/organisation/keys/<uuid:key>/", api_key_pages.key_change, name="key_change"),
    path("desk/organisation/recipients/new/", recipient_pages.recipient_new, name="recipient_new"),
    path(
        "desk/organisation/recipients/<uuid:recipient>/revoke/",
        recipient_pages.recipient_revoke,
        name="recipient_revoke",
    ),
    path("desk/organisation/contacts/new/", organisation_pages.contact_new, name="contact_new"),
    path("desk/organisation/approval-rules/", guarded_act_pages.rules, name="act_rules"),
    path("desk/approvals/", guarded_act_pages.list_pending_acts, name="acts"),
    path("desk/approvals/files/<uuid:approval>/approval.json", guarded_act_pages.approval, name="act_approval"),
    path("desk/approvals/<uuid:act_request>/", guarded_act_pages.one, name="act"),
    path("desk/organisation/addresses/", organisation_pages.addresses, name="addresses"),
    path("desk/messages/", message_pages.message_list, name="messages"),
    path("desk/messages/<uuid:message>/again/", message_pages.message_again, name="message_again"),
    path("desk/directory/", message_pages.directory_list, name="directory"),
    path("desk/directory/new/", organisation_pages.organisation_new, name="organisation_new"),
    path("desk/directory/<uuid:organisation>/", organisation_pages.organisation_entry, name="organisation_entry"),
    path("desk/you/", account_pages.you, name="you"),
    path("desk/you/address/", account_pages.address_new, name="address_new"),
    path("desk/you/address/code/", account_pages.address_confirm, name="address_confirm"),
    path("desk/you/sessions/", account_pages.sessions_end, name="sessions_end"),
    path("desk/views/save/", saved_view_pages.save, name="view_save"),
    path("desk/views/<uuid:view>/remove/", saved_view_pages.remove, name="view_remove"),
    path("desk/purpose/", account_pages.purpose, name="purpose"),
    path("new-password/<str:token>/", people_pages.new_password, name="new_password"),
    path("join/<str:token>/", people_pages.join, name="join"),
]
