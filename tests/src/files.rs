//! Files to upload: pictures that are what they say, and some that are not.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;

/// The answer to `request`: status, headers and bytes.
pub async fn fetched(request: RequestBuilder) -> (u16, HeaderMap, Vec<u8>) {
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a body").to_vec())
}

/// Whether `word` can be read in `bytes`.
pub fn has(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(bytes, word.as_bytes()).is_some()
}

/// Every file below `folder` in which `word` can be read.
pub fn find(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(find(&path, word));
        } else if std::fs::read(&path).is_ok_and(|bytes| has(&bytes, word)) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// A picture with one colour to the left and another to the right.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let colour = |x: u32| if x < width / 2 { Rgb([200, 40, 40]) } else { Rgb([40, 60, 200]) };
    let image = RgbImage::from_fn(width, height, |x, _| colour(x));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture is written");
    bytes.into_inner()
}

/// A photograph that lies on its side, and says where it was taken: `word`.
pub fn photograph(width: u32, height: u32, word: &str) -> Vec<u8> {
    let plain = picture(width, height, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    // Two entries: orientation 6 (turn to the right), and a description after the table.
    let length = u32::try_from(word.len() + 1).expect("a short word");
    exif.extend_from_slice(&[0, 2, 0x01, 0x0e, 0, 2]);
    exif.extend_from_slice(&length.to_be_bytes());
    exif.extend_from_slice(&38_u32.to_be_bytes());
    exif.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
    exif.extend_from_slice(word.as_bytes());
    exif.push(0);
    let segment = u16::try_from(exif.len() + 2).expect("a short segment");
    let mut bytes = plain[..2].to_vec();
    bytes.extend_from_slice(&[0xff, 0xe1]);
    bytes.extend_from_slice(&segment.to_be_bytes());
    bytes.extend_from_slice(&exif);
    bytes.extend_from_slice(&plain[2..]);
    bytes
}

/// A small PNG file that says that it has this size.
pub fn boasting(width: u32, height: u32) -> Vec<u8> {
    sized(picture(8, 8, ImageFormat::Png), width, height)
}

/// A PNG file whose header says that it has this size.
pub fn sized(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    with_sum(png)
}

/// The same with 16 bits for each of four channels, as much as a pixel can have.
pub fn boasting_deep(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = boasting(width, height);
    bytes[24..26].copy_from_slice(&[16, 6]);
    with_sum(bytes)
}

/// With the checksum that its header has to have.
fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// A small JPEG file that says that its sides are so long.
pub fn boasting_jpeg(side: u16) -> Vec<u8> {
    let mut bytes = picture(8, 8, ImageFormat::Jpeg);
    let frame = memchr::memmem::find(&bytes, b"\xff\xc0").expect("a start of frame");
    bytes[frame + 5..frame + 7].copy_from_slice(&side.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&side.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    let sum = bytes
        .iter()
        .fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)));
    !sum
}
