"""URLs of the law pages."""

from django.urls import path

from tutela.law.web import basis_pages, pages

urlpatterns = [
    path("law/", pages.state_of_the_law, name="law_state"),
    path("law/classification/", pages.classification, name="classification"),
    path("desk/classification/", pages.import_scheme, name="classification_import"),
    path("desk/bases/", basis_pages.basis_list, name="bases"),
    path("desk/bases/<str:basis>/confirm/", basis_pages.confirm, name="basis_confirm"),
    path("desk/bases/<str:basis>/end/", basis_pages.end, name="basis_end"),
    path("desk/law/measures/", pages.measure_list, name="law_measures"),
    path("desk/law/", pages.desk, name="law_desk"),
    path("desk/law/<path:code>/", pages.act, name="law_act"),
]
