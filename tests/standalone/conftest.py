"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_standalone import StandaloneRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("standalone")
open_room = open_with("standalone")
standalone_url = url_of("standalone")
library = repository(StandaloneRepository)
