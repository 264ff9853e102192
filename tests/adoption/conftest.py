"""One database a lane with all plugins; each test finds it empty. And what the real file becomes, once a lane."""

from tests.adoption.target import PLUGINS
from tests.support.rooms import open_with, plugins, url_of

room_plugins = plugins(*PLUGINS)
open_room = open_with(*PLUGINS)
adoption_url = url_of(*PLUGINS)
