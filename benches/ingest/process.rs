//! What this process and the machine have used so far, as the system counts it.
//! It does not say what it was used for.

/// The most resident bytes since the start or the last [`forget_peak`]; zero where /proc does not tell.
pub(crate) fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap_or(0) * 1024
}

/// Begins a new peak at what is resident now; where that is not allowed, the old one stands and is an upper bound.
pub(crate) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Seconds of processor that a process of this number has used.
pub(crate) fn cpu_seconds(process: u32) -> f64 {
    let stat = Stat::of(&process.to_string());
    stat.hundredths(USER) + stat.hundredths(SYSTEM)
}

/// The same with all its children, those that have ended included.
pub(crate) fn cpu_seconds_of_family(parent: u32) -> f64 {
    let stat = Stat::of(&parent.to_string());
    let mut sum: f64 = [USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED].into_iter().map(|at| stat.hundredths(at)).sum();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let child = Stat::of(&entry.file_name().to_string_lossy());
        if child.0.get(PARENT) == Some(&parent.to_string()) {
            sum += child.hundredths(USER) + child.hundredths(SYSTEM);
        }
    }
    sum
}

/// Fields of /proc/N/stat after the name in brackets; times are in hundredths of a second.
struct Stat(Vec<String>);

const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
const USER_OF_ENDED: usize = 13;
const SYSTEM_OF_ENDED: usize = 14;

impl Stat {
    fn of(process: &str) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        Self(stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect())
    }

    fn hundredths(&self, at: usize) -> f64 {
        self.0.get(at).and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 100.0
    }
}
