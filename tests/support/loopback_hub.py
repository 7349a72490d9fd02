"""A Hugging Face Hub on 127.0.0.1 that speaks as much of its protocol as pushing and pulling a model takes.

Repositories have commits, branches and tags; private ones, and all writing, need a token of TOKENS. What is wrong with
the Hub in a test is switched on by its attributes `trouble`, `cut` and `altered`, or by `stop`.
"""

import base64
import hashlib
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from urllib.parse import unquote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

OWNER, READER, STRANGER = "hf_owner", "hf_reader", "hf_stranger"  # tokens
TOKENS = {OWNER: ("someone", "write"), READER: ("someone", "read"), STRANGER: ("stranger", "write")}
LARGE = {".h5", ".safetensors"}  # what .gitattributes of the Hub sends to LFS
FIRST_FILES = {".gitattributes": b"*.h5 filter=lfs\n*.safetensors filter=lfs\n"}


class Refusal(Exception):  # noqa: N818
    """An answer other than 200."""

    def __init__(self, status: int, code: str = "", message: str = ""):
        headers = {"X-Error-Code": code, "X-Error-Message": message}
        self.response = JSONResponse({"error": message}, status, {name: text for name, text in headers.items() if text})


@dataclass
class Repository:
    """A repository's history.

    Attributes:
        owner: a user's name. private: whether only the owner may read it.
        commits: content by name, of every commit, oldest first. messages: of the commits.
        refs: commit of every branch and tag.
    """

    owner: str
    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    refs: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes], message: str = "", branch: str = "main") -> str:
        """Add a commit that has exactly these files; returns its number."""
        number = hashlib.sha1(f"{self.owner} {len(self.commits)} {message}".encode()).hexdigest()
        self.commits[number] = files
        self.messages.append(message)
        self.refs[branch] = number
        return number

    def find(self, revision: str) -> str:
        """The commit that a branch, a tag or a commit's number stands for."""
        number = self.refs.get(revision, revision)
        if number not in self.commits:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return number

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """Content by name."""
        return self.commits[self.find(revision)]


def oid(name: str, content: bytes) -> str:
    """What the Hub knows a file's content by: SHA-256 if it is large, else Git's SHA-1."""
    if PurePath(name).suffix in LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class LoopbackHub:
    """The server.

    Attributes:
        repositories: by USER/REPO.
        asked: ("GET", "/path") of every request.
        trouble: (refusal, part of a path, how often): what the next requests for it get.
        cut: how often a file's body breaks off in the middle, by its name.
        altered: content that is sent instead of a file's own, by its name.
    """

    def __init__(self) -> None:
        self.reset()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or every answer waits 40 ms
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(self.app(), log_config=None, log_level="critical", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def reset(self) -> None:
        """Be new and in order."""
        self.repositories: dict[str, Repository] = {}
        self.asked: list[tuple[str, str]] = []
        self.trouble: tuple[Refusal, str, float] = (Refusal(500), "", 0)
        self.cut: Counter[str] = Counter()
        self.altered: dict[str, bytes] = {}
        self.large: dict[str, bytes] = {}  # uploaded, by SHA-256

    def start(self) -> None:
        """Return when it answers."""
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        """Return when nobody answers any more."""
        self.server.should_exit = self.server.force_exit = True
        self.thread.join()
        self.socket.close()

    def n_asked(self, method: str, part: str = "") -> int:
        """How many requests there were for a part of a path."""
        return sum(method == asked and part in path for asked, path in self.asked)

    def app(self) -> Starlette:
        """What answers."""
        repo = "{owner}/{name}"
        routes = {
            "POST /api/repos/create": self.create,
            "POST /api/validate-yaml": self.validate,
            f"POST /api/models/{repo}/branch/{{branch:path}}": self.make_branch,
            f"POST /api/models/{repo}/tag/{{revision:path}}": self.make_tag,
            f"POST /api/models/{repo}/preupload/{{revision:path}}": self.preupload,
            f"POST /api/models/{repo}/commit/{{branch:path}}": self.commit,
            f"GET /api/models/{repo}/revision/{{revision:path}}": self.info,
            f"GET /api/models/{repo}": self.info,
            f"POST /{repo}.git/info/lfs/objects/batch": self.batch,
            "PUT /large/{oid}": self.store,
            f"GET /{repo}/resolve/{{revision}}/{{file:path}}": self.resolve,
        }
        table = []
        for route, answer in routes.items():
            method, path = route.split()
            table.append(Route(path, self.guarded(answer), methods=[method]))
        return Starlette(routes=table)

    def guarded(self, answer):
        """An answer that is noted, may be replaced by trouble, and refuses in the Hub's words."""

        async def guarded(request: Request) -> Response:
            self.asked.append((request.method, request.url.path))
            try:
                self.pass_trouble(request.url.path)
                content = await answer(request)
            except Refusal as refusal:
                return refusal.response
            return content if isinstance(content, Response) else JSONResponse(content)

        return guarded

    def pass_trouble(self, path: str) -> None:
        refusal, part, times = self.trouble
        if times > 0 and part in path:
            self.trouble = (refusal, part, times - 1)
            raise refusal

    # ---- who may do what

    def user(self, request: Request) -> tuple[str, str]:
        """Name and right of whoever asks."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in TOKENS:
            raise Refusal(401, message="Invalid credentials in Authorization header")
        return TOKENS.get(token, ("", "read"))

    def readable(self, request: Request) -> Repository:
        """The repository that is asked for; like one that is not there if it is private and somebody else's."""
        name, _ = self.user(request)
        path = request.path_params
        repository = self.repositories.get(f"{path['owner']}/{path['name']}")
        if repository is None or (repository.private and repository.owner != name):
            raise Refusal(401 if not name else 404, "RepoNotFound", "Repository not found")
        return repository

    def writable(self, request: Request) -> Repository:
        """The repository that is asked for, if it is the user's own and the token may write."""
        repository = self.readable(request)
        self.require_right(request, repository.owner)
        return repository

    def require_right(self, request: Request, owner: str) -> None:
        name, right = self.user(request)
        if not name:
            raise Refusal(401, message="Invalid username or password.")
        if name != owner or right != "write":
            raise Refusal(403, message=f"You don't have the right to write to {owner}")

    # ---- repositories

    async def create(self, request: Request):
        asked = await request.json()
        owner = asked["organization"] or self.user(request)[0]
        self.require_right(request, owner)
        path = f"{owner}/{asked['name']}"
        if path in self.repositories:
            raise Refusal(409, message="You already created this model repo")
        self.repositories[path] = Repository(owner, private=asked.get("visibility") == "private")
        self.repositories[path].commit(FIRST_FILES, "initial commit")
        return {"url": f"{self.url}/{path}", "name": path}

    async def make_branch(self, request: Request):
        repository, branch = self.writable(request), request.path_params["branch"]
        if branch in repository.refs:
            raise Refusal(409, message="Reference already exists")
        repository.refs[branch] = repository.refs["main"]
        return {}

    async def make_tag(self, request: Request):
        repository, name = self.writable(request), (await request.json())["tag"]
        if name in repository.refs:
            raise Refusal(409, message="Tag already exists")
        repository.refs[name] = repository.find(request.path_params["revision"])
        return {}

    async def info(self, request: Request):
        repository = self.readable(request)
        number = repository.find(unquote(request.path_params.get("revision", "main")))
        files = repository.commits[number].items()
        return {
            "id": "{owner}/{name}".format(**request.path_params),
            "sha": number,
            "private": repository.private,
            "siblings": [{"rfilename": name, "size": len(content)} for name, content in files],
        }

    # ---- uploads

    async def validate(self, request: Request):
        if "---\n" not in (await request.json())["content"]:
            return JSONResponse({"errors": [{"message": "no front matter"}]}, 400)
        return {"errors": [], "warnings": []}

    async def preupload(self, request: Request):
        repository, asked = self.writable(request), await request.json()
        files = repository.files(request.path_params["revision"])
        return {
            "files": [
                {
                    "path": name,
                    "uploadMode": "lfs" if PurePath(name).suffix in LARGE else "regular",
                    "shouldIgnore": False,
                    "oid": oid(name, files[name]) if name in files else None,
                }
                for name in (file["path"] for file in asked["files"])
            ]
        }

    async def batch(self, request: Request):
        self.writable(request)
        asked = (await request.json())["objects"]
        for file in asked:
            if file["oid"] not in self.large:
                file["actions"] = {"upload": {"href": f"{self.url}/large/{file['oid']}"}}
        return {"objects": asked}

    async def store(self, request: Request):
        content = await request.body()
        if hashlib.sha256(content).hexdigest() != request.path_params["oid"]:
            raise Refusal(400, message="the content has another SHA-256")
        self.large[request.path_params["oid"]] = content
        return {}

    async def commit(self, request: Request):
        repository, branch = self.writable(request), request.path_params["branch"]
        lines = [json.loads(line) for line in (await request.body()).splitlines()]
        header, changes = lines[0]["value"], lines[1:]
        if header.get("parentCommit", repository.refs[branch]) != repository.refs[branch]:
            raise Refusal(412, message="A commit has happened since")
        files = dict(repository.files(branch))
        for change in changes:
            self.apply(change["key"], change["value"], files)
        number = repository.commit(files, header["summary"], branch)
        page = "{owner}/{name}".format(**request.path_params)
        return {"commitOid": number, "commitUrl": f"{self.url}/{page}/commit/{number}"}

    def apply(self, kind: str, change: dict[str, str], files: dict[str, bytes]) -> None:
        """Change one file."""
        match kind:
            case "file":
                files[change["path"]] = base64.b64decode(change["content"])
            case "lfsFile":
                files[change["path"]] = self.large[change["oid"]]
            case "deletedFile" if change["path"] in files:
                del files[change["path"]]
            case _:
                raise Refusal(400, message=f"cannot do {kind} of {change['path']}")

    # ---- downloads

    async def resolve(self, request: Request):
        """A file, or from the byte on that a Range header names."""
        repository, name = self.readable(request), request.path_params["file"]
        number = repository.find(unquote(request.path_params["revision"]))
        files = repository.commits[number]
        if name not in files:
            return Response(status_code=404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": number})
        headers = {
            "ETag": f'"{oid(name, files[name])}"',
            "X-Repo-Commit": number,
            "X-Linked-Size": str(len(files[name])),
        }
        return self.body(request, name, self.altered.get(name, files[name]), headers)

    def body(self, request: Request, name: str, content: bytes, headers: dict[str, str]) -> Response:
        """The answer, whose second half is missing if the file is to be cut."""
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rest = content[start:]
        headers["Content-Length"] = str(len(rest))
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if request.method == "GET" and self.cut[name] > 0:
            self.cut[name] -= 1
            rest = rest[: len(rest) // 2]
        return Response(rest, 206 if start else 200, headers)
