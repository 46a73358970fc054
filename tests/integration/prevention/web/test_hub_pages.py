"""Public pages of the hub, and the desk behind them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

from django.test import Client

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.events.transaction import acting
from tutela.prevention.hub import search
from tutela.prevention.models import Programme


def test_public_pages_show_harm_first_with_its_plot(cast: Cast, client: Client) -> None:
    curators = Curators(cast)
    harmful, good = curators.programme("Wombat zebra"), curators.programme("Wombat acorn")
    curators.judged(curators.trial(harmful, (1.25, 1.05, 1.49)))
    curators.judged(curators.trial(good, (0.6, 0.4, 0.9)))
    page = client.get("/en/prevention/?q=wombat").content.decode()
    assert page.index("Wombat zebra") < page.index("Wombat acorn")
    with acting(curators.first):
        slug = Programme.objects.values_list("slug", flat=True).get(pk=harmful)
    page = client.get(f"/en/prevention/programmes/{slug}/").content.decode()
    assert "harm shown" in page
    assert "<svg" in page
    assert "1.25" in page


def test_every_public_page_is_shown_and_files_are_had(cast: Cast, client: Client) -> None:
    curators = Curators(cast)
    study = curators.trial(curators.programme("Dugong"), (0.6, 0.4, 0.9), title="Dugong trial")
    for address in ("", "coverage/", "rule/", "overdue/", "questions/", "briefs/", f"studies/{study}/"):
        answer = client.get(f"/en/prevention/{address}")
        assert answer.status_code == 200, address
        assert not answer.cookies
    for kind in ("ris", "bib", "json"):
        assert "Dugong trial" in client.get(f"/prevention/studies.{kind}?q=dugong").content.decode()
    found = json.loads(client.get("/prevention/data.json?q=dugong").content)
    assert len(found["entries"]) == 2


def test_a_language_of_other_public_pages_leads_to_the_hub_and_an_unknown_one_nowhere(
    cast: Cast, client: Client
) -> None:
    Curators(cast)
    for address, to in {
        "/de/prevention/": "/en/prevention/",
        "/ar/prevention/?q=dugong&kind=study": "/en/prevention/?q=dugong&kind=study",
        "/de/prevention/programmes/dugong/": "/en/prevention/programmes/dugong/",
    }.items():
        assert client.get("/de/worried/").status_code == 200, "the language is offered elsewhere"
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, to)
    assert client.get("/xx/prevention/").status_code == 404


def test_a_curator_enters_a_programme_and_judges_a_study_by_the_pages(cast: Cast) -> None:
    client = cast.client(cast.centre, "analyst")
    curators = Curators(cast)
    made = client.post(
        "/desk/prevention/new/",
        {
            "name": "Numbat course",
            "language": "en",
            "stages": ["before"],
            "targets": ["worried"],
            "status": "running",
            "countries": "se de",
            "source": "a report",
        },
    )
    assert made.status_code == 302, made.content.decode()[:2000]
    assert client.get(made["Location"]).status_code == 200
    study = curators.trial(curators.programme(), (0.6, 0.4, 0.9), published=date(2024, 1, 1))
    levels = dict.fromkeys(("allocation", "deviation", "missing", "measurement", "reporting"), "low")
    assert client.post(f"/desk/prevention/studies/{study}/judge/", levels).status_code == 302
    desk = ("", "studies/", f"studies/{study}/", f"studies/{study}/edit/", "overdue/", "questions/", "briefs/")
    for address in (*desk, "materials/", "campaigns/", "training/"):
        assert client.get(f"/desk/prevention/{address}").status_code == 200, address


def test_the_desk_does_not_exist_for_others(cast: Cast) -> None:
    client = cast.client(cast.hotline_ie, "analyst")
    assert client.get("/desk/prevention/").status_code == 404


def test_a_curator_searches_and_takes_all_results_as_a_file(cast: Cast) -> None:
    curators = Curators(cast)
    names = [f"Narwhal {number}" for number in range(search.ROWS + 2)]
    for name in names:
        curators.programme(name)
    desk = cast.client(cast.centre, "analyst")
    page = desk.get("/desk/prevention/search/?q=narwhal").content.decode()
    assert page.count("Narwhal") == search.ROWS
    lines = list(csv.reader(io.StringIO(desk.get("/desk/prevention/search/?q=narwhal&format=csv").content.decode())))
    assert lines[0] == ["kind", "title", "grade", "id"]
    assert len(lines) == 1 + len(names)


def test_a_mistyped_address_of_the_evidence_says_that_there_is_no_page(client: Client) -> None:
    for address in ("programmes/no-such/", "studies/1/", "nothing/"):
        answer = client.get(f"/en/prevention/{address}")
        assert answer.status_code == 404
        assert "The address may be mistyped" in answer.content.decode()
        assert not answer.cookies
