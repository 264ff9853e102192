"""The root of the tree of errors, and how to tell any error."""


class StoreroomError(Exception):
    """Base of every error that Storeroom raises.

    The keyword arguments become attributes: the facts that the message tells.

    Cure: read its text, which ends with what to do; catch this class to catch every error of Storeroom's.
    """

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.__dict__.update(facts)


def tell(error: BaseException) -> str:
    """Return an error's class and text, also where making the text raises."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
