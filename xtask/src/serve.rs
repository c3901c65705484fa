//! `cargo xtask serve`: the page on localhost, where browsers allow WebGPU without https.

use crate::build_web;
use anyhow::{Context, Result, bail};
use flate2::{Compression, Crc};
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Offer this CIFAR-10 archive to the page. May be given more than once.
    #[arg(long, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Build larger, but faster after a change: for work on the page itself.
    #[arg(long)]
    dev: bool,
    /// Serve dist/ as it is.
    #[arg(long, conflicts_with = "dev")]
    no_build: bool,
}

pub fn main(args: &Args) -> Result<()> {
    // Wrong arguments are worth knowing before a build of minutes.
    let archives = archives(&args.data)?;
    let folder = match args {
        Args { no_build: true, .. } => crate::shell::root().join("dist"),
        Args { dev: true, .. } => build_web::development()?,
        // What visitors get. From nothing, `--dev` takes as long: the libraries are what takes time.
        _ => build_web::preview()?,
    };
    if !folder.join("index.html").exists() {
        bail!("{} holds no page; leave out --no-build", folder.display());
    }
    let site = Site { prefix: "/".into(), folder, archives };
    let address = start(site, args.port)?;
    println!("Skipscope is at {address}\nPress Ctrl+C to end.");
    loop {
        thread::park();
    }
}

/// What is served, and under which path.
pub struct Site {
    /// Begins and ends with a slash. Nothing is served outside it.
    pub prefix: String,
    pub folder: PathBuf,
    /// Offered at `data/NAME`.
    pub archives: Vec<Archive>,
}

/// A file offered beside the page.
pub struct Archive {
    name: String,
    path: PathBuf,
    bytes: u64,
}

/// Looks at the archives to offer; their names must differ.
pub fn archives(paths: &[PathBuf]) -> Result<Vec<Archive>> {
    let mut found: Vec<Archive> = Vec::new();
    for path in paths {
        let about = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.filter(|_| about.is_file());
        let name = name.with_context(|| format!("{} is no file with a plain name", path.display()))?;
        if name == INDEX || found.iter().any(|other| other.name == name) {
            bail!("two files would be offered as data/{name}");
        }
        found.push(Archive { name: name.into(), path: path.clone(), bytes: about.len() });
    }
    Ok(found)
}

/// The list of archives, in the folder where they are.
const INDEX: &str = "index.json";

/// Serves from threads in the background, for as long as the program runs. Returns the page's address.
///
/// A thread and one request a connection: a browser opens half a dozen at once and keeps them, and a small
/// pool of threads (we tried `tiny_http`'s) then leaves some of them waiting forever.
pub fn start(site: Site, port: u16) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on port {port}; try another with --port"))?;
    let address = format!("http://localhost:{}{}", listener.local_addr()?.port(), site.prefix);
    let site = Arc::new(site);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = site.clone();
            // A browser that goes away in the middle is no error.
            thread::spawn(move || site.converse(stream).ok());
        }
    });
    Ok(address)
}

/// What matters of a request.
#[derive(Default)]
struct Request {
    method: String,
    target: String,
    accepts_gzip: bool,
    /// The version of the file that the browser has already.
    known_tag: Option<String>,
}

struct Response {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Box<dyn Read>,
    length: u64,
}

impl Response {
    fn new(status: &'static str, media_type: &str, body: Vec<u8>) -> Response {
        let length = body.len() as u64;
        Response {
            status,
            headers: vec![("Content-Type", media_type.into())],
            body: Box::new(Cursor::new(body)),
            length,
        }
    }

    fn plain(status: &'static str, text: &str) -> Response {
        Response::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
    }
}

/// Longest head of a request that is read.
const MAX_HEAD: usize = 16 * 1024;

impl Request {
    /// Reads the head of a request; there is no body in what we answer.
    fn read(stream: &mut impl Read) -> Result<Request> {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        loop {
            let length = stream.read(&mut piece)?;
            head.extend_from_slice(&piece[..length]);
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut parsed = httparse::Request::new(&mut headers);
            if parsed.parse(&head)?.is_complete() {
                let header = |name: &str| {
                    let found =
                        parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                    std::str::from_utf8(found.value).ok()
                };
                return Ok(Request {
                    accepts_gzip: header("Accept-Encoding").is_some_and(|list| list.contains("gzip")),
                    known_tag: header("If-None-Match").map(str::to_owned),
                    method: parsed.method.unwrap_or_default().to_owned(),
                    target: parsed.path.unwrap_or_default().to_owned(),
                });
            }
            if length == 0 || head.len() > MAX_HEAD {
                bail!("no complete request");
            }
        }
    }
}

impl Site {
    /// One request and its answer.
    fn converse(&self, mut stream: TcpStream) -> Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let request = Request::read(&mut stream)?;
        let mut answer = self.answer(&request);
        let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", answer.status);
        head += &format!("Content-Length: {}\r\nX-Content-Type-Options: nosniff\r\n", answer.length);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        if request.method != "HEAD" {
            io::copy(&mut answer.body, &mut stream)?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Response {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Response::plain("405 Method Not Allowed", "only GET and HEAD");
        }
        let Some(path) = plain_path(&request.target) else {
            return Response::plain("400 Bad Request", "no such address");
        };
        let nothing = Response::plain("404 Not Found", "nothing here");
        let Some(path) = path.strip_prefix(&self.prefix) else {
            return nothing;
        };
        if let Some(name) = path.strip_prefix("data/") {
            if name == INDEX {
                return file(self.list().into_bytes(), "application/json", request);
            }
            if let Some(archive) = self.archives.iter().find(|archive| archive.name == name) {
                return archive.answer().unwrap_or(nothing);
            }
        }
        let path = if path.is_empty() { "index.html" } else { path };
        // Files are read anew each time: a page that was rebuilt shows at the next reload.
        fs::read(self.folder.join(path)).map_or(nothing, |bytes| file(bytes, media_type(path), request))
    }

    /// `[{"name": …, "bytes": …}, …]`
    fn list(&self) -> String {
        let list = self.archives.iter().map(|a| serde_json::json!({ "name": a.name, "bytes": a.bytes }));
        serde_json::Value::Array(list.collect()).to_string()
    }
}

impl Archive {
    /// Streamed, since it may be large, and as it is: it is compressed already.
    fn answer(&self) -> io::Result<Response> {
        let open = File::open(&self.path)?;
        let mut answer = Response::new("200 OK", "application/octet-stream", Vec::new());
        answer.length = open.metadata()?.len();
        answer.body = Box::new(open);
        Ok(answer)
    }
}

/// A file's content: compressed if the browser likes, and not sent again if it has just this one.
fn file(bytes: Vec<u8>, media_type: &str, request: &Request) -> Response {
    let mut crc = Crc::new();
    crc.update(&bytes);
    let tag = format!("\"{:08x}-{}\"", crc.sum(), bytes.len());
    let small = if request.accepts_gzip { build_web::gzip(&bytes, Compression::fast()).ok() } else { None };
    let mut answer = if request.known_tag.as_ref() == Some(&tag) {
        Response::new("304 Not Modified", media_type, Vec::new())
    } else if let Some(small) = small.filter(|small| small.len() < bytes.len()) {
        let mut answer = Response::new("200 OK", media_type, small);
        answer.headers.push(("Content-Encoding", "gzip".into()));
        answer
    } else {
        Response::new("200 OK", media_type, bytes)
    };
    // Kept by the browser, but asked about at every use.
    answer.headers.extend([
        ("Cache-Control", "no-cache".into()),
        ("ETag", tag),
        ("Vary", "Accept-Encoding".into()),
    ]);
    answer
}

/// The path of a request without query and escapes; `None` if it could lead out of the folder served.
fn plain_path(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                u8::from_str_radix(std::str::from_utf8(&[*high, *low]).ok()?, 16).ok()?
            }
            _ => *first,
        });
    }
    let path = String::from_utf8(bytes).ok()?;
    // A component is a name: no parent folder, no second root, no drive, no hidden file.
    let names = path.strip_prefix('/')?;
    let harmless = |name: &str| !name.starts_with('.') && !name.contains(['\\', ':', '\0']);
    let components = names.split('/').collect::<Vec<_>>();
    let (last, folders) = components.split_last()?;
    (harmless(last) && folders.iter().all(|name| !name.is_empty() && harmless(name))).then_some(path)
}

fn media_type(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|ending| ending.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status line, headers and body of a raw request, since a client library would tidy up the path.
    fn get(address: &str, path: &str, headers: &str) -> Result<(String, Vec<u8>)> {
        let host = address.trim_start_matches("http://").split('/').next().context("no host")?;
        let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1"))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n")?;
        let mut all = Vec::new();
        stream.read_to_end(&mut all)?;
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").context("no end of headers")?;
        let body = all.split_off(end + 4);
        Ok((String::from_utf8(all)?, body))
    }

    /// A folder with a page, a secret beside it, an archive, and a server for them.
    fn serve(name: &str) -> Result<String> {
        let base = std::env::temp_dir().join(format!("skipscope-serve-{name}-{}", std::process::id()));
        let folder = base.join("dist");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("index.html"), "<p>page</p>".repeat(50))?;
        fs::write(folder.join("m.wasm"), b"\0asm")?;
        fs::write(base.join("secret"), "secret")?;
        fs::write(base.join("cifar 10.tar.gz"), "archive")?;
        let archives = archives(&[base.join("cifar 10.tar.gz")])?;
        start(Site { prefix: "/some/where/".into(), folder, archives }, 0)
    }

    #[test]
    fn serves_page_module_and_archives() -> Result<()> {
        let at = serve("files")?;
        let (head, body) = get(&at, "/some/where/", "")?;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("Content-Type: text/html; charset=utf-8"), "{head}");
        assert_eq!(body, "<p>page</p>".repeat(50).as_bytes());
        let (head, _) = get(&at, "/some/where/m.wasm?v=1", "")?;
        assert!(head.contains("Content-Type: application/wasm"), "{head}");
        let (_, body) = get(&at, "/some/where/data/index.json", "")?;
        assert_eq!(body, br#"[{"bytes":7,"name":"cifar 10.tar.gz"}]"#);
        let (_, body) = get(&at, "/some/where/data/cifar%2010.tar.gz", "")?;
        assert_eq!(body, b"archive");
        Ok(())
    }

    #[test]
    fn compresses_when_asked_and_says_when_nothing_changed() -> Result<()> {
        let at = serve("gzip")?;
        let (head, body) = get(&at, "/some/where/index.html", "Accept-Encoding: gzip, br\r\n")?;
        assert!(head.contains("Content-Encoding: gzip"), "{head}");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text)?;
        assert_eq!(text, "<p>page</p>".repeat(50));
        let tag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).context("no ETag")?;
        let (head, body) = get(&at, "/some/where/index.html", &format!("If-None-Match: {tag}\r\n"))?;
        assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
        Ok(())
    }

    #[test]
    fn never_leaves_its_folder() -> Result<()> {
        let at = serve("paths")?;
        for path in [
            "/some/where/../secret",
            "/some/where/%2e%2e/secret",
            "/some/where/..%2fsecret",
            "/some/where/..%5csecret",
            "/some/where/data/../../secret",
            "/some/where//etc/passwd",
            "/some/where/%2fetc/passwd",
            "/etc/passwd",
            "/",
            "/some/where",
            "/some/where/%zz",
            "/some/where/%00",
        ] {
            let (head, body) = get(&at, path, "")?;
            assert!(head.starts_with("HTTP/1.1 4"), "{path}: {head}");
            assert!(body.len() < 30, "{path} sent {} bytes", body.len());
        }
        Ok(())
    }

    #[test]
    fn answers_while_many_connections_say_nothing() -> Result<()> {
        let at = serve("idle")?;
        let host = at.trim_start_matches("http://localhost").split('/').next().context("no port")?;
        let idle = (0..40).map(|_| TcpStream::connect(format!("127.0.0.1{host}")));
        let idle = idle.collect::<io::Result<Vec<_>>>()?;
        let (head, _) = get(&at, "/some/where/", "")?;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        drop(idle);
        Ok(())
    }

    #[test]
    fn refuses_what_is_no_file() {
        assert!(archives(&["/nowhere/at/all.tar.gz".into()]).is_err());
        assert!(archives(&[std::env::temp_dir()]).is_err());
    }
}
