#!/usr/bin/env bash
# Compile the C++ kernels into the source tree and let .venv find the package and the command there, so that a changed
# Python file works at once. (A wheel is built by scikit-build-core from the same CMakeLists.txt.)
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
PATH=$PWD/.venv/bin:$PATH cmake -S . -B build/kernels -G "Unix Makefiles" -DCMAKE_BUILD_TYPE=Release \
  -DPython_EXECUTABLE="$python" -Dnanobind_DIR="$("$python" -m nanobind --cmake_dir)" >build-kernels.log
PATH=$PWD/.venv/bin:$PATH cmake --build build/kernels --parallel 2 >>build-kernels.log 2>&1 || { tail -40 build-kernels.log; exit 1; }
PATH=$PWD/.venv/bin:$PATH cmake --install build/kernels --prefix src >>build-kernels.log
echo "$PWD/src" >"$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tutela.pth"
printf '#!%s\nfrom tutela.app.cli import main\n\nmain()\n' "$python" >.venv/bin/tutela
chmod +x .venv/bin/tutela
