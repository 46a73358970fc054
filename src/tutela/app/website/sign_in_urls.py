"""Sign-in URLs that this node uses.

The sign-in library has more pages: signing up, adding e-mail addresses, connections, sessions. People join by
invitation and change their address at the desk, so none of these pages exists here. Names that the library resolves
without visiting them keep their URL, which answers 404.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.forms import ResetPasswordForm
from allauth.socialaccount import views as social
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, re_path

from tutela.organisations.people import password_resets, sign_in_limits


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]
    """The library's form, but for its look at who has the address."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])


class Reset(account.PasswordResetView):  # type: ignore[misc]
    """Asking for a link is the same for everybody; whether one is sent is found out later."""

    def get_form_class(self) -> type[PasswordResetForm]:
        return PasswordResetForm

    def form_valid(self, form: Any) -> HttpResponseBase:
        password_resets.ask(form.cleaned_data["email"])
        return redirect(self.get_success_url())


_reset = Reset.as_view()


def reset(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link with which one sets a new password; so often, and no oftener."""
    if request.method == "POST":
        sign_in_limits.take_reset(request, request.POST.get("email", ""))
    answer: HttpResponseBase = _reset(request)
    return answer


def change(request: HttpRequest) -> HttpResponseBase:
    """Change one's password, which asks for the one before."""
    if request.method == "POST" and request.user.is_authenticated:
        sign_in_limits.take_change(str(request.user.pk))
    answer: HttpResponseBase = account.password_change(request)
    return answer


def not_here(request: HttpRequest, **_: Any) -> HttpResponseBase:
    """A page of the library that this node does not have."""
    raise Http404


_UNUSED = (
    "account_signup",
    "account_email",
    "account_set_password",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "socialaccount_connections",
    "socialaccount_signup",
    "usersessions_list",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", change, name="account_change_password"),
    path("password/reset/", reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    *(path(f"unused/{name}/", not_here, name=name) for name in _UNUSED),
]
if settings.CONFIG.oidc_issuer:
    urlpatterns += [
        path("3rdparty/login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("3rdparty/login/error/", social.login_error, name="socialaccount_login_error"),
        path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
