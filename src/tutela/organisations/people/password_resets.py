"""Send password reset links in a job.

Answer and timing therefore do not reveal whether an account exists. An address without an account gets no mail. The
link leads to the node's own address, regardless of the host name in the request.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.account.forms import ResetPasswordForm
from allauth.core.context import request_context
from django.conf import settings
from django.http import HttpRequest

from tutela.organisations import enqueue
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

PURPOSE = "password-reset"


def ask(email: str) -> None:
    """Enqueue a password reset mail, sent only if an account exists. The address typed is sealed until then."""
    enqueue.send_password_reset(wrap(email.encode(), PURPOSE).hex())


def send(sealed: str) -> None:
    """Send the link to the account with this address. For the job."""
    form = ResetPasswordForm({"email": unwrap(bytes.fromhex(sealed), PURPOSE).decode()})
    request = HttpRequest()
    request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL).netloc
    with request_context(request):
        if form.is_valid():
            form.save(request)
