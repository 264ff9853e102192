"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_hooks import HookRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("hooks")
open_room = open_with("hooks")
hooks_url = url_of("hooks")
hooks = repository(HookRepository)
