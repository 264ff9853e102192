from storeroom.testing import faults as faults
from storeroom.testing import requires as requires
from storeroom.testing.capabilities import Capability as Capability
from storeroom.testing.conformance import Conformance as Conformance
from storeroom.testing.counting import counted as counted
from storeroom.testing.databases import Databases as Databases
from storeroom.testing.processes import Here as Here
from storeroom.testing.processes import kill_at as kill_at
from storeroom.testing.processes import run_together as run_together
from storeroom.testing.races import Race as Race
from storeroom.testing.servers import Server as Server
from storeroom.testing.servers import ServerBinaries as ServerBinaries
from storeroom.testing.servers import connect_server as connect_server
from storeroom.testing.servers import find_binaries as find_binaries
from storeroom.testing.servers import oldest_and_newest as oldest_and_newest
from storeroom.testing.servers import start_server as start_server

__all__: list[str]
