"""The review as one HTML page that needs nothing but itself: no request leaves it, and its only script filters."""

from orchestrator.review.page.page import About, about, drift_page, page

__all__ = ["About", "about", "drift_page", "page"]
