"""`WebhookRepository`: URLs that are called when an event happens."""

from typing import ClassVar

from pydantic import SecretStr

from storeroom_hooks import statements
from storeroom_hooks.checks import (
    Checks,
    checked_flag,
    checked_name,
    checked_output,
    checked_secret,
    checked_url,
    number_from,
)
from storeroom_hooks.configured import ConfiguredRepository
from storeroom_hooks.masking import WebhookUrl
from storeroom_hooks.models import Webhook
from storeroom_hooks.records import WebhookRecord


class WebhookRepository(ConfiguredRepository[Webhook, WebhookRecord]):
    """Webhooks. Lists are in the order in which they were created, or by `name`.

    No error, log or text of a record shows a secret, nor what follows the host in a URL.
    """

    name = "hooks.webhooks"
    checks: ClassVar[Checks] = {
        "name": checked_name,
        "event": checked_name,
        "url": lambda field, value: WebhookUrl(checked_url(field, value)),
        "secret": checked_secret,
        "enabled": checked_flag,
        "retry_count": number_from(0),
        "timeout_seconds": number_from(1),
    }
    required = ("name", "event", "url")
    editable = tuple(checks)

    def create(
        self,
        name: str,
        event: str,
        url: str,
        *,
        secret: SecretStr | str | None = None,
        enabled: bool = True,
        retry_count: int = 3,
        timeout_seconds: int = 10,
    ) -> WebhookRecord:
        """Create a webhook for an event, and return it; one statement.

        `secret` is what its calls are signed with; an empty one is none. Raises ValueRefused for a name or event that
        is empty, a URL that isn't one of http or https, a secret that isn't text, and numbers that are too small.
        """
        return self.add(
            name=name,
            event=event,
            url=url,
            secret=secret,
            enabled=enabled,
            retry_count=retry_count,
            timeout_seconds=timeout_seconds,
        )

    def record_trigger(
        self, key: int, *, success: bool, status_code: int | None = None, error: str | None = None
    ) -> WebhookRecord:
        """Count a call, with its time by the database's clock, its status code and its error; one statement.

        A success clears the last error, and sets the failures in a row to 0; a failure counts one more. However many
        count at once, none is lost. The webhook's secret and URL are taken out of `error`, and characters that no
        database stores are escaped. Returns the webhook; raises NotFound when there is none, and ValueRefused.
        """
        succeeded, told = checked_flag("success", success), checked_output("error", error)
        given = {} if succeeded else {"error": told}
        return self._trigger(statements.CALL[succeeded], key, status_code=status_code, **given)
