"""Handing over: report, commit message, push and pull request; this door names what other rooms use."""

from nightshift.delivery.credentials import masked
from nightshift.delivery.github import gh_ready, host_of, open_pull_request
from nightshift.delivery.hand_over import deliver, hand_over, lay_ready
from nightshift.delivery.headlines import headlines
from nightshift.delivery.message import commit_message, status_message
from nightshift.delivery.parcel import Parcel, load_delivery, note_delivery
from nightshift.delivery.pull_request import pull_request_body, pull_request_title
from nightshift.delivery.push import push
from nightshift.delivery.report import report_markdown, report_text, write_report
from nightshift.delivery.report_json import report_json

__all__ = [
    "Parcel",
    "commit_message",
    "deliver",
    "gh_ready",
    "hand_over",
    "headlines",
    "host_of",
    "lay_ready",
    "load_delivery",
    "masked",
    "note_delivery",
    "open_pull_request",
    "pull_request_body",
    "pull_request_title",
    "push",
    "report_json",
    "report_markdown",
    "report_text",
    "status_message",
    "write_report",
]
