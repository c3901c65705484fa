//! `cargo xtask serve`: the page on localhost, where browsers allow WebGPU without https.

use crate::site::{self, Site};
use crate::{build_web, lan};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
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
    /// Serve to every device in the same network, over https with a self-made certificate.
    #[arg(long)]
    lan: bool,
    /// Serve dist/ as it is.
    #[arg(long, conflicts_with = "dev")]
    no_build: bool,
}

pub fn main(args: &Args) -> Result<()> {
    // Wrong arguments are worth knowing before a build of minutes.
    let archives = site::archives(&args.data)?;
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
    if args.lan {
        lan::start_and_announce(site, args.port)?;
    } else {
        println!("Skipscope is at {}", start(site, args.port)?);
    }
    println!("Press Ctrl+C to end.");
    loop {
        thread::park();
    }
}

/// Serves from threads in the background, for as long as the program runs. Returns the page's address.
pub fn start(site: Site, port: u16) -> Result<String> {
    let listener = listen(Ipv4Addr::LOCALHOST, port)?;
    let address = format!("http://localhost:{}{}", listener.local_addr()?.port(), site.prefix);
    answer_all(listener, move |mut stream| site.converse(&mut stream));
    Ok(address)
}

/// Opens the port at one of this machine's addresses, or at all of them.
pub fn listen(address: Ipv4Addr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((address, port))
        .with_context(|| format!("cannot listen on port {port}; try another with --port"))
}

/// Has each connection answered in a thread of its own, in the background.
///
/// A thread and one request a connection: a browser opens half a dozen at once and keeps them, and a small
/// pool of threads (we tried `tiny_http`'s) then leaves some of them waiting forever.
pub fn answer_all(listener: TcpListener, answer: impl Fn(TcpStream) -> Result<()> + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A browser that goes away in the middle, or says nothing for long, is no error.
            thread::spawn(move || {
                stream.set_read_timeout(Some(SILENCE))?;
                answer(stream)
            });
        }
    });
}

/// How long a browser may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::{self, Read, Write};

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
        let archives = site::archives(&[base.join("cifar 10.tar.gz")])?;
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
}
