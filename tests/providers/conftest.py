"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_providers import ProviderRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("providers")
open_room = open_with("providers")
providers_url = url_of("providers")
providers = repository(ProviderRepository)
