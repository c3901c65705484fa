//! The self-made certificate of `cargo xtask serve --lan`. It is kept between starts, because a browser's
//! "go on nevertheless" holds for one certificate only.

use anyhow::{Context, Result};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{RootCertStore, ServerConfig};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;

/// Under what this machine is reached, besides localhost.
pub struct Names {
    /// Those in a network; the one that leads out of this machine comes first.
    pub addresses: Vec<IpAddr>,
    pub host: Option<String>,
}

impl Names {
    /// Asks the system.
    pub fn of_this_machine() -> Result<Names> {
        let found = if_addrs::get_if_addrs().context("cannot list this machine's addresses")?;
        let mut addresses: Vec<_> = found.iter().map(|interface| interface.ip()).collect();
        // An fe80 address means nothing without the name of an interface.
        addresses
            .retain(|ip| !ip.is_loopback() && !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()));
        let route = route_out();
        let link_local = |ip: &IpAddr| matches!(ip, IpAddr::V4(ip) if ip.is_link_local());
        addresses.sort_by_key(|ip| (Some(*ip) != route, ip.is_ipv6(), link_local(ip)));
        addresses.dedup();
        let host = gethostname::gethostname().into_string().ok();
        // What no certificate can hold cannot be asked for over https either.
        let host = host.filter(|host| ServerName::try_from(host.as_str()).is_ok() && host != "localhost");
        Ok(Names { addresses, host })
    }

    /// Everything that a new certificate is for.
    fn all(&self) -> Vec<String> {
        let always =
            ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
        let more = self.host.iter().cloned().chain(self.addresses.iter().map(IpAddr::to_string));
        always.into_iter().chain(more).collect()
    }

    /// What the page is reached under, the best first: we listen on IPv4 alone. IPv6 addresses often change
    /// from day to day, and must not cost everybody another warning.
    pub fn reached(&self) -> Vec<String> {
        let addresses = self.addresses.iter().filter(|ip| ip.is_ipv4()).map(IpAddr::to_string);
        addresses.chain(self.host.clone()).chain(["localhost".to_owned()]).collect()
    }
}

/// The address from which this machine would talk to the internet. Nothing is sent.
fn route_out() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // A documentation address (RFC 5737): anything outside will do.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The folder where the certificate is kept.
pub fn folder() -> Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "skipscope").context("no home folder")?;
    Ok(folders.cache_dir().join("lan"))
}

/// The certificate of an earlier start, as long as it fits all names and does not end soon, or a new one.
pub fn server_config(folder: &Path, names: &Names) -> Result<ServerConfig> {
    let file = folder.join(FILE);
    if let Some(config) = fs::read(&file).ok().and_then(|kept| usable(&kept, names)) {
        return Ok(config);
    }
    let pem = make(names).context("cannot make a certificate")?;
    keep(&file, &pem).with_context(|| format!("cannot keep the certificate in {}", file.display()))?;
    usable(pem.as_bytes(), names).context("the new certificate does not fit; is the clock right?")
}

/// Certificate and private key in one file, so that they always belong together.
const FILE: &str = "certificate-and-key.pem";
/// Devices of Apple take no certificate for longer than 825 days.
const LIFE: time::Duration = time::Duration::days(365);
/// Clocks of other machines may be late.
const EARLIER: time::Duration = time::Duration::days(1);
/// A certificate that ends within this time is renewed: it should outlast the lesson.
const RESERVE: Duration = Duration::from_secs(24 * 60 * 60);

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn make(names: &Names) -> Result<String> {
    let mut about = CertificateParams::new(names.all())?;
    about.distinguished_name.remove(DnType::CommonName);
    about.distinguished_name.push(DnType::CommonName, "Skipscope in a classroom (self-made)");
    about.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    about.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let now = OffsetDateTime::now_utc();
    (about.not_before, about.not_after) = (now - EARLIER, now + LIFE);
    let key = KeyPair::generate()?;
    Ok(about.self_signed(&key)?.pem() + &key.serialize_pem())
}

/// Written beside and renamed, so that no half of it is ever found; for nobody but its owner to read.
fn keep(file: &Path, pem: &str) -> Result<()> {
    fs::create_dir_all(file.parent().context("no folder")?)?;
    let new = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&new)?.write_all(pem.as_bytes())?;
    fs::rename(&new, file)?;
    Ok(())
}

/// The certificate, if a browser that trusts it would take it under every name, also when the reserve is up.
fn usable(pem: &[u8], names: &Names) -> Option<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(pem).ok()?;
    let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).ok()?;
    let browser = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().ok()?;
    let then =
        UnixTime::since_unix_epoch(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()? + RESERVE);
    for name in names.reached() {
        browser.verify_server_cert(&certificate, &[], &ServerName::try_from(name).ok()?, &[], then).ok()?;
    }
    let config =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().ok()?;
    // Refuses a key that is not the certificate's.
    config.with_no_client_auth().with_single_cert(vec![certificate], key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(addresses: &[&str]) -> Result<Names> {
        let addresses = addresses.iter().map(|ip| ip.parse()).collect::<Result<_, _>>()?;
        Ok(Names { addresses, host: Some("teacher".into()) })
    }

    #[test]
    fn a_certificate_is_kept_until_an_address_is_missing() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let content = |names: &Names| -> Result<Vec<u8>> {
            server_config(folder.path(), names)?;
            Ok(fs::read(folder.path().join(FILE))?)
        };
        let first = content(&names(&["192.168.1.5", "2001:db8::5"])?)?;
        assert_eq!(first, content(&names(&["192.168.1.5", "2001:db8::5"])?)?);
        assert_eq!(first, content(&names(&["192.168.1.5", "2001:db8::6"])?)?, "IPv6 alone is no reason");
        let second = content(&names(&["192.168.1.6", "192.168.1.5"])?)?;
        assert_ne!(first, second);
        let renamed = Names { host: Some("other".into()), ..names(&["192.168.1.5"])? };
        assert_ne!(second, content(&renamed)?);
        Ok(())
    }

    #[test]
    fn what_is_broken_or_of_another_key_is_made_anew() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let names = names(&["192.168.1.5"])?;
        let file = folder.path().join(FILE);
        server_config(folder.path(), &names)?;
        let good = fs::read_to_string(&file)?;
        let certificate =
            good.split_inclusive("-----END CERTIFICATE-----").next().context("no certificate")?;
        for broken in [
            String::new(),
            "nonsense".into(),
            certificate.into(),
            format!("{certificate}\n{}", KeyPair::generate()?.serialize_pem()),
        ] {
            fs::write(&file, &broken)?;
            server_config(folder.path(), &names)?;
            assert_ne!(broken, fs::read_to_string(&file)?);
        }
        Ok(())
    }

    #[test]
    fn what_ends_soon_is_not_used() -> Result<()> {
        let names = names(&["192.168.1.5"])?;
        let key = KeyPair::generate()?;
        for (days, kept) in [(-1, false), (0, false), (3, true)] {
            let mut about = CertificateParams::new(names.all())?;
            about.not_after = OffsetDateTime::now_utc() + time::Duration::days(days);
            let pem = about.self_signed(&key)?.pem() + &key.serialize_pem();
            assert_eq!(usable(pem.as_bytes(), &names).is_some(), kept, "{days} days");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_key() -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        server_config(folder.path(), &names(&[])?)?;
        let mode = fs::metadata(folder.path().join(FILE))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{mode:o}");
        Ok(())
    }

    #[test]
    fn this_machines_own_names_fit_into_a_certificate() -> Result<()> {
        let names = Names::of_this_machine()?;
        assert!(names.addresses.iter().all(|ip| !ip.is_loopback()));
        server_config(tempfile::tempdir()?.path(), &names)?;
        Ok(())
    }
}
