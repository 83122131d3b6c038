"""A small Hugging Face Hub on loopback: repositories in memory, the HTTP that huggingface_hub speaks, and faults on demand."""

import base64
import hashlib
import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_test"


class Repo:
    """A repository: a tree of files for each commit."""

    def __init__(self, private: bool = False):
        self.private, self.trees, self.refs, self.head = private, {}, {}, None
        self.commit({})

    def commit(self, changes: dict[str, bytes | None]) -> str:
        """Add a commit that changes these files (None deletes); return its id."""
        tree = {**(self.trees[self.head] if self.head else {}), **changes}
        tree = {path: content for path, content in tree.items() if content is not None}
        said = repr((self.head, sorted((path, hashlib.sha256(content).hexdigest()) for path, content in tree.items())))
        self.head = hashlib.sha1(said.encode()).hexdigest()
        self.trees[self.head] = tree
        self.refs["main"] = self.head
        return self.head

    def resolve(self, revision: str) -> str | None:
        """Return the commit of a branch, tag or commit id."""
        revision = unquote(revision)
        return self.refs.get(revision) or (revision if revision in self.trees else None)


class FakeHub(ThreadingHTTPServer):
    """The server. `faults` maps a part of a path to answers to give first: a status, 'drop' (half a file), 'other' (other bytes),
    'portal' (a web page), or 'hang up' (none)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repos: dict[str, Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.collections: dict[str, list[str]] = {}
        self.faults: dict[str, list] = {}
        self.seen = Counter()
        self.ranges: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Return the endpoint."""
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()


def is_large(path: str) -> bool:
    """Return whether a file goes by LFS."""
    return path.endswith((".safetensors", ".webp", ".bin", ".pt"))


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: FakeHub

    def log_message(self, *args):
        pass

    def answer(self, status: int = 200, content=b"", **headers: str) -> None:
        """Send an answer; anything but bytes as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", headers.pop("Length", None) or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        """Read what was sent."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def error(self, status: int, code: str, message: str) -> None:
        """Answer as the Hub does where something is wrong."""
        self.answer(status, {"error": message}, X_Error_Code=code, X_Error_Message=message)

    def handle_one(self) -> None:
        """Find what answers."""
        # Spaces are kept as models are.
        self.path_only = urlsplit(self.path).path.replace("/api/spaces/", "/api/models/").removeprefix("/spaces")
        self.server.seen[f"{self.command} {self.path_only}"] += 1
        self.fault = None
        for part, answers in self.server.faults.items():
            if part in f"{self.command} {self.path_only}" and answers:
                self.fault = answers.pop(0)
        if isinstance(self.fault, int):
            self.body()
            return self.answer(self.fault, {"error": "on purpose"})
        if self.fault == "portal":
            return self.answer(200, b"<!DOCTYPE html><html>Accept the terms of this network</html>")
        if self.fault == "hang up":
            self.close_connection = True
            return None
        for pattern, method in ROUTES:
            if match := re.fullmatch(pattern, f"{self.command} {self.path_only}"):
                return getattr(self, method)(*match.groups())
        self.body()
        return self.error(404, "EntryNotFound", f"no route for {self.command} {self.path_only}")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_one

    def repo(self, name: str) -> Repo | None:
        """Return a repository that the caller may see; answer the error where there is none."""
        repo = self.server.repos.get(name)
        authorised = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repo is None or (repo.private and not authorised):
            self.error(401 if repo or not authorised else 404, "RepoNotFound", "Repository not found")
            return None
        return repo

    def writable(self) -> bool:
        """Return whether the caller may write; answer 401 where not."""
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.body()
            self.answer(401, {"error": "Invalid username or password."})
            return False
        return True

    # Reading

    def info(self, name: str, revision: str = "main") -> None:
        if repo := self.repo(name):
            commit = repo.resolve(revision)
            if commit is None:
                return self.error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            siblings = [{"rfilename": path} for path in repo.trees[commit]]
            self.answer(
                200,
                {"id": name, "modelId": name, "sha": commit, "private": repo.private, "siblings": siblings, "tags": []},
            )

    def tree(self, name: str, revision: str) -> None:
        if repo := self.repo(name):
            commit = repo.resolve(revision)
            if commit is None:
                return self.error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            self.answer(200, [entry(path, content) for path, content in repo.trees[commit].items()])

    def file(self, name: str, revision: str, path: str) -> None:
        if repo := self.repo(name):
            commit = repo.resolve(revision)
            content = repo.trees.get(commit, {}).get(unquote(path))
            if content is None:
                return self.error(404, "EntryNotFound", "Entry not found")
            headers = {"X_Repo_Commit": commit, "Accept_Ranges": "bytes"}
            if not is_large(path):
                return self.send_file(content, ETag=f'"{blob_id(content)}"', **headers)
            oid = hashlib.sha256(content).hexdigest()
            self.server.blobs[oid] = content
            headers |= {
                "X_Linked_Etag": f'"{oid}"',
                "X_Linked_Size": str(len(content)),
                "ETag": f'"{blob_id(content)}"',
            }
            # Another host, as the Hub's content network is: the client asks the Hub itself no further than this answer.
            elsewhere = self.server.address.replace("127.0.0.1", "localhost")
            self.answer(302, b"", Location=f"{elsewhere}/cdn/{oid}", **headers)

    def cdn(self, oid: str) -> None:
        self.send_file(self.server.blobs[oid], ETag=f'"{oid}"')

    def send_file(self, content: bytes, **headers: str) -> None:
        """Send a file or, where a range is asked for, its end; break off in the middle where that is the fault."""
        start = 0
        if given := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start = int(given[1])
            self.server.ranges.append(self.headers["Range"])
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        rest = content[start:]
        if self.fault == "other":
            rest = bytes(len(rest))
        if self.fault == "drop" and self.command == "GET":
            self.send_response(206 if start else 200)
            for key, value in headers.items():
                self.send_header(key.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: len(rest) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.answer(206 if start else 200, rest, **headers)

    # Writing

    def create(self) -> None:
        if self.writable():
            asked = json.loads(self.body())
            name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
            if name in self.server.repos:
                return self.answer(409, {"error": "exists", "url": f"{self.server.address}/{name}"})
            self.server.repos[name] = Repo(private=bool(asked.get("private")))
            self.answer(200, {"url": f"{self.server.address}/{name}", "name": name, "id": name})

    def validate(self) -> None:
        content = json.loads(self.body())["content"]
        good = content.startswith("---\n") and "\n---" in content[4:]
        self.answer(200, {"errors": [] if good else [{"message": "no metadata"}], "warnings": []})

    def preupload(self, name: str, revision: str) -> None:
        files = json.loads(self.body())["files"]
        said = [
            {"path": f["path"], "uploadMode": "lfs" if is_large(f["path"]) else "regular", "shouldIgnore": False}
            for f in files
        ]
        self.answer(200, {"files": said})

    def batch(self, name: str) -> None:
        objects = []
        for asked in json.loads(self.body())["objects"]:
            found = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.server.blobs:
                found["actions"] = {"upload": {"href": f"{self.server.address}/upload/{asked['oid']}", "header": {}}}
            objects.append(found)
        self.answer(200, {"transfer": "basic", "objects": objects})

    def upload(self, oid: str) -> None:
        content = self.body()
        if hashlib.sha256(content).hexdigest() != oid:
            return self.answer(400, {"error": "other bytes"})
        self.server.blobs[oid] = content
        self.answer(200)

    def commit(self, name: str, revision: str) -> None:
        if not self.writable():
            return
        repo, changes = self.server.repos[name], {}
        for line in self.body().splitlines():
            said = json.loads(line)
            value = said["value"]
            if said["key"] == "file":
                changes[value["path"]] = base64.b64decode(value["content"])
            elif said["key"] == "lfsFile":
                changes[value["path"]] = self.server.blobs[value["oid"]]
            elif said["key"] == "deletedFile":
                changes[value["path"]] = None
        oid = repo.commit(changes)
        self.answer(
            200,
            {
                "success": True,
                "commitOid": oid,
                "commitUrl": f"{self.server.address}/{name}/commit/{oid}",
                "hookOutput": "",
            },
        )

    def tag(self, name: str, revision: str) -> None:
        if self.writable():
            repo, tag = self.server.repos[name], json.loads(self.body())["tag"]
            if tag in repo.refs:
                return self.answer(409, {"error": "exists"})
            repo.refs[tag] = repo.resolve(revision)
            self.answer(200, {})

    def collect(self) -> None:
        if self.writable():
            asked = json.loads(self.body())
            slug = f"{asked['namespace']}/{asked['title'].lower().replace(' ', '-')}-{'0' * 24}"
            known = slug in self.server.collections
            self.server.collections.setdefault(slug, [])
            self.answer(409 if known else 200, self.collection(slug))

    def collected(self, slug: str) -> None:
        self.answer(200, self.collection(slug))

    def add(self, slug: str) -> None:
        if self.writable():
            item = json.loads(self.body())["item"]["id"]
            if item in self.server.collections[slug]:
                return self.answer(409, {"error": "exists"})
            self.server.collections[slug].append(item)
            self.answer(200, self.collection(slug))

    def collection(self, slug: str) -> dict:
        """Return what the Hub says of a collection."""
        items = [
            {"_id": str(i), "id": name, "type": "model", "position": i}
            for i, name in enumerate(self.server.collections[slug])
        ]
        return {
            "slug": slug, "title": slug, "owner": {"name": slug.split("/")[0]}, "items": items, "lastUpdated": "2026-01-01T00:00:00.000Z",
            "position": 0, "private": False, "theme": "orange", "upvotes": 0,
        }  # fmt: skip


def blob_id(content: bytes) -> str:
    """Return git's id of a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entry(path: str, content: bytes) -> dict:
    """Return what a tree listing says of a file."""
    said = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
    if is_large(path):
        said["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return said


NAMED = r"([\w.-]+/[\w.-]+)"
ROUTES = [
    (rf"(?:GET|HEAD) /api/models/{NAMED}", "info"),
    (rf"(?:GET|HEAD) /api/models/{NAMED}/revision/([^/]+)", "info"),
    (rf"GET /api/models/{NAMED}/tree/([^/]+)", "tree"),
    (rf"(?:GET|HEAD) /{NAMED}/resolve/([^/]+)/(.+)", "file"),
    (r"(?:GET|HEAD) /cdn/(\w+)", "cdn"),
    (r"POST /api/repos/create", "create"),
    (r"POST /api/validate-yaml", "validate"),
    (rf"POST /api/models/{NAMED}/preupload/([^/]+)", "preupload"),
    (rf"POST /{NAMED}\.git/info/lfs/objects/batch", "batch"),
    (r"PUT /upload/(\w+)", "upload"),
    (rf"POST /api/models/{NAMED}/commit/([^/]+)", "commit"),
    (rf"POST /api/models/{NAMED}/tag/([^/]+)", "tag"),
    (r"POST /api/collections", "collect"),
    (r"GET /api/collections/(.+)", "collected"),
    (r"POST /api/collections/(.+)/items", "add"),
]  # fmt: skip
