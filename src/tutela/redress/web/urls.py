"""URLs of redress: complaints, corrections, data subjects, figures, and the public pages."""

from django.conf import settings
from django.urls import path

from tutela.casework.web.public_urls import PLACE
from tutela.casework.web.work_urls import work_urls
from tutela.redress import cases
from tutela.redress.web import complaint_pages, drill_pages, ledger_pages, privacy_pages, public_pages, reversal_pages

COMPLAINT = "desk/complaints/<uuid:complaint>/"
REVERSAL = "desk/reversals/<uuid:reversal>/"
HOP = "desk/reversals/steps/<uuid:hop>/"
REQUEST = "desk/data-subjects/<uuid:data_request>/"
BREACH = "desk/breaches/<uuid:breach>/"
urlpatterns = [
    path("desk/complaints/", complaint_pages.list_complaints, name="complaints"),
    path("desk/complaints/new/", complaint_pages.enter, name="complaint_new"),
    path(COMPLAINT, complaint_pages.show, name="complaint"),
    path(f"{COMPLAINT}code/", complaint_pages.make_code, name="complaint_code"),
    path(f"{COMPLAINT}code/enter/", complaint_pages.enter_code, name="complaint_code_enter"),
    path(f"{COMPLAINT}number/", complaint_pages.compare_number, name="complaint_number"),
    path(f"{COMPLAINT}unproved/", complaint_pages.close_unproved, name="complaint_unproved"),
    path(f"{COMPLAINT}measure/", complaint_pages.record_measure, name="complaint_measure"),
    path(f"{COMPLAINT}decide/", complaint_pages.decide_complaint, name="complaint_decide"),
    path(f"{COMPLAINT}settlement/", complaint_pages.settle, name="complaint_settlement"),
    path(f"{COMPLAINT}warn/", complaint_pages.warn, name="complaint_warn"),
    path(f"{COMPLAINT}suspend/", complaint_pages.suspend, name="complaint_suspend"),
    path(f"{COMPLAINT}suspension/end/", complaint_pages.end_suspension, name="complaint_suspension_end"),
    path(f"{COMPLAINT}sent/", complaint_pages.sent, name="complaint_sent"),
    path("desk/reversals/", reversal_pages.list_reversals, name="reversals"),
    path(REVERSAL, reversal_pages.show, name="reversal"),
    path(f"{REVERSAL}accept/", reversal_pages.accept_reversal, name="reversal_accept"),
    path(f"{REVERSAL}keep/", reversal_pages.keep, name="reversal_keep"),
    path(f"{REVERSAL}alert/", reversal_pages.answer_alert, name="reversal_alert"),
    path(f"{HOP}answer/", reversal_pages.answer, name="reversal_hop_answer"),
    path(f"{HOP}told/", reversal_pages.told, name="reversal_hop_told"),
    path("desk/error-ledger/", ledger_pages.ledger, name="error_ledger"),
    path("desk/error-ledger/reviews/<uuid:source_review>/", ledger_pages.close_review, name="source_review_close"),
    path("desk/data-subjects/", privacy_pages.list_requests, name="data_requests"),
    path("desk/data-subjects/new/", privacy_pages.new_request, name="data_request_new"),
    path("desk/data-subjects/records/", privacy_pages.records, name="processing_records"),
    path("desk/data-subjects/hand-over/", privacy_pages.hand_over, name="hand_over"),
    path("desk/data-subjects/deadlines/", privacy_pages.deadlines, name="redress_deadlines"),
    path(REQUEST, privacy_pages.show_request, name="data_request"),
    path(f"{REQUEST}identify/", privacy_pages.identify, name="data_request_identify"),
    path(f"{REQUEST}case/", privacy_pages.name_case, name="data_request_case"),
    path(f"{REQUEST}extend/", privacy_pages.extend, name="data_request_extend"),
    path(f"{REQUEST}answer/", privacy_pages.answer, name="data_request_answer"),
    path("desk/drills/", drill_pages.list_drills, name="drills"),
    path("desk/drills/join/", drill_pages.join, name="drills_join"),
    path("desk/drills/leave/", drill_pages.leave, name="drills_leave"),
    path("desk/drills/<uuid:drill>/", drill_pages.show, name="drill"),
    path("desk/breaches/", privacy_pages.list_breaches, name="breaches"),
    path(BREACH, privacy_pages.show_breach, name="breach"),
    path(f"{BREACH}notify/", privacy_pages.notify, name="breach_notify"),
    path(f"{BREACH}alert/", privacy_pages.answer_breach_alert, name="breach_alert"),
    *work_urls(cases.COMPLAINTS),
    *work_urls(cases.REVERSALS),
]
if "public" in settings.DESKS:
    urlpatterns += [
        path("complaint/", public_pages.choose_language, name="public_complaint"),
        path("<slug:language>/complaint/", public_pages.choose_receiver, name="public_complaint_in"),
        path(f"{PLACE}answers/account/", public_pages.enter_code, name="complaint_account_code"),
        path("complaint-figures/", ledger_pages.public_figures, name="complaint_figures"),
        path("<slug:language>/complaint-figures/", ledger_pages.public_figures, name="complaint_figures_in"),
    ]
