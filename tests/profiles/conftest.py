"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_profiles import ProfileRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("profiles")
open_room = open_with("profiles")
profiles_url = url_of("profiles")
profiles = repository(ProfileRepository)
