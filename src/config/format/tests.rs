//! Recorded from Terraform 1.11.4.

use super::format;

#[test]
#[ignore]
fn zz_format() {
    let dir = std::env::var("ZZ").unwrap();
    let _ = std::fs::create_dir(format!("{dir}/out"));
    for f in std::fs::read_dir(format!("{dir}/in")).unwrap() {
        let f = f.unwrap();
        let text = String::from_utf8(std::fs::read(f.path()).unwrap()).unwrap();
        let out = match format(&text) {
            Ok(t) => t,
            Err(_) => "ERROR".into(),
        };
        std::fs::write(format!("{dir}/out/{}", f.file_name().into_string().unwrap()), out).unwrap();
    }
}
