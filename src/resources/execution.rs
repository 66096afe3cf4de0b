//! Running a deployed state machine: start an execution, follow its history, learn how it ended.
//!
//! Refuses to know who watches and how it is shown.

use super::{Aws, Error, Result};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, HistoryEventType, StateMachineType, SyncExecutionStatus};
use std::time::Duration;

/// The first pause between two looks at the history.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Something that happened in an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The execution began.
    Started {
        /// Its ARN.
        execution: String,
        /// Milliseconds since 1970.
        at: i64,
    },
    /// A state was entered.
    Entered {
        /// The state.
        state: String,
        /// Milliseconds since 1970.
        at: i64,
    },
    /// A state was left.
    Left {
        /// The state.
        state: String,
        /// Milliseconds since 1970.
        at: i64,
    },
    /// A task, a map, or the like failed; it may be retried or caught.
    Trouble {
        /// Such as `TaskFailed`.
        what: String,
        /// The error's name.
        error: String,
        /// Its cause.
        cause: String,
        /// Milliseconds since 1970.
        at: i64,
    },
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`.
    pub status: String,
    /// The output, JSON, of one that succeeded.
    pub output: Option<String>,
    /// The error's name.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
}

impl Ended {
    /// Whether it succeeded.
    pub fn succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }
}

/// Runs the machine of this ARN on an input (JSON) and tells what happens until it ended.
///
/// # Errors
/// What AWS answers; an execution that fails is no error but an [`Ended`].
pub async fn run(aws: &Aws, machine: &str, input: &str, mut tell: impl FnMut(Moment)) -> Result<Ended> {
    let sfn = aws.sfn();
    let described = sfn.describe_state_machine().state_machine_arn(machine).send().await;
    let described = described.map_err(Error::of("states:DescribeStateMachine", machine))?;
    if described.r#type == StateMachineType::Express {
        return run_express(aws, machine, input, tell).await;
    }
    // With a name of our own, a repeated call starts nothing twice.
    let name = uuid::Uuid::new_v4().to_string();
    let started = sfn.start_execution().state_machine_arn(machine).name(name).input(input).send().await;
    let started = started.map_err(Error::of("states:StartExecution", machine))?;
    let execution = started.execution_arn;
    tell(Moment::Started { execution: execution.clone(), at: millis(&started.start_date) });
    let mut seen = 0;
    let mut pause = FIRST_PAUSE;
    loop {
        let now = sfn.describe_execution().execution_arn(&execution).send().await;
        let now = now.map_err(Error::of("states:DescribeExecution", &execution))?;
        // The history is read after the status, so that an ended execution's history is whole.
        let news = history(aws, &execution, &mut seen, &mut tell).await?;
        if now.status != ExecutionStatus::Running && now.status != ExecutionStatus::PendingRedrive {
            return Ok(Ended {
                status: now.status.as_str().to_string(),
                output: now.output,
                error: now.error,
                cause: now.cause,
            });
        }
        pause = if news { FIRST_PAUSE } else { (pause * 3 / 2).min(LONGEST_PAUSE) };
        aws.clock().sleep(pause).await;
    }
}

/// Tells what is new in the history; whether anything was.
async fn history(aws: &Aws, execution: &str, seen: &mut i64, tell: &mut impl FnMut(Moment)) -> Result<bool> {
    let mut token = None;
    let mut news = false;
    loop {
        let page = aws
            .sfn()
            .get_execution_history()
            .execution_arn(execution)
            .max_results(1000)
            .include_execution_data(true)
            .set_next_token(token)
            .send()
            .await
            .map_err(Error::of("states:GetExecutionHistory", execution))?;
        for event in page.events.iter().filter(|e| e.id > *seen) {
            if let Some(moment) = moment(event) {
                tell(moment);
            }
            news = true;
        }
        *seen = page.events.iter().map(|e| e.id).max().unwrap_or(*seen).max(*seen);
        token = page.next_token;
        if token.is_none() {
            return Ok(news);
        }
    }
}

fn moment(event: &HistoryEvent) -> Option<Moment> {
    let at = millis(&event.timestamp);
    if let Some(details) = &event.state_entered_event_details {
        return Some(Moment::Entered { state: details.name.clone(), at });
    }
    if let Some(details) = &event.state_exited_event_details {
        return Some(Moment::Left { state: details.name.clone(), at });
    }
    let text = |s: &Option<String>| s.clone().unwrap_or_default();
    let (error, cause) = match event.r#type {
        HistoryEventType::TaskFailed => {
            event.task_failed_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        HistoryEventType::TaskTimedOut => {
            event.task_timed_out_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        HistoryEventType::LambdaFunctionFailed => {
            event.lambda_function_failed_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        HistoryEventType::ActivityFailed => {
            event.activity_failed_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        HistoryEventType::EvaluationFailed => {
            event.evaluation_failed_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        HistoryEventType::MapRunFailed => {
            event.map_run_failed_event_details.as_ref().map(|d| (text(&d.error), text(&d.cause)))
        }
        _ => None,
    }?;
    Some(Moment::Trouble { what: event.r#type.as_str().to_string(), error, cause, at })
}

/// An express execution is run while one waits; it has no history to follow.
async fn run_express(aws: &Aws, machine: &str, input: &str, mut tell: impl FnMut(Moment)) -> Result<Ended> {
    let done = aws.sfn().start_sync_execution().state_machine_arn(machine).input(input).send().await;
    let done = done.map_err(Error::of("states:StartSyncExecution", machine))?;
    tell(Moment::Started { execution: done.execution_arn.clone(), at: millis(&done.start_date) });
    let status = match &done.status {
        SyncExecutionStatus::Succeeded => "SUCCEEDED",
        SyncExecutionStatus::TimedOut => "TIMED_OUT",
        _ => "FAILED",
    };
    Ok(Ended { status: status.into(), output: done.output, error: done.error, cause: done.cause })
}

fn millis(time: &aws_smithy_types::DateTime) -> i64 {
    time.to_millis().unwrap_or_default()
}
