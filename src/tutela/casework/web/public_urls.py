"""URLs of the anonymous channel, for each kind of conversation. The language is in the address: no cookie tells it."""

from django.urls import path, register_converter

from tutela.casework.anonymous import kinds
from tutela.casework.public_languages import catalogue
from tutela.casework.web import anonymous_pages, conversation_pages


class LanguageConverter:
    """A language that the catalogue has."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        if value not in catalogue.CODES:
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


class KindConverter:
    """A registered kind of conversation that somebody on this node receives."""

    regex = "[a-z-]{1,30}"

    def to_python(self, value: str) -> str:
        if not kinds.known(value):
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")
register_converter(KindConverter, "conversation")
PLACE = "<language:language>/<conversation:kind>/"
urlpatterns = [
    path("<conversation:kind>/", anonymous_pages.choose_language, name="anonymous"),
    path("<language:language>/leave/", anonymous_pages.leave, name="anonymous_leave"),
    path(PLACE, anonymous_pages.write, name="anonymous_write"),
    path(f"{PLACE}answers/", anonymous_pages.enter, name="anonymous_enter"),
    path(f"{PLACE}answers/add/", anonymous_pages.follow_up, name="anonymous_follow_up"),
    path(f"{PLACE}shown/<str:token>/", anonymous_pages.shown, name="anonymous_shown"),
    path(f"{PLACE}answers/withdraw/", anonymous_pages.withdraw, name="anonymous_withdraw"),
    path("desk/conversations/", conversation_pages.conversation_list, name="conversations"),
    path(
        "desk/conversations/reserve/<uuid:group>/alert/",
        conversation_pages.answer_reserve,
        name="conversation_reserve_alert",
    ),
    path("desk/conversations/<uuid:conversation>/", conversation_pages.conversation, name="conversation"),
    path("desk/conversations/<uuid:conversation>/answer/", conversation_pages.answer, name="conversation_answer"),
    path("desk/conversations/<uuid:conversation>/close/", conversation_pages.close, name="conversation_close"),
]
