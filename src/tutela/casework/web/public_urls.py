"""URLs of the anonymous channel. The language is in the address: no cookie and no header tells it."""

from django.conf import settings
from django.urls import path, register_converter

from tutela.casework.anonymous.kinds import NODE_MESSAGE
from tutela.casework.web import anonymous_pages, conversation_pages


class LanguageConverter:
    """A language that the catalogue has."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        if value not in dict(settings.LANGUAGES):
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")
PLACE = f"<language:language>/{NODE_MESSAGE.code}/"
KIND = {"kind": NODE_MESSAGE.code}
urlpatterns = [
    path(f"{NODE_MESSAGE.code}/", anonymous_pages.choose_language, KIND, name="anonymous"),
    path(PLACE, anonymous_pages.write, KIND, name="anonymous_write"),
    path(f"{PLACE}answers/", anonymous_pages.enter, KIND, name="anonymous_enter"),
    path(f"{PLACE}answers/add/", anonymous_pages.follow_up, KIND, name="anonymous_follow_up"),
    path("<language:language>/leave/", anonymous_pages.leave, name="anonymous_leave"),
    path("desk/conversations/", conversation_pages.conversation_list, name="conversations"),
    path("desk/conversations/<uuid:conversation>/", conversation_pages.conversation, name="conversation"),
    path("desk/conversations/<uuid:conversation>/answer/", conversation_pages.answer, name="conversation_answer"),
    path("desk/conversations/<uuid:conversation>/close/", conversation_pages.close, name="conversation_close"),
]
