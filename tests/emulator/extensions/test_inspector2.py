"""Inspector: an account can ask about itself."""

from __future__ import annotations

from tests.emulator.conftest import Aws


def test_an_account_is_told_of_itself(aws: Aws, account: str) -> None:
    inspector = aws("inspector2", region="eu-central-1")
    inspector.enable(accountIds=[account], resourceTypes=["ECR"])
    found = inspector.batch_get_account_status()["accounts"]
    assert [(one["accountId"], one["resourceState"]["ecr"]["status"]) for one in found] == [
        (account, "ENABLED")
    ]
    inspector.disable(accountIds=[account], resourceTypes=["ECR"])
    assert [one["state"]["status"] for one in inspector.batch_get_account_status()["accounts"]] == [
        "DISABLED"
    ]
