"""URL of the page on which a host answers a notice. The language is in the address: no cookie tells it."""

from django.urls import path

from tutela.takedown.web import link_pages

urlpatterns = [path("<slug:language>/notice-answer/<str:token>/", link_pages.host_answer, name="host_answer")]
