"""URLs of the observatory."""

from django.urls import path

from tutela.observatory.web import (
    dashboard_pages,
    due_pages,
    figure_pages,
    import_pages,
    open_data_pages,
    public_pages,
    return_pages,
)

urlpatterns = [
    path("figures/", public_pages.overview, name="figures"),
    path("figures/definitions/", public_pages.definitions, name="figure_definitions"),
    path("figures/claims/", public_pages.claims, name="figure_claims"),
    path("figures/calculator/", public_pages.calculator, name="figure_calculator"),
    path("figures/dashboards/<slug:dashboard>/", dashboard_pages.dashboard, name="figure_dashboard"),
    path("figures/releases/<uuid:release>/", public_pages.release, name="figure_release"),
    path("figures/releases/<uuid:release>/file/", public_pages.release_file, name="figure_release_file"),
    path("open-data/", open_data_pages.index, name="open_data"),
    path("open-data/catalogue.jsonld", open_data_pages.catalogue_file, name="open_data_catalogue"),
    path("open-data/<slug:slug>/", open_data_pages.dataset, name="open_data_set"),
    path("open-data/<slug:slug>/<slug:version>/<str:name>", open_data_pages.data, name="open_data_file"),
    path("desk/figures/", figure_pages.figures, name="own_figures"),
    path("desk/figures/publish/", figure_pages.publish_period, name="publish_figures"),
    path("desk/figures/<uuid:release>/recompute/", figure_pages.recomputation, name="recompute_figures"),
    path("desk/figures/imports/", import_pages.list_imports, name="imports_of_figures"),
    path("desk/figures/imports/<uuid:figure_import>/", import_pages.show, name="import_of_figures"),
    path("desk/figures/due/", due_pages.due, name="figures_due"),
    path("desk/figures/due/claims/<slug:claim>/review/", due_pages.review_claim, name="review_claim"),
    path("desk/figures/due/claims/<slug:claim>/alert/", due_pages.answer_claim_alert, name="claim_alert"),
    path("desk/figures/due/<uuid:late_return>/alert/", due_pages.answer_return_alert, name="late_return_alert"),
    path("desk/returns/", return_pages.list_returns, name="returns"),
    path("desk/returns/received/", return_pages.receive, name="received_returns"),
    path("desk/returns/received/<slug:form>/<slug:period>/", return_pages.compare, name="compare_returns"),
    path("desk/returns/new/<slug:form>/<slug:period>/", return_pages.fill_in, name="return_form"),
    path("desk/returns/<uuid:filed_return>/", return_pages.show, name="return"),
    path("desk/returns/<uuid:filed_return>/file.<slug:ending>", return_pages.download, name="return_file"),
]
