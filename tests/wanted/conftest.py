"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_wanted import WantedRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("wanted")
open_room = open_with("wanted")
wanted_url = url_of("wanted")
wanted = repository(WantedRepository)
