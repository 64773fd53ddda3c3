# Finds a Python from 3.11 to 3.13 and puts it in $python. Sourced by the commands beside it.
python=
for candidate in python3 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Falta Python 3.11, 3.12 o 3.13. En Debian o Ubuntu: apt-get install python3; en macOS: brew install python@3.13." >&2
    exit 1
fi
