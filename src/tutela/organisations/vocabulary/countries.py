"""Countries by ISO 3166-1 alpha-2 code.

The Union's members come first, because most users choose one of them.
"""

from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

UNION = {
    "AT": _("Austria"),
    "BE": _("Belgium"),
    "BG": _("Bulgaria"),
    "HR": _("Croatia"),
    "CY": _("Cyprus"),
    "CZ": _("Czechia"),
    "DK": _("Denmark"),
    "EE": _("Estonia"),
    "FI": _("Finland"),
    "FR": _("France"),
    "DE": _("Germany"),
    "GR": _("Greece"),
    "HU": _("Hungary"),
    "IE": _("Ireland"),
    "IT": _("Italy"),
    "LV": _("Latvia"),
    "LT": _("Lithuania"),
    "LU": _("Luxembourg"),
    "MT": _("Malta"),
    "NL": _("Netherlands"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
    "RO": _("Romania"),
    "SK": _("Slovakia"),
    "SI": _("Slovenia"),
    "ES": _("Spain"),
    "SE": _("Sweden"),
}
OTHERS = {
    "AU": _("Australia"),
    "BR": _("Brazil"),
    "CA": _("Canada"),
    "CH": _("Switzerland"),
    "GB": _("United Kingdom"),
    "IN": _("India"),
    "IS": _("Iceland"),
    "JP": _("Japan"),
    "LI": _("Liechtenstein"),
    "NO": _("Norway"),
    "NZ": _("New Zealand"),
    "UA": _("Ukraine"),
    "US": _("United States"),
    "ZA": _("South Africa"),
}
COUNTRIES = {**UNION, **OTHERS}
# All by their codes. Territories without telephone numbers of their own are no countries to who routes a report.
EVERY = frozenset(SUPPORTED_REGIONS)
