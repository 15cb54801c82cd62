using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Jobs;

/// <summary>Sees the message of a job through: one host at a time, one end.</summary>
/// <remarks>What is thrown from here is worth another try and was noted as one; everything else is an outcome.</remarks>
/// <param name="ledger">The job records.</param>
/// <param name="logger">Told how jobs end.</param>
public sealed class JobHost(JobLedger ledger, ILogger logger)
{
    /// <summary>Takes the job, does the work, records the end.</summary>
    /// <param name="message">The job and its message.</param>
    /// <param name="done">Whether a success that is recorded holds for this message.</param>
    /// <param name="work">The work; its token is the run's.</param>
    /// <param name="isFatal">Which faults no further try can help.</param>
    /// <param name="cancel">The host stops.</param>
    /// <exception cref="OperationCanceledException">The host stops; the job was given back.</exception>
    /// <exception cref="LeaseLostException">Another host has it.</exception>
    public async Task<JobOutcome> RunAsync(
        JobMessage message, Func<Task<bool>> done, Func<JobRun, Task<JobEnd>> work, Func<Exception, bool> isFatal, CancellationToken cancel)
    {
        var start = await ledger.BeginAsync(message, done, cancel);
        switch (start.Kind)
        {
            case JobStartKind.Busy:
                JobLog.Busy(logger, message.Job);
                return new JobOutcome(JobOutcomeKind.Wait, start.Record);
            case JobStartKind.Older or JobStartKind.Ended:
                JobLog.Dropped(logger, message.Job, message.Generation, start.Record!.Status);
                return new JobOutcome(JobOutcomeKind.Dropped, start.Record);
            case JobStartKind.Exhausted:
                JobLog.Exhausted(logger, message.Job, start.Record!.Attempt);
                Instruments.JobsEnded.Add(1, Instruments.Queue(message.Queue), Instruments.Status(start.Record.Status), Instruments.Fault(FaultKind.Exhausted));
                return new JobOutcome(JobOutcomeKind.Exhausted, start.Record);
        }

        await using var run = start.Run!;
        try
        {
            return await SettleAsync(run, await WorkAsync(run, work, isFatal));
        }
        catch (OperationCanceledException) when (run.CancelRequested)
        {
            return await SettleAsync(run, new JobEnd(JobStatus.Cancelled, JobRun.Cancelled(message.Job)));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await run.GiveBackAsync($"Its host was stopped; another {JobTransitions.ByItself}", counts: false);
            throw;
        }
        catch (OperationCanceledException e) when (run.TimedOut)
        {
            return await TimedOutAsync(message, run, e);
        }
        catch (OperationCanceledException e) when (run.Lost)
        {
            Instruments.Retries.Add(1, Instruments.Queue(message.Queue), Instruments.Fault(FaultKind.LeaseLost));
            throw new LeaseLostException(message.Job, e);
        }
        catch (Exception e) when (e is not LeaseLostException)
        {
            Activity.Current?.SetStatus(ActivityStatusCode.Error, FaultKinds.Of(e).ToString());
            Instruments.Retries.Add(1, Instruments.Queue(message.Queue), Instruments.Fault(FaultKinds.Of(e)));
            await run.GiveBackAsync($"Try {run.Record.Attempt} failed. {FaultKinds.Explain(e)}", counts: true);
            throw;
        }
    }

    /// <summary>
    /// What stored a part of its work goes on with another message, and one that only waited is thrown: its message comes again as often as messages do. Of the rest an
    /// evaluation may have waited between two parts, which is worth another try; a document would take as long again.
    /// </summary>
    private async Task<JobOutcome> TimedOutAsync(JobMessage message, JobRun run, Exception cause)
    {
        var limit = $"{ledger.TimeLimit:c}";
        if (!run.WentOn && !run.Waited && message.Queue != Names.EvaluateQueue)
        {
            return await SettleAsync(run, JobEnd.Failure(
                FaultKind.TimeLimit,
                $"It took longer than a try may here, {limit}. Split the document, or let a host do it that allows more (Perk__Jobs__TimeLimit and, in Azure, functionTimeout); perk jobs replay {message.Job} tries again."));
        }

        Instruments.Retries.Add(1, Instruments.Queue(message.Queue), Instruments.Fault(FaultKind.TimeLimit));
        if (run.WentOn) return await SettleAsync(run, new JobEnd(JobStatus.Queued, $"A try may take {limit}; the next goes on where this one stopped."));
        var reason = $"It waited for other work or the model for too long of the {limit} that a try may take";
        await run.GiveBackAsync($"{reason}; another {JobTransitions.ByItself}", counts: !run.Waited);
        throw new TimeoutException(reason + ".", cause);
    }

    private static async Task<JobEnd> WorkAsync(JobRun run, Func<JobRun, Task<JobEnd>> work, Func<Exception, bool> isFatal)
    {
        try
        {
            return await work(run);
        }
        catch (Exception e) when (isFatal(e))
        {
            return JobEnd.Failure(FaultKinds.Of(e), e.Message);
        }
    }

    private async Task<JobOutcome> SettleAsync(JobRun run, JobEnd end)
    {
        if (end.Status == JobStatus.Queued)
        {
            await run.GiveBackAsync(end.Reason, counts: false);
            return new JobOutcome(run.Record.HasEnded ? JobOutcomeKind.Ended : JobOutcomeKind.Wait, run.Record);
        }

        await run.EndAsync(end.Status, end.Reason);
        var queue = Instruments.Queue(run.Record.Queue);
        Instruments.JobsEnded.Add(1, queue, Instruments.Status(end.Status), Instruments.Fault(end.Fault));
        Instruments.JobDuration.Record((run.Record.Ended - run.Record.Started)?.TotalSeconds ?? 0, queue, Instruments.Status(end.Status));
        Activity.Current?.SetTag("perk.status", end.Status.ToString());
        if (end.Fault is { } fault) Activity.Current?.SetStatus(ActivityStatusCode.Error, fault.ToString());
        JobLog.Ended(logger, run.Record.Job, end.Status, run.Record.Attempt, end.Reason ?? "");
        return new JobOutcome(JobOutcomeKind.Ended, run.Record);
    }
}

/// <summary>A job and the message that asks for it.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Job">The job id.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Body">The message's body.</param>
public sealed record JobMessage(string Queue, string Collection, string Job, int Generation, string Body);

/// <summary>What the work came to.</summary>
/// <param name="Status">How the job ends; queued where it has to wait for another.</param>
/// <param name="Reason">Where it did not succeed, why.</param>
/// <param name="Fault">The kind of fault, for counting.</param>
public sealed record JobEnd(JobStatus Status, string? Reason, FaultKind? Fault = null)
{
    /// <summary>It did what was asked.</summary>
    public static JobEnd Success { get; } = new(JobStatus.Succeeded, null);

    /// <summary>It cannot be done as asked.</summary>
    public static JobEnd Failure(FaultKind kind, string reason) => new(JobStatus.Failed, reason, kind);
}

/// <summary>What a host does with the message of a job.</summary>
/// <param name="Kind">Which of the four.</param>
/// <param name="Record">The job's record, where it is known.</param>
public sealed record JobOutcome(JobOutcomeKind Kind, JobRecord? Record);

/// <summary>What can come of the message of a job.</summary>
public enum JobOutcomeKind
{
    /// <summary>The job has ended by it: delete it.</summary>
    Ended,

    /// <summary>The job had ended before, or is of a later generation: delete it.</summary>
    Dropped,

    /// <summary>Another host works on the job, or it waits for another job: send the same message again, to be seen later, then delete it.</summary>
    Wait,

    /// <summary>The job was begun too often: keep it as a dead letter and delete it.</summary>
    Exhausted,
}
