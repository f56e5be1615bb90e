"""The only reader of the environment and of config/office.yaml: who, when and where; frozen once read."""

from service.settings.model import Settings
from service.settings.providers import Profile
from service.settings.reading import SettingsRefused, load_settings
from service.settings.sections import Account, Hours, Imap, Limits, Security, Smtp, Staff

__all__ = [
    "Account",
    "Hours",
    "Imap",
    "Limits",
    "Profile",
    "Security",
    "Settings",
    "SettingsRefused",
    "Smtp",
    "Staff",
    "load_settings",
]
