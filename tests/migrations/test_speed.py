"""Many plugins are upgraded in seconds, and cost next to nothing at head."""

import json
import subprocess
import sys
import time

from tests.migrations.installations import heads, upgrade
from tests.support.plugins import PluginMaker, create_table

NAMES = [f"plugin{number}" for number in range(50)]

OPENING = """
import json, sys
from storeroom import Storeroom
with Storeroom.open(sys.argv[1], allow=sys.argv[2:]) as room:
    print(json.dumps([len(room.registry.plugins), sorted(name for name in sys.modules if name.startswith("alembic"))]))
"""


def test_fifty_plugins_of_five_revisions(sqlite_url: str, make_plugin: PluginMaker) -> None:
    """Within two seconds, as the processor counts them: what else the machine does is no matter."""
    for name in NAMES:
        columns = [f"op.add_column('{name}', sa.Column('c{number}', sa.Integer()))" for number in range(4)]
        make_plugin(name, revisions=[create_table(name), *columns])
    spent = []
    for url in (f"{sqlite_url}-first", sqlite_url):
        started = time.process_time()
        assert len(upgrade(url, *NAMES)) == 250
        spent.append(time.process_time() - started)
    assert min(spent) < 2  # 0.7, and 1.1 with all that is imported at first
    assert heads(sqlite_url) == {name: f"{name}_0005" for name in NAMES}
    opened = subprocess.run(
        [sys.executable, "-c", OPENING, sqlite_url, *NAMES], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(opened.stdout) == [50, []]
    assert upgrade(sqlite_url, *NAMES) == []
