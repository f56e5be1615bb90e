"""Every bound the envelope door keeps, each with its reason and what happens at it."""

from __future__ import annotations

# A whole letter. 163 takes 71.68 MB; above this the raw bytes are kept and a person looks.
RAW_BYTES_MAX = 80 * 1024 * 1024
# Nested containers (multipart, attached mail). Real letters stay below 10; deeper is kept unread.
DEPTH_MAX = 24
# Leaves of one letter. A folder of photographs has some dozens; the rest is named in `trouble`.
PARTS_MAX = 600
# One header block. Long Received and DKIM chains stay below 64 KB; what follows is not read.
HEAD_BYTES_MAX = 512 * 1024
# Headers kept for sorting, and the length of one: rules match on them, so neither may be a weapon.
HEADERS_MAX = 200
HEADER_CHARS_MAX = 4_000
# Addresses of To and Cc. A mass mailing lists hundreds; more tells nothing.
ADDRESSES_MAX = 500
# Readable text of one part and of the letter. A 500字 summary has 2 KB; a pasted report some 100 KB.
TEXT_BYTES_MAX = 2 * 1024 * 1024
TEXT_CHARS_MAX = 400_000
# HTML turned into text: time grows with size, and 1 MB of markup holds at most some 100 KB of words.
HTML_CHARS_MAX = 1_500_000
# Archives within archives: a unit zips folders of zips, hardly deeper.
ARCHIVE_DEPTH_MAX = 3
ARCHIVE_MEMBERS_MAX = 500
# Unpacked bytes of one letter's archives together; beyond it the archive is called a bomb.
ARCHIVE_BYTES_MAX = 300 * 1024 * 1024
# Unpacked against packed. Plain text reaches 20, an empty bitmap 1,000; judged only above the floor.
ARCHIVE_RATIO_MAX = 200
ARCHIVE_RATIO_FLOOR_BYTES = 10 * 1024 * 1024
# Attributes, properties and values in all winmail.dat of one letter. A message has some hundred, each file a
# score; a file made to be endless packs 4,096 into every 30 bytes. What follows is not read.
WINMAIL_VALUES_MAX = 65_536
# Links to oversize attachments; one letter names a handful.
LINKS_MAX = 50
# Recipients and ids of one delivery report.
STATUSES_MAX = 200
# Prose of a delivery report that is searched for recipients; the explanation stands at its top.
REPORT_CHARS_MAX = 40_000
# A stored file name, in UTF-8 bytes without its ending: ext4 allows 255 for the whole.
NAME_BYTES_MAX = 120
# What is handed to libmagic: signatures stand at the beginning.
SNIFF_BYTES = 8 * 1024
# An office file, judged from its directory before anything is inflated. A very long book has 2,000 members.
OFFICE_MEMBERS_MAX = 2_000
OFFICE_TOTAL_BYTES_MAX = 256 * 1024 * 1024
# One XML part: 54 MB of paragraphs cost a reader 512 MB; a thesis has 2 MB.
OFFICE_XML_BYTES_MAX = 32 * 1024 * 1024
# A spreadsheet's XML packs 30 to 1; 200 above the floor is made to burst.
OFFICE_RATIO_MAX = 200
OFFICE_RATIO_FLOOR_BYTES = 4 * 1024 * 1024
# Relations of one part; a document with 5,000 links has 1 MB.
RELATIONS_BYTES_MAX = 2 * 1024 * 1024
# An object packed into a document, looked into for its name; a larger one is named unseen.
EMBEDDED_BYTES_MAX = 16 * 1024 * 1024
