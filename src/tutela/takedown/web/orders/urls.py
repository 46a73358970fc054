"""URLs of an authority's orders."""

from django.urls import path

from tutela.takedown.web.orders import order_pages, request_pages

ORDER = "desk/orders/<uuid:order>/"
COPY = "desk/orders/copies/<uuid:issued_copy>/"
REQUEST = "desk/orders/requests/<uuid:order_request>/"
urlpatterns = [
    path("desk/orders/", order_pages.list_orders, name="orders"),
    path("desk/orders/new/<slug:order_kind>/", order_pages.new, name="order_new"),
    path("desk/orders/requests/", request_pages.list_requests, name="order_requests"),
    path(REQUEST, request_pages.one, name="order_request"),
    path(f"{REQUEST}decline/", request_pages.decline, name="order_request_decline"),
    path(ORDER, order_pages.show_order, name="order"),
    path(f"{ORDER}withdraw/", order_pages.withdraw_order, name="order_withdraw"),
    path(f"{COPY}clarify/", order_pages.clarify, name="order_clarify"),
    path(f"{COPY}order.json", order_pages.as_json, name="order_json"),
    path(f"{COPY}order.pdf", order_pages.as_pdf, name="order_pdf"),
    path(f"{COPY}answer.json", order_pages.answer_file, name="order_answer"),
]
