//! `cargo xtask serve --lan`: the page for a whole classroom. Browsers give other machines' pages a GPU over
//! https only, so this is https with a certificate of our own.

use crate::certificate::{self, Names};
use crate::serve;
use crate::site::{Request, Response, Site};
use anyhow::{Context, Result};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;

/// Serves in the background, as [`serve::start`] does, and tells where.
pub fn start_and_announce(site: Site, port: u16) -> Result<()> {
    let names = Names::of_this_machine()?;
    let config = certificate::server_config(&certificate::folder()?, &names)?;
    let prefix = site.prefix.clone();
    let port = start(site, port, config)?;
    let addresses: Vec<_> =
        names.reached().iter().map(|name| format!("https://{name}:{port}{prefix}")).collect();
    let (first, others) = addresses.split_first().context("no address")?;
    println!("Skipscope is at {first}");
    for other in others {
        println!("        also at {other}");
    }
    // Its colours are for eyes and cameras, not for files.
    if io::stdout().is_terminal() {
        println!("\n{}", coloured(&qr(first)?));
    }
    println!("{WARNING}");
    Ok(())
}

// Offline use needs https as well, but a certificate that the browser trusts: Chromium refuses a service
// worker behind a warning. So it is not promised here.
const WARNING: &str = "\
Each browser warns once, because this machine made the certificate itself: choose “Advanced”, then go on.
Without https, browsers refuse a page from another machine WebGPU, the camera and the clipboard.";

/// Serves to the whole network from threads in the background. Returns the port.
fn start(site: Site, port: u16, config: ServerConfig) -> Result<u16> {
    let listener = serve::listen(Ipv4Addr::UNSPECIFIED, port)?;
    let port = listener.local_addr()?.port();
    let config = Arc::new(config);
    serve::answer_all(listener, move |stream| converse(&site, config.clone(), stream));
    Ok(port)
}

/// The first byte of everything that begins TLS: a handshake record (RFC 8446, §5.1).
const HANDSHAKE: u8 = 22;

/// One connection with one request.
fn converse(site: &Site, config: Arc<ServerConfig>, mut stream: TcpStream) -> Result<()> {
    // Phones go out of reach in the middle of a download.
    stream.set_write_timeout(stream.read_timeout()?)?;
    let mut first = [0];
    stream.peek(&mut first)?;
    if first != [HANDSHAKE] {
        // Read first: a connection that is closed with something unread may lose the answer. It helps
        // whether or not we understand the question.
        let with_body = Request::read(&mut stream).map_or(true, |request| request.method != "HEAD");
        let text = format!("use https://{}{}", stream.local_addr()?, site.prefix);
        Response::plain("400 Bad Request", &text).send(&mut stream, with_body)?;
        return Ok(());
    }
    let mut tls = StreamOwned::new(ServerConnection::new(config)?, stream);
    site.converse(&mut tls)?;
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(())
}

/// A QR code in half blocks: what is printed is dark, spaces are light, a quiet zone is around it.
fn qr(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).context("no QR code holds this")?;
    Ok(code.render::<Dense1x2>().quiet_zone(true).build())
}

/// Black on white, whatever the terminal's own colours are.
fn coloured(picture: &str) -> String {
    // 16 and 231 are black and white in the fixed part of the 256 colours; themes change the first 16.
    picture.lines().map(|line| format!("\x1b[38;5;16;48;5;231m{line}\x1b[0m\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use std::fs;
    use std::io::Read;
    use std::path::Path;

    /// A page large enough for many TLS records.
    const PAGE: &str = "<p>page</p>";
    const REPEATS: usize = 30_000;

    fn serve(folder: &Path) -> Result<u16> {
        fs::write(folder.join("index.html"), PAGE.repeat(REPEATS))?;
        let names = Names { addresses: vec!["192.168.1.5".parse()?], host: None };
        let config = certificate::server_config(folder, &names)?;
        start(Site { prefix: "/some/where/".into(), folder: folder.into(), archives: Vec::new() }, 0, config)
    }

    /// Asks as a browser would that trusts the certificate in `folder`, and takes the server for `name`.
    fn get(port: u16, folder: &Path, name: &'static str) -> Result<String> {
        let mut roots = RootCertStore::empty();
        for file in fs::read_dir(folder)? {
            if let Ok(certificate) = CertificateDer::from_pem_file(file?.path()) {
                roots.add(certificate)?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        let client = ClientConnection::new(config, ServerName::try_from(name)?)?;
        let mut stream = StreamOwned::new(client, TcpStream::connect((Ipv4Addr::LOCALHOST, port))?);
        write!(stream, "GET /some/where/ HTTP/1.1\r\nHost: {name}\r\n\r\n")?;
        let mut all = String::new();
        // An end without TLS's own goodbye is an error here.
        stream.read_to_string(&mut all)?;
        Ok(all)
    }

    #[test]
    fn who_trusts_the_certificate_gets_the_page_over_https() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let port = serve(folder.path())?;
        for name in ["localhost", "127.0.0.1", "::1", "192.168.1.5"] {
            let all = get(port, folder.path(), name)?;
            let (head, body) = all.split_once("\r\n\r\n").context("no end of headers")?;
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert!(body == PAGE.repeat(REPEATS), "{} bytes", body.len());
        }
        assert!(get(port, folder.path(), "192.168.1.6").is_err(), "a name that is not in the certificate");
        assert!(
            get(port, tempfile::tempdir()?.path(), "localhost").is_err(),
            "a browser that trusts nothing"
        );
        Ok(())
    }

    #[test]
    fn plain_http_is_told_in_words_to_use_https() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let port = serve(folder.path())?;
        for (question, expected) in [
            (
                "GET /x HTTP/1.1\r\nHost: h\r\n\r\n",
                format!("\r\n\r\nuse https://127.0.0.1:{port}/some/where/\n"),
            ),
            ("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n", "\r\n\r\n".into()),
            ("\0\r\n\r\n", format!("\r\n\r\nuse https://127.0.0.1:{port}/some/where/\n")),
        ] {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.write_all(question.as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            assert!(
                answer.starts_with("HTTP/1.1 400") && answer.ends_with(&expected),
                "{question}: {answer}"
            );
        }
        Ok(())
    }

    #[test]
    fn a_camera_reads_the_address_off_the_printed_code() -> Result<()> {
        let address = "https://192.168.100.123:8080/";
        let picture = qr(address)?;
        let rows: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
        // Some pixels a module, as a camera sees it. The upper and the lower half of a character are two.
        let pixels = 4;
        let dark = |x: usize, y: usize| match rows[y / 2].get(x) {
            Some('█') => true,
            Some('▀') => y.is_multiple_of(2),
            Some('▄') => !y.is_multiple_of(2),
            _ => false,
        };
        let (width, height) = (rows[0].len(), rows.len() * 2);
        let mut seen =
            rqrr::PreparedImage::prepare_from_greyscale(width * pixels, height * pixels, |x, y| {
                if dark(x / pixels, y / pixels) { 0 } else { 255 }
            });
        let codes = seen.detect_grids();
        let code = codes.first().context("nothing that looks like a QR code")?;
        assert_eq!(code.decode()?.1, address);
        // The four light modules around it that the standard asks for.
        assert!((0..width).all(|x| (0..4).all(|y| !dark(x, y) && !dark(y, x.min(height - 1)))));
        assert!(
            coloured(&picture).lines().all(|line| line.starts_with("\x1b[") && line.ends_with("\x1b[0m"))
        );
        Ok(())
    }
}
