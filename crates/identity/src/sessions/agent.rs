//! Which browser and which system a `User-Agent` names, as far as a person needs to know their
//! own: no versions, which browsers no longer tell truly (RFC 9110 section 10.1.5).

use super::SessionWords;

/// Marks of browsers; a browser that pretends to be others comes before them.
const BROWSERS: [(&str, &str); 19] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Electron/", "Electron"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Lynx/", "Lynx"),
];
/// Marks of systems, the more special first.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// A device in words: `Firefox on Linux`, as much of it as is known.
pub(super) fn device(t: &SessionWords, user_agent: &str) -> String {
    match (of(&BROWSERS, user_agent), of(&SYSTEMS, user_agent)) {
        (Some(browser), Some(system)) => {
            t.browser_on_system.replace("{browser}", browser).replace("{system}", system)
        }
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t.unknown_device.to_owned(),
    }
}

fn of(marks: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    #[test]
    fn people_recognise_their_browsers() {
        let t = SessionWords::of(Lang::En);
        let check = |agent: &str, expected: &str| assert_eq!(device(t, agent), expected, "{agent}");
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        check(
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Linux",
        );
        check(
            &format!(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 Safari/537.36"
            ),
            "Chrome on Windows",
        );
        check(
            &format!(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 \
                 Safari/537.36 Edg/142.0.0.0"
            ),
            "Edge on Windows",
        );
        check(
            &format!(
                "Mozilla/5.0 (Linux; Android 10; K) {webkit} Chrome/142.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome on Android",
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
             Gecko) Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
             like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
            "Firefox on iPhone",
        );
        check("curl/8.14.1", "curl");
        check("", "Unknown device");
        check("<script>", "Unknown device");
    }
}
