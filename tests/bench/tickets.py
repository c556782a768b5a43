"""ticket_validate_vs_bare, tickets_per_s: tickets through all of the
orchestrator's rules on one core, divided by libsecp256k1's recovery and the
Keccaks that cannot be spared. wins_committed_per_s: winning tickets on the
disk, one commit each (bench_ticket.c, which alternates the pairs itself)."""
import json
import subprocess

from figure import Figure, program


def measure(directory):
    path = program("bench_ticket")
    if not path:
        return []
    done = subprocess.run([path, directory], capture_output=True, text=True,
                          check=True, timeout=240)
    said = json.loads(done.stdout)
    bare = f"bare {said['bare_per_s']:.0f}/s"
    return [
        Figure("ticket_validate_vs_bare", said["ticket_validate_vs_bare"],
               "x", ">= 0.85", bare),
        Figure("tickets_per_s", said["tickets_per_s"], "/s", "", bare),
        Figure("wins_committed_per_s", said["wins_committed_per_s"], "/s", "",
               f"{said['wins_vs_bare_commit']:.2f} of SQLite's bare commits"),
    ]
