"""
A supervisor over small programs. To be signalled by tests.

    python supervised.py '{"first_s": 0.01, "most_s": 1, "end_s": 20}' NAME CODE [NAME CODE …]
"""

import json
import os
import sys

from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.supervisor import Patience, Program, Supervisor

if __name__ == "__main__":
    set_up_logs()
    programs = [
        Program(name, [sys.executable, "-u", "-c", code], os.environ)
        for name, code in zip(sys.argv[2::2], sys.argv[3::2], strict=True)
    ]
    sys.exit(Supervisor(programs, Patience(**json.loads(sys.argv[1]))).run())
