"""Plans that do not say all that will be done."""

from __future__ import annotations

SOURCE = "https://developer.hashicorp.com/terraform/internals/json-format#plan-representation"
