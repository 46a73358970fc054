"""Addresses of the register's pages."""

from django.urls import path

from tutela.indicators import audit_pages, bulk_pages, foreign_pages, hashsharing, pages, passing_pages, public_pages

urlpatterns = [
    path("hashsharing/<slug:list_id>/v2/status", hashsharing.status, name="feed_status"),
    path("hashsharing/<slug:list_id>/v2/members", hashsharing.members, name="feed_members"),
    path("hashsharing/<slug:list_id>/v2/entries", hashsharing.entries, name="feed_entries"),
    path("hashsharing/<slug:list_id>/v2/feedback/<str:kind>/reasons", hashsharing.reasons, name="feed_reasons"),
    path(
        "hashsharing/<slug:list_id>/v2/entries/<int:member>/<str:entry>/<str:kind>/feedback",
        hashsharing.feedback,
        name="feed_feedback",
    ),
    path("hashsharing/<path:path>", hashsharing.unknown, name="feed_unknown"),
    path("desk/indicators/", pages.listing, name="indicators"),
    path("desk/indicators/propose/", pages.propose, name="indicator_propose"),
    path("desk/foreign/", foreign_pages.listing, name="foreign_lists"),
    path("desk/foreign/new/", foreign_pages.enter, name="foreign_list_new"),
    path("desk/foreign/<uuid:foreign_list>/", foreign_pages.one, name="foreign_list"),
    path("desk/foreign/<uuid:foreign_list>/pull/", foreign_pages.pull, name="foreign_list_pull"),
    path("desk/foreign/<uuid:foreign_list>/end/", foreign_pages.end, name="foreign_list_end"),
    path("desk/foreign/<uuid:foreign_list>/entries/", passing_pages.entries, name="foreign_entries"),
    path("desk/foreign/<uuid:foreign_list>/telling/", passing_pages.tell, name="foreign_tell"),
    path("desk/foreign/<uuid:foreign_list>/grants/new/", passing_pages.give, name="foreign_grant_new"),
    path(
        "desk/foreign/<uuid:foreign_list>/grants/<uuid:organisation>/end/", passing_pages.end, name="foreign_grant_end"
    ),
    path("desk/indicators/imports/", bulk_pages.listing, name="import_runs"),
    path("desk/indicators/imports/<uuid:run>/", bulk_pages.one, name="import_run"),
    path("desk/indicators/samples/", audit_pages.samples, name="audit_samples"),
    path("desk/indicators/samples/<uuid:sample>/", audit_pages.sample, name="audit_sample"),
    path("desk/indicators/samples/<uuid:sample>/close/", audit_pages.sample_close, name="audit_sample_close"),
    path("desk/indicators/samples/<uuid:sample>/sample.json", audit_pages.sample_file, name="audit_sample_file"),
    path("desk/indicators/review/", audit_pages.review, name="audit_review"),
    path("desk/indicators/releases/", pages.release_list, name="releases"),
    path("log/register-policy", public_pages.register_policy, name="register_policy"),
    path("log/register-policy/<int:version>", public_pages.policy_file, name="register_policy_file"),
    path("desk/indicators/floods/<uuid:hold>/", pages.flood_release, name="flood_release"),
    path("desk/indicators/quarantine/<uuid:quarantine>/", pages.quarantine_decide, name="quarantine_decide"),
    path("desk/indicators/<uuid:indicator>/decide/", pages.settle, name="indicator_decide"),
    path("desk/indicators/<uuid:indicator>/vote/", pages.vote, name="indicator_vote"),
    path("desk/indicators/alarms/", pages.alarm_list, name="edge_alarms"),
    path("desk/indicators/alarms/<uuid:alarm>/", pages.alarm_answer, name="edge_alarm_answer"),
    path("log/absent/<int:version>", public_pages.absent, name="log_absent"),
    path("log/canaries", public_pages.lawful_pictures, name="log_canaries"),
    path("desk/indicators/absence/", pages.absence, name="absence"),
    path("desk/indicators/grants/new/", pages.grant_new, name="grant_new"),
    path("desk/indicators/grants/<uuid:grant>/end/", pages.grant_end, name="grant_end"),
    path("desk/indicators/disputes/<uuid:dispute>/", pages.decide, name="dispute_decide"),
    path("desk/indicators/<uuid:indicator>/", pages.indicator, name="indicator"),
    path("desk/indicators/<uuid:indicator>/certifications.json", pages.certifications, name="indicator_certifications"),
    path("desk/indicators/<uuid:indicator>/certify/", pages.certify, name="indicator_certify"),
    path("desk/indicators/<uuid:indicator>/dispute/", pages.dispute, name="indicator_dispute"),
    path("desk/indicators/<uuid:indicator>/revoke/", pages.revoke, name="indicator_revoke"),
]
