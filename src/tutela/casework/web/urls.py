"""URLs of the search over all desks."""

from django.urls import path

from tutela.casework.web import search_pages

urlpatterns = [
    path("desk/search/", search_pages.search, name="search"),
    path("desk/search/samples/", search_pages.list_samples, name="search_samples"),
    path("desk/search/samples/<uuid:search_sample>/", search_pages.check_sample, name="search_sample_check"),
]
