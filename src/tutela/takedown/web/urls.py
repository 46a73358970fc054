"""URLs of the hotline's desk, and of the public report page."""

from django.urls import path

from tutela.casework.web.work_urls import work_urls
from tutela.takedown import cases
from tutela.takedown.web import (
    case_pages,
    import_pages,
    mandate_pages,
    notice_pages,
    police_pages,
    public_pages,
    vantage_pages,
)
from tutela.takedown.web.examination import item_pages, machine_pages
from tutela.takedown.web.ledger import figure_pages, ledger_pages, payment_pages
from tutela.takedown.web.orders import request_pages
from tutela.takedown.web.partners import case_file_pages, partner_pages

CASE = "desk/takedown/<uuid:case>/"
POINT = "desk/takedown/vantage-points/<uuid:point>/"
MANDATE = "desk/takedown/proactive/<uuid:search_mandate>/"
NOTICE = "desk/takedown/notices/<uuid:notice>/"
MACHINE = "desk/takedown/machines/<uuid:machine>/"
PARTNER = "desk/takedown/partners/<uuid:partner>/"
FILE = "desk/takedown/partners/files/<uuid:case_file>/"
urlpatterns = [
    path("report/", public_pages.choose_language, name="public_report"),
    path("<slug:language>/report/", public_pages.question, name="public_report_question"),
    path("takedown-figures/", figure_pages.figures, name="takedown_figures"),
    path("<slug:language>/takedown-figures/", figure_pages.figures, name="takedown_figures_in"),
    path("desk/takedown/", case_pages.list_cases, name="takedown"),
    path("desk/takedown/new/", case_pages.enter, name="takedown_new"),
    path("desk/takedown/imports/", import_pages.list_imports, name="takedown_imports"),
    path("desk/takedown/imports/new/", import_pages.upload, name="takedown_import_new"),
    path("desk/takedown/imports/<uuid:backlog>/", import_pages.one, name="takedown_import"),
    path("desk/takedown/ledger/", ledger_pages.ledger, name="takedown_ledger"),
    path("desk/takedown/ledger/yearly-report/", ledger_pages.yearly, name="takedown_yearly_report"),
    path("desk/takedown/payments/", payment_pages.payments, name="takedown_payments"),
    path("desk/takedown/proactive/", mandate_pages.mandates, name="search_mandates"),
    path(f"{MANDATE}confirm/", mandate_pages.confirm, name="search_mandate_confirm"),
    path(f"{MANDATE}end/", mandate_pages.end, name="search_mandate_end"),
    path("desk/takedown/waits/", police_pages.waits, name="notice_waits"),
    path("desk/takedown/vantage-points/", vantage_pages.points, name="vantage_points"),
    path(f"{POINT}remove/", vantage_pages.remove, name="vantage_remove"),
    path(f"{POINT}tasks/", vantage_pages.tasks, name="vantage_tasks"),
    path(f"{POINT}answers/", vantage_pages.answers, name="vantage_answers"),
    path("desk/takedown/machines/", machine_pages.list_machines, name="analyst_machines"),
    path(f"{MACHINE}confirm/", machine_pages.confirm, name="analyst_machine_confirm"),
    path(f"{MACHINE}remove/", machine_pages.remove, name="analyst_machine_remove"),
    path("desk/takedown/partners/", partner_pages.partners, name="takedown_partners"),
    path("desk/takedown/partners/new/", partner_pages.new, name="takedown_partner_new"),
    path("desk/takedown/partners/files/", case_file_pages.files, name="takedown_case_files"),
    path(FILE, case_file_pages.preview, name="takedown_case_file"),
    path(f"{FILE}import/", case_file_pages.import_file, name="takedown_case_file_import"),
    path(f"{FILE}delete/", case_file_pages.discard, name="takedown_case_file_discard"),
    path(f"{PARTNER}key/", partner_pages.key_enter, name="takedown_partner_key"),
    path(f"{PARTNER}issue/", partner_pages.key_issue, name="takedown_partner_issue"),
    path(f"{PARTNER}end/", partner_pages.end, name="takedown_partner_end"),
    path(CASE, case_pages.case, name="takedown_case"),
    path(f"{CASE}assess/", case_pages.assess, name="takedown_assess"),
    path(f"{CASE}examination/task/", item_pages.task, name="takedown_examination_task"),
    path(f"{CASE}examination/result/", item_pages.result, name="takedown_examination_result"),
    path(f"{CASE}examination/files/", item_pages.assess, name="takedown_items_assess"),
    path(f"{CASE}trace/", case_pages.trace_host, name="takedown_trace"),
    path(f"{CASE}conditions/", case_pages.conditions, name="takedown_conditions"),
    path(f"{CASE}recheck/", case_pages.recheck, name="takedown_recheck"),
    path(f"{CASE}seen/", case_pages.seen, name="takedown_seen"),
    path(f"{CASE}alert/", case_pages.answer_alert, name="takedown_alert"),
    path(f"{CASE}police/", police_pages.report, name="takedown_police"),
    path(f"{CASE}evidence/", police_pages.evidence, name="takedown_evidence"),
    path(f"{CASE}hand-over/", police_pages.hand_over, name="takedown_hand_over"),
    path(f"{CASE}hold/", police_pages.hold, name="takedown_hold"),
    path(f"{CASE}hold/end/", police_pages.hold_end, name="takedown_hold_end"),
    path(f"{CASE}order-request/", request_pages.ask, name="takedown_order_request"),
    path(f"{CASE}partner/", partner_pages.send, name="takedown_partner_send"),
    path(f"{CASE}partner/back/", partner_pages.take_back, name="takedown_partner_back"),
    path(f"{CASE}iccam.json", case_file_pages.export, name="takedown_case_iccam"),
    path(f"{CASE}notice/", notice_pages.queue, name="takedown_notice"),
    path(f"{NOTICE}notice.txt", notice_pages.text, name="takedown_notice_text"),
    path(f"{NOTICE}notice.xarf.json", notice_pages.xarf_file, name="takedown_notice_xarf"),
    path(f"{NOTICE}cancel/", notice_pages.cancel, name="takedown_notice_cancel"),
    path(f"{NOTICE}release/", notice_pages.release, name="takedown_notice_release"),
    path(f"{NOTICE}answer/", notice_pages.answer, name="takedown_notice_answer"),
    *work_urls(cases.CASES),
]
