"""One database a lane for all of the plugin's tests; each test finds it empty."""

from storeroom_jobs import JobRepository
from tests.support.rooms import open_with, plugins, repository, url_of

room_plugins = plugins("jobs")
open_room = open_with("jobs")
jobs_url = url_of("jobs")
jobs = repository(JobRepository)
