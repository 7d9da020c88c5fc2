"""Translated texts, in the language of GIMP's preferences."""

from ._vendor.tinct_client import i18n

i18n.use_language()
_ = i18n.gettext
N_ = i18n.mark
