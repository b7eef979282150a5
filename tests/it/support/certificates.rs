//! Makes an authority and a server's certificate with openssl, for tests of TLS.
//! It asserts nothing but that openssl does what it is asked for.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// An authority of its own and a certificate, made anew in a directory.
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// For these names, as in `DNS:localhost,IP:127.0.0.1`; `None` where there is no openssl to make them with.
    pub(crate) fn make(directory: &Path, names: &str) -> Option<Self> {
        let file = |name: &str| directory.join(name);
        let openssl = |arguments: &[&str]| {
            let done = Command::new("openssl").args(arguments).current_dir(directory).stdin(Stdio::null()).output();
            done.is_ok_and(|output| {
                assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
                true
            })
        };
        std::fs::write(file("leaf.cnf"), format!("subjectAltName={names}\nbasicConstraints=CA:FALSE\n")).ok()?;
        let curve = "ec_paramgen_curve:P-256";
        let made = openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            curve,
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ]) && openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            curve,
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "leaf.key",
            "-out",
            "leaf.csr",
        ]) && openssl(&[
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "leaf.cnf",
            "-out",
            "leaf.pem",
        ]);
        made.then(|| Self { authority: file("ca.pem"), certificate: file("leaf.pem"), key: file("leaf.key") })
    }

    /// A server's side of TLS with this certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let chain = vec![CertificateDer::from_pem_file(&self.certificate).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&self.key).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate and its key");
        TlsAcceptor::from(Arc::new(config))
    }
}
