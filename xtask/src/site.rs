//! What is served, and the answer to each request: files of one folder and nothing else.

use crate::build_web;
use anyhow::{Context, Result, bail};
use flate2::{Compression, Crc};
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

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

/// What matters of a request.
#[derive(Default)]
pub struct Request {
    pub method: String,
    target: String,
    accepts_gzip: bool,
    /// The version of the file that the browser has already.
    known_tag: Option<String>,
}

pub struct Response {
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

    /// A line of text.
    pub fn plain(status: &'static str, text: &str) -> Response {
        Response::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
    }

    /// Writes it out, with or without what follows the headers.
    pub fn send(mut self, stream: &mut impl Write, with_body: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", self.status);
        head += &format!("Content-Length: {}\r\nX-Content-Type-Options: nosniff\r\n", self.length);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        if with_body {
            io::copy(&mut self.body, stream)?;
        }
        Ok(())
    }
}

/// Longest head of a request that is read.
const MAX_HEAD: usize = 16 * 1024;

impl Request {
    /// Reads the head of a request; there is no body in what we answer.
    pub fn read(stream: &mut impl Read) -> Result<Request> {
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
    pub fn converse(&self, stream: &mut (impl Read + Write)) -> Result<()> {
        let request = Request::read(stream)?;
        self.answer(&request).send(stream, request.method != "HEAD")?;
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

    #[test]
    fn refuses_what_is_no_file() {
        assert!(archives(&["/nowhere/at/all.tar.gz".into()]).is_err());
        assert!(archives(&[std::env::temp_dir()]).is_err());
    }
}
