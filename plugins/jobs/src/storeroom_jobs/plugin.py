"""What this plugin brings."""

from storeroom import Manifest, hookimpl
from storeroom_jobs.models import Base
from storeroom_jobs.repository import JobRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repository of jobs."""
    return Manifest(models=Base, migrations="storeroom_jobs.migrations", repositories=[JobRepository])
