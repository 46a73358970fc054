"""Forms for one-time codes in the sign-in library, with limits that all processes of a node share."""

from __future__ import annotations

from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms

from tutela.organisations.errors import TooManyAttempts
from tutela.organisations.people import sign_in_limits


class _Limited:
    """A code is counted before it is read, and is accepted once."""

    def clean_code(self) -> str:
        try:
            sign_in_limits.take_code(self.user)  # type: ignore[attr-defined]
        except TooManyAttempts:
            raise account_adapter().validation_error("too_many_login_attempts") from None
        code: str = super().clean_code()  # type: ignore[misc]
        if not sign_in_limits.code_succeeded(self.user, code):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_Limited, forms.AuthenticateForm):  # type: ignore[misc]
    """The code with which somebody signs in."""


class ReauthenticateForm(_Limited, forms.ReauthenticateForm):  # type: ignore[misc]
    """Form for the code when a person signs in again."""
