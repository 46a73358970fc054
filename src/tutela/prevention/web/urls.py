"""URLs of prevention. The language of a public page is in its address: no cookie tells it."""

from django.conf import settings
from django.urls import path

from tutela.prevention.web import (
    hub_pages,
    loop_pages,
    network_pages,
    outreach_pages,
    programme_pages,
    study_pages,
    text_pages,
    worried_pages,
)

PROGRAMME = "desk/prevention/programmes/<uuid:programme>/"
STUDY = "desk/prevention/studies/<uuid:study>/"
QUESTION = "desk/prevention/questions/<uuid:question>/"
MATERIAL = "desk/prevention/materials/<uuid:material>/"
CAMPAIGN = "desk/prevention/campaigns/<uuid:campaign>/"
NETWORK = "desk/prevention/network/"
HUB = "<slug:language>/prevention/"
urlpatterns = [
    path("desk/prevention/", programme_pages.list_programmes, name="prevention_programmes"),
    path("desk/prevention/new/", programme_pages.enter, name="prevention_programme_new"),
    path("desk/prevention/pack/", programme_pages.enter_pack, name="prevention_pack"),
    path("desk/prevention/coverage/", programme_pages.answer_coverage, name="prevention_coverage"),
    path(PROGRAMME, programme_pages.show, name="prevention_programme"),
    path(f"{PROGRAMME}edit/", programme_pages.edit, name="prevention_programme_edit"),
    path(f"{PROGRAMME}review/", programme_pages.review, name="prevention_programme_review"),
    path("desk/prevention/studies/", study_pages.list_studies, name="prevention_studies"),
    path("desk/prevention/studies/new/", study_pages.enter, name="prevention_study_new"),
    path("desk/prevention/studies/import/", study_pages.import_studies, name="prevention_import"),
    path("desk/prevention/questions/", loop_pages.list_questions, name="prevention_questions"),
    path(QUESTION, loop_pages.show_question, name="prevention_question"),
    path(f"{QUESTION}word/", loop_pages.word_question, name="prevention_question_word"),
    path(f"{QUESTION}step/", loop_pages.add_step, name="prevention_question_step"),
    path("desk/prevention/briefs/", loop_pages.list_briefs, name="prevention_briefs"),
    path("desk/prevention/materials/", outreach_pages.list_materials, name="prevention_materials"),
    path(MATERIAL, outreach_pages.show_material, name="prevention_material"),
    path(f"{MATERIAL}edit/", outreach_pages.edit_material, name="prevention_material_edit"),
    path(f"{MATERIAL}derive/", outreach_pages.derive_material, name="prevention_material_derive"),
    path(f"{MATERIAL}renew/", outreach_pages.renew_materials, name="prevention_material_renew"),
    path("desk/prevention/campaigns/", outreach_pages.list_campaigns, name="prevention_campaigns"),
    path(f"{CAMPAIGN}result/", outreach_pages.add_result, name="prevention_campaign_result"),
    path("desk/prevention/training/", outreach_pages.list_training, name="prevention_training"),
    path(NETWORK, network_pages.list_members, name="network"),
    path(f"{NETWORK}enter/", network_pages.enter_member, name="network_member"),
    path(f"{NETWORK}interests/", network_pages.state_interests, name="network_interests"),
    path(f"{NETWORK}leave/", network_pages.leave, name="network_leave"),
    path(f"{NETWORK}groups/", network_pages.list_groups, name="network_groups"),
    path(f"{NETWORK}groups/found/", network_pages.found_group, name="network_group"),
    path(f"{NETWORK}groups/step/", network_pages.step_group, name="network_group_step"),
    path(f"{NETWORK}groups/announce/", network_pages.announce, name="network_announce"),
    path(f"{NETWORK}groups/deliver/", network_pages.deliver, name="network_deliver"),
    path(f"{NETWORK}views/", network_pages.list_views, name="network_views"),
    path(f"{NETWORK}views/enter/", network_pages.offer_view, name="network_view"),
    path(f"{NETWORK}views/step/", network_pages.step_view, name="network_view_step"),
    path(f"{NETWORK}map/", network_pages.show_map, name="network_map"),
    path(f"{NETWORK}map/factor/", network_pages.enter_factor, name="network_factor"),
    path(f"{NETWORK}map/relief/", network_pages.add_relief, name="network_relief"),
    path("desk/prevention/texts/", text_pages.list_texts, name="prevention_texts"),
    path("desk/prevention/search/", text_pages.search_hub, name="prevention_search"),
    path("desk/prevention/overdue/", study_pages.list_overdue, name="prevention_overdue"),
    path(STUDY, study_pages.show, name="prevention_study"),
    path(f"{STUDY}edit/", study_pages.edit, name="prevention_study_edit"),
    path(f"{STUDY}result/", study_pages.add_result, name="prevention_study_result"),
    path(f"{STUDY}judge/", study_pages.judge_study, name="prevention_study_judge"),
    path(f"{STUDY}interest/", study_pages.state_interest, name="prevention_study_interest"),
    path(f"{STUDY}chase/", study_pages.chase, name="prevention_study_chase"),
]
if "public" in settings.DESKS:
    urlpatterns += [
        path("<slug:language>/worried/", worried_pages.show, name="worried"),
        path("<slug:language>/worried/<slug:topic>/", worried_pages.show, name="worried_page"),
        path("prevention/", hub_pages.choose_language, name="hub_start"),
        path("prevention/studies.<slug:format>", hub_pages.export, name="hub_export"),
        path("prevention/data.json", hub_pages.data, name="hub_data"),
        path(HUB, hub_pages.find, name="hub"),
        path(f"{HUB}coverage/", hub_pages.coverage, name="hub_coverage"),
        path(f"{HUB}rule/", hub_pages.rule, name="hub_rule"),
        path(f"{HUB}questions/", hub_pages.questions_page, name="hub_questions"),
        path(f"{HUB}briefs/", hub_pages.briefs_page, name="hub_briefs"),
        path(f"{HUB}network/", hub_pages.network_page, name="hub_network"),
        path(f"{HUB}overdue/", hub_pages.overdue, name="hub_overdue"),
        path(f"{HUB}studies/<uuid:study>/", hub_pages.study, name="hub_study"),
        path(f"{HUB}programmes/<slug:slug>/", hub_pages.programme, name="hub_programme"),
    ]
