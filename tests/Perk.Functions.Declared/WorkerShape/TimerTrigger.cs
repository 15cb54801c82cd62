using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function on a schedule. Shape of <c>extensions/Worker.Extensions.Timer/src/TimerTriggerAttribute.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1 (commit 1197d60e).
/// </summary>
/// <remarks>There the class also names <c>TimerInfoConverter</c> and the function-level retry capability.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    /// <summary>Six-field NCRONTAB, or a <c>%Setting%</c> with it; <c>TimerTriggerAttribute.cs</c> as above.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>Whether occurrences are kept in storage (true unless set); <c>TimerTriggerAttribute.cs</c> as above.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether a start of the host is an occurrence; <c>TimerTriggerAttribute.cs</c> as above.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>
/// What a timer function is called with. Shape of <c>extensions/Worker.Extensions.Timer/src/TimerInfo.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1 (commit 1197d60e).
/// </summary>
public class TimerInfo
{
    /// <summary>Null where the schedule is not monitored; <c>TimerInfo.cs</c> as above.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this call makes up for a missed occurrence; <c>TimerInfo.cs</c> as above.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>
/// A monitored schedule. Shape of <c>extensions/Worker.Extensions.Timer/src/ScheduleStatus.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1 (commit 1197d60e).
/// </summary>
public class ScheduleStatus
{
    /// <summary>The last occurrence kept; <c>ScheduleStatus.cs</c> as above.</summary>
    public DateTime Last { get; set; }

    /// <summary>The next occurrence expected; <c>ScheduleStatus.cs</c> as above.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this record was last written; <c>ScheduleStatus.cs</c> as above.</summary>
    public DateTime LastUpdated { get; set; }
}
