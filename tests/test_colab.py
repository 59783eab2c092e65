"""The notebook for Colab, cell after cell, in a process as bare as a runtime's. Only Colab's own calls are replaced."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import urllib.request
import zipfile
from pathlib import Path

import pytest

from benchmarks.live_server import free_port
from pipeline.prepare import STAMP_NAME
from weights.fetch import weights_dir
from weights.registry import registry

pytestmark = pytest.mark.long

NOTEBOOK = "colab_launch.ipynb"
#: Installing everything anew takes minutes where nothing was downloaded before.
RUN_LIMIT_S = 900

LAY_KERNELS = "import sys; from pathlib import Path; from tests.kernels import lay_beside; lay_beside(*map(Path, sys.argv[1:]))"

#: What Colab has and this machine lacks: the way to its proxy.
COLAB = {
    "google/colab/__init__.py": "",
    "google/colab/output.py": """
        import re

        def eval_js(script):
            port = re.fullmatch(r"google\\.colab\\.kernel\\.proxyPort\\((\\d+)\\)", script)[1]
            return f"https://proxied-{port}.example/"
    """,
}
#: Runs the cells in one namespace, as a kernel does; the parameters are set after the cell that has them. Once the program is
#: fetched, what the installation of this checkout compiled is laid beside it: compiling from nothing has its own test.
RUNNER = """
import json, subprocess, sys
notebook, parameters = json.load(open(sys.argv[1], encoding="utf-8")), json.loads(sys.argv[2])
space = {"__name__": "__main__"}
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), "cell", "exec"), space)
        if "parameters" in cell["metadata"].get("tags", []):
            assert set(parameters) <= set(space), "a parameter that the notebook lacks"
            space.update(parameters)
        if "# @title 2." in "".join(cell["source"]):
            subprocess.run([sys.executable, "-c", sys.argv[3], sys.argv[4], parameters["FOLDER"]], cwd=sys.argv[5], check=True)
print("PID", space["server"].pid if "server" in space else "none")
"""


def cells(root_dir):
    return json.loads((root_dir / NOTEBOOK).read_text(encoding="utf-8"))["cells"]


def source(root_dir):
    return "\n".join("".join(cell["source"]) for cell in cells(root_dir) if cell["cell_type"] == "code")


@pytest.fixture
def colab(tmp_path):
    """A folder with Colab's own modules, replaced."""
    for name, text in COLAB.items():
        path = tmp_path / "colab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return tmp_path / "colab"


def run_notebook(root_dir, colab, parameters, kernels):
    environment = os.environ | {
        "PYTHONPATH": str(colab),
        # model files that are here need not be downloaded again; they are copied and verified
        "BELCANTO_WEIGHTS_MIRROR": str(weights_dir().resolve()),
        # Python compiles the modules that are loaded; pip need not compile all. Its "no" here means --no-compile.
        "PIP_NO_COMPILE": "no",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    environment.pop("BELCANTO_WEIGHTS_DIR", None)
    notebook = [str(root_dir / NOTEBOOK), json.dumps(parameters)]
    command = [sys.executable, "-c", RUNNER, *notebook, LAY_KERNELS, str(kernels), str(root_dir)]
    return subprocess.run(command, cwd=colab, env=environment, capture_output=True, text=True, timeout=RUN_LIMIT_S)


def test_the_notebook_is_plain_python_and_holds_no_results(root_dir):
    for cell in cells(root_dir):
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), "cell", "exec")
            assert cell["outputs"] == [] and cell["execution_count"] is None


def test_a_notebook_without_an_address_says_so(root_dir, colab, tmp_path):
    run = run_notebook(root_dir, colab, {"REPOSITORY": "", "FOLDER": str(tmp_path / "belcanto")}, tmp_path)
    assert run.returncode == 1 and "Write the repository's address" in run.stderr and "belcanto.zip" in run.stderr
    assert not (tmp_path / "belcanto").exists()


def test_without_an_address_the_uploaded_program_is_unpacked(root_dir, tmp_path):
    """The second cell alone, beside what `git archive` makes."""
    with zipfile.ZipFile(tmp_path / "belcanto.zip", "w") as archive:
        archive.writestr("Makefile", "all:")
    cell = next("".join(cell["source"]) for cell in cells(root_dir) if "# @title 2." in "".join(cell["source"]))
    space = {"REPOSITORY": "", "BRANCH": "main", "FOLDER": str(tmp_path / "belcanto")}
    exec(compile(cell, "cell", "exec"), space)
    assert (tmp_path / "belcanto" / "Makefile").read_text() == "all:"


@pytest.fixture
def repository(root_dir, tmp_path):
    """The checkout's last commit as a repository with a branch of a known name, whatever this checkout is on."""
    if not (root_dir / ".git").exists():
        pytest.skip("this is no git checkout, so there is nothing to clone")
    bare = tmp_path / "origin.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(root_dir), str(bare)], check=True, timeout=120)
    subprocess.run(["git", "-C", str(bare), "branch", "--force", "colab-test", "HEAD"], check=True, timeout=60)
    return bare.as_uri()


def ask(port, method, path, body=None, **headers):
    """One request as Colab's proxy makes it: HTTPS outside, this machine's own name inside."""
    proxied = {"Host": f"localhost:{port}", "X-Forwarded-Proto": "https"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, proxied)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def send_form_through_the_proxy(port):
    """Status of the language form, sent from a page that was seen under the proxy's name; and of one without the page's mark."""
    _, headers, page = ask(port, "GET", "/guide")
    cookies = "; ".join(value.partition(";")[0] for value in headers.get_all("Set-Cookie"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    kind = "application/x-www-form-urlencoded"
    seen_at = "https://abc-5000-colab.googleusercontent.com/guide"
    return [
        ask(port, "POST", "/language", body, Cookie=cookies, Referer=seen_at, Content_Type=kind)[0]
        for body in (f"to=de&next=/guide&csrf_token={token}", "to=de&next=/guide")
    ]


@pytest.mark.slow
def test_every_cell_runs_and_the_application_answers(root_dir, colab, repository, tmp_path, installed_kernels):
    folder, port = tmp_path / "belcanto", free_port()
    parameters = {"REPOSITORY": repository, "BRANCH": "colab-test", "FOLDER": str(folder), "PORT": port}
    run = run_notebook(root_dir, colab, parameters, installed_kernels)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
    pid = int(re.search(r"^PID (\d+)$", run.stdout, re.MULTILINE)[1])
    try:
        link = f"Belcanto is here: https://proxied-{port}.example/"
        assert link in run.stdout and "Graphics card: " in run.stdout
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/music", timeout=20) as reply:
            assert reply.status == 200 and "Belcanto" in reply.read().decode()
        assert (folder / "results" / "belcanto.sqlite3").exists(), "another copy answered"
        assert (folder / "pipeline" / "__pycache__" / STAMP_NAME).exists(), "the first film would wait for compilers"
        marked, unmarked = send_form_through_the_proxy(port)
        assert marked in (302, 303) and unmarked == 400
        again = run_notebook(root_dir, colab, parameters, installed_kernels)
        assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
        assert link in again.stdout and "PID none" in again.stdout, "all cells run again: the same server, not a second one"
    finally:
        os.kill(pid, signal.SIGTERM)
        shutil.rmtree(folder / ".venv", ignore_errors=True)


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(("wanted", "fetched"), [(True, True), (True, False), (False, True)])
def test_a_runtime_with_a_card_gets_what_uses_it(root_dir, tmp_path, wanted, fetched):
    """The third cell alone, beside a card and an environment that only note what is asked of them."""
    folder, log = tmp_path / "belcanto", tmp_path / "log"
    program(tmp_path / "bin" / "nvidia-smi", "echo 'GPU 0: Tesla T4'")
    program(tmp_path / "bin" / "make", "exit 0")
    program(folder / ".venv" / "bin" / "python", f'echo "$@" >> {log}; [ "$2" != weights ] || exit {0 if fetched else 3}')
    (folder / ".venv" / "pyvenv.cfg").touch()
    cell = next("".join(cell["source"]) for cell in cells(root_dir) if "# @title 3." in "".join(cell["source"]))
    head = f"import subprocess\nfrom pathlib import Path\nfolder, SADTALKER = Path({str(folder)!r}), {wanted}\n"
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", head + cell]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "Graphics card: GPU 0: Tesla T4" in run.stdout
    assert ("not offered" in run.stdout) == (wanted and not fetched)
    asked = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    assert [words[:3] for words in asked] == ([["-m", "pip", "install"], ["-m", "weights", "fetch"]] if wanted else [])
    if wanted:
        assert set(asked[1][3:]) <= set(registry()) and "torch" in asked[0] and (root_dir / asked[0][5]).exists()
