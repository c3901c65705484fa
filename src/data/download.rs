//! Fetches the official archive for `skipscope data download`, on lines that break and past servers that lie.
//!
//! The bytes go to `NAME.part`; a break is taken up where it happened, and a later run goes on from there.
//! Only a file that is whole and has the expected sum takes the archive's name, so what [`find`] gives has
//! been checked, and an older good archive stays until a better one is there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use md5::{Digest, Md5};
use ureq::http::{HeaderMap, StatusCode, header};

use super::{cifar, hex};

/// Where the archive comes from unless another address is given.
pub const DEFAULT_URL: &str = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";

/// Bytes of the largest file that is fetched; the official archives have 170 MB.
const MAX_BYTES: u64 = 1 << 30;
/// Tries in a row that may fail without a single new byte.
const TRIES: u32 = 5;
/// Bytes between two calls of the progress callback at most.
const CHUNK: usize = 128 << 10;

/// Why an archive could not be fetched or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// No home folder.
    #[error(
        "this system names no folder for a program's data; download the archive yourself and give its path"
    )]
    NoFolder,

    /// `cifar10` before it was fetched.
    #[error(
        "CIFAR-10 is not in {folder}; run `skipscope data download` first, or give the path of an archive"
    )]
    NotDownloaded { folder: String },

    /// Neither a known name nor a path.
    #[error("there is no file or folder {path}; give `cifar10`, an archive or an unpacked folder")]
    NoSuchFile { path: String },

    /// Not an address of a file.
    #[error("{url} is no address of a file to download: {problem}")]
    Url { url: String, problem: &'static str },

    /// The server said no, and will say so again.
    #[error("{url}: the server answers {status}; check the address")]
    Refused { url: String, status: StatusCode },

    /// The line broke too often.
    #[error(
        "{url}: gave up after {TRIES} tries, with {done} bytes there: {problem}; run it again to go on from \
         there"
    )]
    Broken { url: String, done: u64, problem: String },

    /// No CIFAR-10 archive is that large.
    #[error("{url} has more than {MAX_BYTES} bytes, which no CIFAR-10 archive has")]
    TooLarge { url: String },

    /// The bytes are not those that were promised.
    #[error(
        "{url}: the file has the MD5 sum {found} instead of {expected} and was removed; run it again, and if \
         that does not help, use another address"
    )]
    Sum { url: String, found: String, expected: String },

    /// Two downloads of the same file at once.
    #[error("{path} is being downloaded by another Skipscope; wait for it to finish")]
    Busy { path: String },

    /// The disk said no.
    #[error("cannot write {path}: {source}")]
    Io { path: String, source: io::Error },
}

/// The folder where downloaded archives are kept, such as `~/.local/share/skipscope`; it may not exist yet.
///
/// # Errors
///
/// [`DownloadError::NoFolder`] where the user has no home folder.
pub fn data_dir() -> Result<PathBuf, DownloadError> {
    let folders = directories::ProjectDirs::from("", "", "skipscope").ok_or(DownloadError::NoFolder)?;
    Ok(folders.data_dir().to_path_buf())
}

/// Resolves what a user names: `cifar10` to the downloaded archive, anything else to that path.
///
/// A file of one's own called `cifar10` is `./cifar10`. The result suits [`cifar::from_path`].
///
/// # Errors
///
/// [`DownloadError::NotDownloaded`], [`DownloadError::NoSuchFile`] or [`DownloadError::NoFolder`].
pub fn find(arg: &str) -> Result<PathBuf, DownloadError> {
    if arg == "cifar10" { find_in(&data_dir()?) } else { existing(Path::new(arg)) }
}

fn find_in(folder: &Path) -> Result<PathBuf, DownloadError> {
    ["cifar-10-binary.tar.gz", "cifar-10-python.tar.gz"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| DownloadError::NotDownloaded { folder: folder.display().to_string() })
}

fn existing(path: &Path) -> Result<PathBuf, DownloadError> {
    if path.exists() {
        Ok(path.to_path_buf())
    } else {
        Err(DownloadError::NoSuchFile { path: path.display().to_string() })
    }
}

/// The MD5 sum that a file with this address must have, for the names of the official archives.
pub fn published_md5(url: &str) -> Option<&'static str> {
    match file_name(url).ok()? {
        "cifar-10-binary.tar.gz" => Some(cifar::BINARY_MD5),
        "cifar-10-python.tar.gz" => Some(cifar::PYTHON_MD5),
        _ => None,
    }
}

/// Downloads `url` into `folder` under the last part of its address and returns the file's path.
///
/// `md5` is the sum (hexadecimal, of either case) that the file must have; with `None` any whole file does.
/// A file that is already there with the right sum is not fetched again. `progress` is told the bytes there
/// are and, where the server says so, the bytes there will be.
///
/// # Errors
///
/// [`DownloadError`]; what has arrived stays in `NAME.part` unless its sum is wrong, and a file that was
/// there before stays as it was.
pub fn download(
    url: &str,
    folder: &Path,
    md5: Option<&str>,
    progress: impl FnMut(u64, Option<u64>),
) -> Result<PathBuf, DownloadError> {
    Download::new(url, folder, md5, progress, Duration::from_secs(1))?.run()
}

/// The last part of an address, if it can be a file's name everywhere.
fn file_name(url: &str) -> Result<&str, DownloadError> {
    let bad = |problem| DownloadError::Url { url: url.to_owned(), problem };
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or_else(|| bad("it should begin with https:// or http://"))?;
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    let name = path.split_once('/').map_or("", |(_, path)| path).rsplit('/').next().unwrap_or("");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || name.len() > 100 || !name.chars().all(plain) {
        return Err(bad("it should end in a file's name, such as cifar-10-binary.tar.gz"));
    }
    Ok(name)
}

/// How one request ended, short of an error that ends all.
enum Outcome {
    Whole,
    /// To be tried again from wherever the file now ends.
    Broken(String),
}

struct Download<'a, P> {
    url: &'a str,
    md5: Option<&'a str>,
    target: PathBuf,
    part: PathBuf,
    progress: P,
    /// Wait before the first repetition; doubled each time.
    pause: Duration,
    agent: ureq::Agent,
}

impl<'a, P: FnMut(u64, Option<u64>)> Download<'a, P> {
    fn new(
        url: &'a str,
        folder: &Path,
        md5: Option<&'a str>,
        progress: P,
        pause: Duration,
    ) -> Result<Self, DownloadError> {
        let name = file_name(url)?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Ranges count the bytes of the file itself, so it must not be packed for the journey.
            .accept_encoding("identity")
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .build();
        Ok(Download {
            url,
            md5,
            target: folder.join(name),
            part: folder.join(format!("{name}.part")),
            progress,
            pause,
            agent: config.into(),
        })
    }

    fn disk(&self, source: io::Error) -> DownloadError {
        DownloadError::Io { path: self.part.display().to_string(), source }
    }

    fn run(mut self) -> Result<PathBuf, DownloadError> {
        if let Some(folder) = self.target.parent() {
            std::fs::create_dir_all(folder).map_err(|source| self.disk(source))?;
        }
        if let (Some(expected), Ok(mut file)) = (self.md5, File::open(&self.target))
            && sum(&mut file).is_ok_and(|found| found.eq_ignore_ascii_case(expected))
        {
            return Ok(self.target);
        }

        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&self.part);
        let mut file = open.map_err(|source| self.disk(source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DownloadError::Busy { path: self.target.display().to_string() });
            }
            // Some network file systems know no locks; then there is none.
            Err(TryLockError::Error(_)) => {}
        }
        self.fill(&mut file)?;
        file.sync_all().map_err(|source| self.disk(source))?;

        if let Some(expected) = self.md5 {
            let found = sum(&mut file).map_err(|source| self.disk(source))?;
            if !found.eq_ignore_ascii_case(expected) {
                drop(file);
                std::fs::remove_file(&self.part).map_err(|source| self.disk(source))?;
                let expected = expected.to_ascii_lowercase();
                return Err(DownloadError::Sum { url: self.url.to_owned(), found, expected });
            }
        }
        // Windows renames no open file.
        drop(file);
        std::fs::rename(&self.part, &self.target).map_err(|source| self.disk(source))?;
        Ok(self.target)
    }

    /// Requests until the file is whole.
    fn fill(&mut self, file: &mut File) -> Result<(), DownloadError> {
        let mut most = 0;
        let mut failures = 0;
        loop {
            let problem = match self.request(file)? {
                Outcome::Whole => return Ok(()),
                Outcome::Broken(problem) => problem,
            };
            let done = file.metadata().map_err(|source| self.disk(source))?.len();
            // Only a try that got further than any before it proves the line to be alive.
            failures = if done > most { 1 } else { failures + 1 };
            most = most.max(done);
            if failures >= TRIES {
                return Err(DownloadError::Broken { url: self.url.to_owned(), done, problem });
            }
            log::warn!("{}: {problem}; trying again from byte {done}", self.url);
            std::thread::sleep(self.pause * (1 << (failures - 1)));
        }
    }

    /// One request, for what is missing at the end of the file.
    fn request(&mut self, file: &mut File) -> Result<Outcome, DownloadError> {
        let have = file.seek(SeekFrom::End(0)).map_err(|source| self.disk(source))?;
        let mut request = self.agent.get(self.url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
                return Err(DownloadError::Url { url: self.url.to_owned(), problem: "it is malformed" });
            }
            Err(error) => return Ok(Outcome::Broken(error.to_string())),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let range = content_range(&headers);
        let (start, total) = match status {
            StatusCode::OK => (0, number(&headers, header::CONTENT_LENGTH)),
            StatusCode::PARTIAL_CONTENT => match range {
                Some((Some(start), total)) if start == have => (have, total),
                _ => return self.restart(file, "the server sent another part than was asked for"),
            },
            StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => match range {
                // Everything had arrived before the last break.
                Some((_, Some(total))) if total == have => return Ok(Outcome::Whole),
                _ => return self.restart(file, "the file on the server has changed"),
            },
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Outcome::Broken(format!("the server answers {status}")));
            }
            status if status.is_server_error() => {
                return Ok(Outcome::Broken(format!("the server answers {status}")));
            }
            status => return Err(DownloadError::Refused { url: self.url.to_owned(), status }),
        };
        if total.is_some_and(|total| total > MAX_BYTES) {
            return Err(DownloadError::TooLarge { url: self.url.to_owned() });
        }
        // A server that ignores the range sends everything again.
        file.set_len(start).map_err(|source| self.disk(source))?;
        file.seek(SeekFrom::Start(start)).map_err(|source| self.disk(source))?;
        self.receive(file, start, total, response.into_body().into_reader())
    }

    /// Writes what arrives after the first `done` bytes.
    fn receive(
        &mut self,
        file: &mut File,
        mut done: u64,
        total: Option<u64>,
        mut body: impl Read,
    ) -> Result<Outcome, DownloadError> {
        let mut buffer = vec![0; CHUNK];
        loop {
            (self.progress)(done, total);
            let count = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Outcome::Broken(error.to_string())),
            };
            file.write_all(&buffer[..count]).map_err(|source| self.disk(source))?;
            done += count as u64;
            if done > MAX_BYTES {
                return Err(DownloadError::TooLarge { url: self.url.to_owned() });
            }
        }
        Ok(match total {
            Some(total) if done < total => {
                Outcome::Broken(format!("the line broke after {done} of {total} bytes"))
            }
            _ => Outcome::Whole,
        })
    }

    /// Throws away what is there, since it cannot be gone on with.
    fn restart(&self, file: &mut File, problem: &str) -> Result<Outcome, DownloadError> {
        file.set_len(0).map_err(|source| self.disk(source))?;
        Ok(Outcome::Broken(problem.to_owned()))
    }
}

/// First byte and whole length from `bytes 5-9/10`, either of which may be missing.
fn content_range(headers: &HeaderMap) -> Option<(Option<u64>, Option<u64>)> {
    let value = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-').and_then(|(start, _)| start.trim().parse().ok());
    Some((start, total.trim().parse().ok()))
}

fn number(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The MD5 sum of a whole file.
fn sum(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Md5::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;

    use super::*;

    /// Answers one connection after another, each with its own function of the requested first byte, and
    /// tells those first bytes at the end.
    type Answer = Box<dyn FnOnce(&mut TcpStream, Option<usize>) + Send>;

    fn serve(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Option<usize>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/a/pictures.tar.gz", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut from = None;
                for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                    let line = line.unwrap().to_ascii_lowercase();
                    if let Some(range) = line.strip_prefix("range: bytes=") {
                        from = Some(range.trim_end_matches('-').parse().unwrap());
                    }
                    if line.is_empty() {
                        break;
                    }
                }
                asked.push(from);
                answer(&mut stream, from);
            }
            asked
        });
        (url, thread)
    }

    fn file() -> Vec<u8> {
        (0..500_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()).collect()
    }

    fn head(stream: &mut TcpStream, status: &str, length: usize, more: &str) {
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    }

    /// A good server; it breaks off after `cut` bytes.
    fn with_ranges(cut: usize) -> Answer {
        Box::new(move |stream, from| {
            let file = file();
            let rest = &file[from.unwrap_or(0)..];
            match from {
                Some(from) => {
                    let range = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
                    head(stream, "206 Partial Content", rest.len(), &range);
                }
                None => head(stream, "200 OK", rest.len(), ""),
            }
            let _ = stream.write_all(&rest[..cut.min(rest.len())]);
        })
    }

    /// A server that knows no ranges.
    fn without_ranges(cut: usize) -> Answer {
        Box::new(move |stream, _| {
            let file = file();
            head(stream, "200 OK", file.len(), "");
            let _ = stream.write_all(&file[..cut.min(file.len())]);
        })
    }

    fn status(text: &'static str, more: &'static str) -> Answer {
        Box::new(move |stream, _| head(stream, text, 0, more))
    }

    fn fetch(url: &str, folder: &Path, md5: Option<&str>) -> Result<(PathBuf, u64), DownloadError> {
        let mut last = 0;
        let progress = |done, total: Option<u64>| {
            assert!(total.is_none_or(|total| done <= total));
            last = done;
        };
        let path = Download::new(url, folder, md5, progress, Duration::from_millis(1))?.run()?;
        Ok((path, last))
    }

    fn md5() -> String {
        hex(&Md5::digest(file()))
    }

    #[test]
    fn a_broken_line_is_taken_up_where_it_broke() {
        let folder = tempfile::tempdir().unwrap();
        let (url, server) =
            serve(vec![with_ranges(300_001), status("503 Busy", ""), with_ranges(usize::MAX)]);
        let (path, done) = fetch(&url, folder.path(), Some(&md5().to_uppercase())).unwrap();
        assert_eq!(path, folder.path().join("pictures.tar.gz"));
        assert_eq!(std::fs::read(&path).unwrap(), file());
        assert_eq!(done, file().len() as u64);
        let asked = server.join().unwrap();
        assert_eq!(asked[0], None);
        assert_eq!(asked[1], asked[2]);
        assert!(asked[1].unwrap() > 200_000);
        assert!(!folder.path().join("pictures.tar.gz.part").exists());
        // The whole file is not asked for again: nobody serves any more.
        assert_eq!(fetch(&url, folder.path(), Some(&md5())).unwrap(), (path, 0));
    }

    #[test]
    fn a_server_that_ignores_ranges_starts_over() {
        let folder = tempfile::tempdir().unwrap();
        let (url, server) = serve(vec![without_ranges(300_000), without_ranges(usize::MAX)]);
        let (path, _) = fetch(&url, folder.path(), Some(&md5())).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), file());
        assert!(server.join().unwrap()[1].is_some());
    }

    #[test]
    fn a_part_from_an_earlier_run_is_gone_on_with() {
        for have in [70_000, file().len()] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("pictures.tar.gz.part"), &file()[..have]).unwrap();
            let whole = status("416 Range Not Satisfiable", "Content-Range: bytes */2000000\r\n");
            let answer = if have == file().len() { whole } else { with_ranges(usize::MAX) };
            let (url, server) = serve(vec![answer]);
            let (path, _) = fetch(&url, folder.path(), Some(&md5())).unwrap();
            assert_eq!(std::fs::read(path).unwrap(), file());
            assert_eq!(server.join().unwrap(), [Some(have)]);
        }
        // A part longer than the file was part of another one.
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pictures.tar.gz.part"), vec![0; 3_000_000]).unwrap();
        let whole = status("416 Range Not Satisfiable", "Content-Range: bytes */2000000\r\n");
        let (url, server) = serve(vec![whole, with_ranges(usize::MAX)]);
        fetch(&url, folder.path(), Some(&md5())).unwrap();
        assert_eq!(server.join().unwrap(), [Some(3_000_000), None]);
    }

    #[test]
    fn garbage_is_removed_and_the_good_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("pictures.tar.gz");
        std::fs::write(&good, b"an older good file").unwrap();
        let garbage: Answer = Box::new(|stream, _| {
            head(stream, "200 OK", 9, "");
            stream.write_all(b"<garbage>").unwrap();
        });
        let (url, server) = serve(vec![garbage]);
        let error = fetch(&url, folder.path(), Some(&md5())).unwrap_err();
        assert!(matches!(&error, DownloadError::Sum { expected, .. } if *expected == md5()), "{error}");
        assert!(!folder.path().join("pictures.tar.gz.part").exists());
        assert_eq!(std::fs::read(good).unwrap(), b"an older good file");
        server.join().unwrap();
    }

    #[test]
    fn hopeless_servers_are_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let (url, server) = serve(vec![status("404 Not Found", "")]);
        let error = fetch(&url, folder.path(), None).unwrap_err();
        assert!(error.to_string().contains("404 Not Found"), "{error}");
        server.join().unwrap();

        let answers = (0..TRIES).map(|_| status("500 Oh", "")).collect();
        let (url, server) = serve(answers);
        assert!(matches!(fetch(&url, folder.path(), None), Err(DownloadError::Broken { done: 0, .. })));
        server.join().unwrap();

        let huge: Answer = Box::new(|stream, _| head(stream, "200 OK", 1 << 31, ""));
        let (url, server) = serve(vec![huge]);
        assert!(matches!(fetch(&url, folder.path(), None), Err(DownloadError::TooLarge { .. })));
        server.join().unwrap();
    }

    #[test]
    fn two_at_once_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let part = File::create(folder.path().join("pictures.tar.gz.part")).unwrap();
        part.lock().unwrap();
        let error = fetch("http://127.0.0.1:9/pictures.tar.gz", folder.path(), None).unwrap_err();
        assert!(matches!(error, DownloadError::Busy { .. }), "{error}");
    }

    #[test]
    fn addresses_give_plain_file_names() {
        assert_eq!(file_name(DEFAULT_URL).unwrap(), "cifar-10-binary.tar.gz");
        assert_eq!(file_name("http://a/b/c.tgz?x=1/2#y").unwrap(), "c.tgz");
        for bad in
            ["", "c.tgz", "ftp://a/c.tgz", "https://host", "https://a/", "https://a/..", "https://a/b%2fc"]
        {
            assert!(matches!(file_name(bad), Err(DownloadError::Url { .. })), "{bad}");
        }
        assert_eq!(published_md5(DEFAULT_URL), Some(cifar::BINARY_MD5));
        assert_eq!(published_md5("https://a/b.tgz"), None);
    }

    #[test]
    fn names_and_paths_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let error = find_in(folder.path()).unwrap_err().to_string();
        assert!(error.contains("skipscope data download"), "{error}");
        let archive = folder.path().join("cifar-10-python.tar.gz");
        std::fs::write(&archive, b"x").unwrap();
        assert_eq!(find_in(folder.path()).unwrap(), archive);
        assert_eq!(find(archive.to_str().unwrap()).unwrap(), archive);
        assert!(matches!(find("/no/such/file"), Err(DownloadError::NoSuchFile { .. })));
        assert!(data_dir().is_ok_and(|folder| folder.iter().any(|part| part == "skipscope")));
    }
}
