"""URLs of the law pages."""

from django.urls import path

from tutela.law.web import pages

urlpatterns = [
    path("law/", pages.state_of_the_law, name="law_state"),
    path("law/classification/", pages.classification, name="classification"),
    path("desk/classification/", pages.import_scheme, name="classification_import"),
    path("desk/law/", pages.desk, name="law_desk"),
    path("desk/law/<path:code>/", pages.act, name="law_act"),
]
