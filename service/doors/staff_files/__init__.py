"""Everything staff write by hand (campaigns, roster, rules, working days), read, checked, told in Chinese."""

from service.doors.staff_files.folder import StaffFilesDoor

__all__ = ["StaffFilesDoor"]
