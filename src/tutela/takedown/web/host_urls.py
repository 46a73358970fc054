"""URLs of the host's desk."""

from django.urls import path

from tutela.casework.web.work_urls import work_urls
from tutela.takedown.host_desk import host_cases
from tutela.takedown.web import database_pages, host_pages, statement_pages
from tutela.takedown.web.ledger import figure_pages
from tutela.takedown.web.orders import received_pages

NOTICE = "desk/hosting/<uuid:hosting>/"
ORDER = "desk/hosting/orders/<uuid:copy>/"
BATCH = "desk/hosting/database/<uuid:batch>/"
urlpatterns = [
    path("desk/hosting/", host_pages.list_notices, name="hosting"),
    path("desk/hosting/new/", host_pages.new, name="hosting_new"),
    path(NOTICE, host_pages.notice, name="hosting_notice"),
    path(f"{NOTICE}decide/", host_pages.decide, name="hosting_decide"),
    path(f"{NOTICE}restore/", host_pages.restore, name="hosting_restore"),
    path(f"{NOTICE}answer.txt", host_pages.answer_text, name="hosting_answer_text"),
    path(f"{NOTICE}answer.json", host_pages.answer_file, name="hosting_answer"),
    path(f"{NOTICE}flagger/", host_pages.flagger, name="hosting_flagger"),
    path(f"{NOTICE}statement/", statement_pages.state, name="hosting_state"),
    path(f"{NOTICE}statement.txt", statement_pages.as_text, name="hosting_statement_text"),
    path(f"{NOTICE}statement.json", statement_pages.as_json, name="hosting_statement_json"),
    path(f"{NOTICE}statement/email/", statement_pages.email, name="hosting_statement_email"),
    path("desk/hosting/figures/", figure_pages.own_lines, name="hosting_figures"),
    path("desk/hosting/database/", database_pages.database, name="hosting_database"),
    path("desk/hosting/database/new/", database_pages.make, name="hosting_database_make"),
    path(f"{BATCH}statements.json", database_pages.file, name="hosting_database_file"),
    path(f"{BATCH}answer/", database_pages.answer, name="hosting_database_answer"),
    path(f"{BATCH}again/", database_pages.requeue, name="hosting_database_requeue"),
    path("desk/hosting/orders/", received_pages.list_orders, name="hosting_orders"),
    path(ORDER, received_pages.show_order, name="hosting_order"),
    path(f"{ORDER}effect/", received_pages.give, name="hosting_order_effect"),
    path(f"{ORDER}execution/", received_pages.execute, name="hosting_order_execution"),
    path(f"{ORDER}impossible/", received_pages.impossible, name="hosting_order_impossible"),
    path(f"{ORDER}resume/", received_pages.resume, name="hosting_order_resume"),
    path(f"{ORDER}contest/", received_pages.contest, name="hosting_order_contest"),
    path(f"{ORDER}confirm/", received_pages.confirm, name="hosting_order_confirm"),
    path(f"{ORDER}order.json", received_pages.as_json, name="hosting_order_json"),
    path(f"{ORDER}order.pdf", received_pages.as_pdf, name="hosting_order_pdf"),
    path(f"{ORDER}answer.json", received_pages.answer_file, name="hosting_order_answer"),
    *work_urls(host_cases.CASES),
]
