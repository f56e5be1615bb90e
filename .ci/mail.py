"""A mailbox on loopback, with one letter in it, for the container that CI starts, and its office.yaml."""

from __future__ import annotations

import sys
from pathlib import Path

from service.rehearsal.mail_server import MailServer

ADDRESS = "office@huizhi.example"

LETTER = f"""\
From: =?utf-8?B?546L5LqU?= <wangwu@unit.example>\r
To: <{ADDRESS}>\r
Subject: =?utf-8?B?6K+36Zeu5p2Q5paZ5Lqk57uZ6LCB?=\r
Message-ID: <one@unit.example>\r
Date: Tue, 20 Aug 2024 09:00:00 +0800\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
请问材料交给谁？\r
""".encode()

OFFICE = """\
name: 镜像检查办公室
staff:
  - {{name: 张三, address: zhangsan@huizhi.example, role: clerk}}
  - {{name: 李四, address: lisi@huizhi.example, role: signer}}
accounts:
  - name: main
    address: {address}
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none, first_since: 2024-01-01, poll_seconds: 2}}
"""


def main() -> None:
    """Serve until standard input ends; the caller reads one line when everything is ready."""
    office, password = Path(sys.argv[1]), sys.argv[2]
    server = MailServer().start()
    server.add_account(ADDRESS, password)
    server.deliver(ADDRESS, LETTER)
    words = OFFICE.format(address=ADDRESS, smtp=server.smtp_port, imap=server.imap_port)
    (office / "config" / "office.yaml").write_text(words, encoding="utf-8")
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
