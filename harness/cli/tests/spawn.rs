//! A server that is started gets ready or says why not, and never outlives the run.
#![expect(clippy::expect_used, reason = "a test that can't go on should stop there")]
#![cfg(unix)]

use std::net::TcpStream;
use std::time::Duration;

use passmuster::targets::spawn::{SpawnError, Spawned};
use tokio::time::{sleep, timeout};

/// A guard against hanging, not a promise of speed.
const LONG: Duration = Duration::from_secs(300);

async fn start(command: &str, ready: Option<&str>, deadline: Duration) -> Result<Spawned, SpawnError> {
    timeout(2 * LONG, Spawned::start(command, ready, deadline)).await.expect("the start hangs")
}

async fn failure(command: &str, deadline: Duration) -> SpawnError {
    start(command, None, deadline).await.err().expect("it should not start")
}

/// Starts a server that never gets ready, with ever more patience until it comes as far as to show this.
async fn given_up(command: &str, ready: Option<&str>, shown: &str) -> String {
    let mut patience = Duration::from_millis(300);
    loop {
        let error = start(command, ready, patience).await.err().expect("it should not start");
        assert!(matches!(error, SpawnError::NeverReady { .. }), "{error:?}");
        let text = error.to_string();
        if text.contains(shown) {
            return text;
        }
        assert!(patience < LONG, "{shown:?} is not shown: {text}");
        patience *= 4;
    }
}

/// A server to start: the reference server.
fn a_server() -> String {
    format!("'{}' serve --port {{port}}", env!("CARGO_BIN_EXE_passmuster"))
}

fn is_up(spawned: &Spawned) -> bool {
    TcpStream::connect(spawned.endpoint().trim_start_matches("http://")).is_ok()
}

#[tokio::test]
async fn a_server_is_started_waited_for_and_ended() {
    for ready in [None, Some("/_passmuster/health")] {
        let mut server = start(&a_server(), ready, LONG).await.unwrap();
        assert!(is_up(&server));
        server.stop().await;
        assert!(!is_up(&server));
        assert!(server.last_output().contains("listening http://127.0.0.1:"), "{}", server.last_output());
    }
}

#[tokio::test]
async fn a_server_ends_with_its_owner_and_takes_along_what_it_started() {
    let command = format!("/bin/sh -c '{} & wait'", a_server().replace('\'', ""));
    let server = start(&command, Some("/_passmuster/health"), LONG).await.unwrap();
    let address = server.endpoint().trim_start_matches("http://").to_owned();
    drop(server);
    let ended = async {
        while TcpStream::connect(&address).is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONG, ended).await.expect("the server is still up");
}

#[tokio::test]
async fn a_server_that_ignores_the_request_to_end_is_ended() {
    let command = format!("/bin/sh -c 'trap \"\" TERM; {}'", a_server().replace('\'', ""));
    let mut server = start(&command, None, LONG).await.unwrap();
    timeout(LONG, server.stop()).await.expect("stopping hangs");
    assert!(!is_up(&server));
}

#[tokio::test]
async fn a_server_that_dies_at_once_is_quoted() {
    let error =
        failure("/bin/sh -c 'echo starting; echo \"no module named moto\" >&2; exit 3' {port}", LONG).await;
    assert!(matches!(error, SpawnError::Died { status, .. } if status.code() == Some(3)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("starting") && text.contains("no module named moto"), "{text}");
    assert!(text.contains("exit status: 3"), "{text}");
}

#[tokio::test]
async fn a_server_that_never_listens_is_given_up() {
    let command = "/bin/sh -c 'echo thinking; exec sleep 6000' {port}";
    let text = given_up(command, None, "thinking").await;
    assert!(text.contains("nothing listens there"), "{text}");
}

#[tokio::test]
async fn a_server_that_listens_but_is_not_ready_is_told_apart() {
    given_up(&a_server(), Some("/health"), "GET /health is answered by status 403").await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named_with_what_to_do() {
    let error = failure("no-such-program-here -p {port}", LONG).await;
    assert!(matches!(error, SpawnError::Run { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("`no-such-program-here`") && text.contains("install it"), "{text}");
}

#[tokio::test]
async fn a_command_that_cannot_be_meant_is_refused_before_it_runs() {
    assert!(matches!(failure("moto_server -p 5000", LONG).await, SpawnError::NoPort { .. }));
    assert!(matches!(failure("moto_server '{port}", LONG).await, SpawnError::Words { .. }));
}

#[tokio::test]
async fn a_server_that_says_too_much_is_kept_to_its_last_words() {
    let error = failure("/bin/sh -c 'yes line | head -n 200000; echo last' {port}", LONG).await;
    let SpawnError::Died { output, .. } = error else { panic!("{error:?}") };
    assert!(output.len() <= 32 << 10 && output.lines().count() <= 200, "{} bytes", output.len());
    assert!(output.ends_with("last"), "{output}");
}
