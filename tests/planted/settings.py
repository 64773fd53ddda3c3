"""The product's settings with one app more: what `config/` would say of it."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as _PRODUCT

INSTALLED_APPS = [*_PRODUCT, "tests.planted"]
ROOT_URLCONF = "tests.planted.all_urls"
