"""The one door behind bin/up, test, check, bench, manage and doctor.

Standard library only: it runs before anything is installed.
"""

import sys
from importlib import import_module
from pathlib import Path

COMMANDS = ("up", "test", "check", "bench", "manage", "doctor")
OURS = ("gateway",)  # a process that `up` starts


def main(arguments: list[str]) -> int:
    """Hand over to the command's module; a Stop becomes one clear line."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.dont_write_bytecode = True
    from _runner.say import Stop

    if not arguments or arguments[0] not in COMMANDS + OURS:
        print(f"Uso: bin/{{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    try:
        return int(import_module(f"_runner.{arguments[0]}").run(arguments[1:]))
    except Stop as stop:
        print(f"✗ {stop}", file=sys.stderr)
        return 1
    except OSError as error:  # a folder that is not ours, a full disk: the person's to mend, not a bug's traceback
        place = f"«{error.filename}»: " if error.filename else ""
        print(f"✗ {place}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
